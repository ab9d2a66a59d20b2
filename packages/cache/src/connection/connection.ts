// A client with bounds: every call ends within its deadline, a server that is away is not asked again and again, and
// what waits for it is limited. All patterns stand on this; none of them talks to a client directly.
//
// Invariants: a promise returned here always settles; `#waiting` counts commands the client still holds, answered or
// abandoned, and never exceeds `maxWaiting`, so a frozen server cannot fill the memory.
import { CacheUnavailable } from '../errors.ts'
import type {
  Argument,
  Client,
  ClientEvent,
  ClientNode,
  Command,
  Reply,
  SubscribeOptions,
  Unsubscribe,
} from '../client/port.ts'
import type { Script } from '../client/script.ts'
import { failureOf } from '../client/failure.ts'
import { Listeners } from '../client/listeners.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { type Deadline, deadlines, UNFILED } from '../time/wheel.ts'
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.ts'
import { type Asker, Call, type CallOwner, evaluation, failLater, type Sendable } from './call.ts'
import type { ConnectionEvent } from './events.ts'

export interface BoundOptions {
  /** How long a read may take. Default 100 ms. */
  readonly readDeadline?: Duration
  /** How long anything else may take. Default 250 ms. */
  readonly writeDeadline?: Duration
  readonly breaker?: BreakerOptions
  /** Commands the client may hold unanswered; more are refused with OVERLOADED. Default 20,000. */
  readonly maxWaiting?: number
  readonly onEvent?: (event: ConnectionEvent) => void
  readonly clock?: Clock
}

export interface RunOptions {
  readonly keys: readonly string[]
  readonly args?: readonly Argument[]
  readonly idempotent?: boolean
  readonly deadline?: number
}

const RESET_EVERY_MS = 1000
const SUBSCRIBE_MS = 5000

/** Bounds on a client of the application: `bind(fromIoredis(redis))`. Closing the connection closes the client. */
export function bind(client: Client, options: BoundOptions = {}): Connection {
  return new Connection(client, options)
}

export class Connection implements CallOwner {
  readonly client: Client
  readonly readDeadline: number
  readonly writeDeadline: number
  readonly #breaker: Breaker
  readonly #maxWaiting: number
  readonly #clock: Clock
  readonly #events = new Listeners<ConnectionEvent>()
  #waiting = 0
  #closed = false
  #resetAt = 0
  /** Counts replies; whoever wants to know whether the server lives compares two readings. */
  replies = 0

  constructor(client: Client, options: BoundOptions) {
    this.client = client
    this.readDeadline = milliseconds(options.readDeadline ?? 100, 'readDeadline')
    this.writeDeadline = milliseconds(options.writeDeadline ?? 250, 'writeDeadline')
    this.#maxWaiting = options.maxWaiting ?? 20_000
    this.#clock = options.clock ?? systemClock
    this.#breaker = new Breaker(options.breaker ?? {}, this.#clock, state =>
      this.#events.emit({ type: 'breaker', state }),
    )
    if (options.onEvent) this.#events.add(options.onEvent)
    client.onEvent(event => this.#clientEvent(event))
  }

  get breaker(): BreakerState {
    return this.#breaker.state
  }

  get waiting(): number {
    return this.#waiting
  }

  /** One command. Rejects with EngineError, or CacheUnavailable within `deadline`. */
  send(command: Sendable, deadline = command.readonly ? this.readDeadline : this.writeDeadline): Promise<Reply> {
    return new Promise((resolve, reject) => this.ask(command, { onReply: resolve, onFailure: reject }, deadline))
  }

  /** The same for one who is called back, in place of a promise. */
  ask(command: Sendable, asker: Asker, deadline = command.readonly ? this.readDeadline : this.writeDeadline): void {
    const refusal = this.#refusal()
    if (refusal) failLater(asker, refusal)
    else new Call(this, command, deadline, asker).start()
  }

  /** Commands written together. An error is an element; the promise rejects only when the server is away. */
  pipeline(commands: readonly Command[], deadline = this.writeDeadline): Promise<readonly (Reply | Error)[]> {
    if (commands.length === 0) return Promise.resolve([])
    return this.#bounded(() => this.client.pipeline(commands), deadline)
  }

