// One command on its way: it ends exactly once, by reply, error or deadline, whichever is first. What arrives after the
// deadline is not lost information: it tells the breaker that the server lives.
//
// Retried within the deadline, with growing pauses: anything the engine refused without running (READONLY, LOADING,
// CLUSTERDOWN, … during a failover), and after a lost connection only what is safe to run twice.
import type { Argument, Command, Reply } from '../client/port.ts'
import type { Script } from '../client/script.ts'
import { failureOf, refusedUnrun } from '../client/failure.ts'
import { CacheUnavailable, EngineError } from '../errors.ts'
import { type Deadline, deadlines, type Filed } from '../time/wheel.ts'

export interface Sendable extends Command {
  /** Safe to run twice: reads always are, a SET of a fixed value is, an INCR is not. Default: `readonly`. */
  readonly idempotent?: boolean
  /** Set when the command is an EVALSHA, so NOSCRIPT can be answered with the text. */
  readonly script?: Script
}

/** What a call needs of the connection it runs on. */
export interface CallOwner {
  transmit(command: Command): Promise<Reply>
  answered(call: Call): void
  failed(call: Call, error: CacheUnavailable): void
  expired(call: Call): void
  retrying(call: Call, error: Error): void
}

const FIRST_PAUSE_MS = 8

export class Call implements Deadline {
  settled = false
  command: Sendable
  readonly ms: number
  readonly #owner: CallOwner
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (error: Error) => void
  readonly #filed: Filed
  #pause = FIRST_PAUSE_MS
  #lastError: Error | undefined

  constructor(
    owner: CallOwner,
    command: Sendable,
    ms: number,
    settle: { resolve(reply: Reply): void; reject(error: Error): void },
  ) {
    this.#owner = owner
    this.command = command
    this.ms = ms
    this.#resolve = settle.resolve
    this.#reject = settle.reject
    this.#filed = deadlines.add(this, ms)
  }

  start(): void {
    let sent: Promise<Reply>
    try {
      sent = this.#owner.transmit(this.command)
    } catch (error) {
      this.#onError(error)
      return
    }
    sent.then(this.#onReply, this.#onError)
  }

  readonly #onReply = (reply: Reply): void => {
    this.#owner.answered(this)
    if (this.settled) return
    this.#end()
    this.#resolve(reply)
  }

  readonly #onError = (cause: unknown): void => {
    const error = failureOf(cause)
    if (error instanceof EngineError) this.#owner.answered(this)
    else this.#owner.failed(this, error)
    if (this.settled) return
    this.#lastError = error
    if (error instanceof EngineError && error.code === 'NOSCRIPT' && this.command.script)
      this.#sendText(this.command.script)
    else if (this.#mayRetry(error)) this.#retry(error)
    else this.#fail(error)
  }

  #sendText(script: Script): void {
    const { args, key } = this.command
    const evaluated: Argument[] = ['EVAL', script.source, ...args.slice(2)]
    this.command = key === undefined ? { args: evaluated } : { args: evaluated, key }
    this.start()
  }

  #mayRetry(error: Error): boolean {
    if (refusedUnrun(error)) return true
    const { idempotent, readonly } = this.command
    return error instanceof CacheUnavailable && error.code === 'DISCONNECTED' && (idempotent ?? readonly ?? false)
  }

  #retry(error: Error): void {
    this.#owner.retrying(this, error)
    const pause = this.#pause * (0.5 + Math.random())
    this.#pause *= 2
    setTimeout(() => {
      if (!this.settled) this.start()
    }, pause)
  }

  #fail(error: Error): void {
    this.#end()
    rejectLater(this.#reject, error)
  }

  #end(): void {
    this.settled = true
    deadlines.remove(this.#filed)
  }

  expire(): void {
    this.#owner.expired(this)
    const what = String(this.command.args[0])
    this.#reject(
      new CacheUnavailable('DEADLINE', `${what} was not answered within ${this.ms} ms`, { cause: this.#lastError }),
    )
  }
}

/**
 * Rejects in a later turn of the event loop. A caller that loops over calls refused at once would otherwise never leave
 * the microtasks, and the timers and sockets that could end the outage would never run.
 */
export function rejectLater(reject: (error: Error) => void, error: Error): void {
  setImmediate(() => reject(error))
}