  /** A script by its hash; the first key decides the shard, so all keys must be siblings of it. */
  run(script: Script, { keys, args = [], idempotent = false, deadline }: RunOptions): Promise<Reply> {
    return this.send(evaluation(script, keys, args, idempotent), deadline ?? this.writeDeadline)
  }

  subscribe(options: SubscribeOptions): Promise<Unsubscribe> {
    return this.#bounded(() => this.client.subscribe(options), SUBSCRIBE_MS)
  }

  /** Every primary, each command bounded like any other. */
  async primaries(): Promise<readonly ClientNode[]> {
    const nodes = await this.#bounded(() => this.client.primaries(), this.writeDeadline)
    return nodes.map(node => ({ id: node.id, send: args => this.#bounded(() => node.send(args), this.writeDeadline) }))
  }

  /** A connection of its own for commands that block; undefined when the client cannot make one. */
  async dedicated(): Promise<Connection | undefined> {
    if (!this.client.duplicate) return undefined
    const client = await this.#bounded(() => this.client.duplicate!(), SUBSCRIBE_MS)
    return new Connection(client, {
      readDeadline: this.readDeadline,
      writeDeadline: this.writeDeadline,
      clock: this.#clock,
    })
  }

  onEvent(listener: (event: ConnectionEvent) => void): () => void {
    return this.#events.add(listener)
  }

  emit(event: ConnectionEvent): void {
    this.#events.emit(event)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.client.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  transmit(command: Command): Promise<Reply> {
    this.#waiting += 1
    return this.client.send(command)
  }

  answered(call: Call): void {
    this.#waiting -= 1
    this.replies += 1
    // A reply after its deadline proves the server lives, but not that it answers in time: that takes a probe.
    if (call.settled) this.#breaker.hint()
    else this.#breaker.succeeded()
  }

  failed(call: Call, _error: CacheUnavailable): void {
    this.#waiting -= 1
    if (!call.settled) this.#breaker.failed()
  }

  expired(call: Call): void {
    this.#breaker.failed()
    this.#events.emit({ type: 'deadline', command: String(call.command.args[0]), ms: call.ms })
  }

  retrying(call: Call, error: Error): void {
    this.#events.emit({ type: 'retry', command: String(call.command.args[0]), error })
    if ('code' in error && error.code === 'READONLY') this.#resetSockets()
  }

  /** The name of the primary may point elsewhere by now, but an open socket stays with the demoted server. */
  #resetSockets(): void {
    const now = this.#clock.now()
    if (now - this.#resetAt < RESET_EVERY_MS) return
    this.#resetAt = now
    this.client.reset?.().catch((error: Error) => this.#events.emit({ type: 'error', error }))
  }

  #refusal(): CacheUnavailable | undefined {
    if (this.#closed) return new CacheUnavailable('CLOSED', 'the connection is closed')
    if (this.#waiting >= this.#maxWaiting) {
      return new CacheUnavailable('OVERLOADED', `${this.#waiting} commands are waiting for the server`)
    }
    if (this.#breaker.admits()) return undefined
    return new CacheUnavailable('BREAKER_OPEN', 'the server is away; not asking it again yet')
  }

  #bounded<T>(start: () => Promise<T>, ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal()
      if (refusal) {
        failLater({ onFailure: reject }, refusal)
        return
      }
      const limit: Deadline = {
        ...UNFILED,
        settled: false,
        expire: () => {
          this.#breaker.failed()
          reject(new CacheUnavailable('DEADLINE', `no answer within ${ms} ms`))
        },
      }
      deadlines.add(limit, ms)
      this.#waiting += 1
      const settle = (finish: () => void) => {
        this.#waiting -= 1
        if (limit.settled) this.#breaker.hint()
        else finish()
        limit.settled = true
        deadlines.remove(limit)
      }
      start().then(
        value =>
          settle(() => {
            this.replies += 1
            this.#breaker.succeeded()
            resolve(value)
          }),
        (cause: unknown) => settle(() => this.#boundedFailure(failureOf(cause), reject)),
      )
    })
  }

  #boundedFailure(error: Error, reject: (error: Error) => void): void {
    if (error instanceof CacheUnavailable) this.#breaker.failed()
    else this.#breaker.succeeded()
    failLater({ onFailure: reject }, error)
  }

  #clientEvent(event: ClientEvent): void {
    if (event.type === 'ready') this.#breaker.hint()
    this.#events.emit(event)
  }
}
