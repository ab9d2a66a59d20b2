// One command on its way: it ends exactly once, by reply, error or deadline, whichever is first. What arrives after the
// deadline is not lost information: it tells the breaker that the server lives.
//
// Retried within the deadline, with growing pauses: anything the engine refused without running (READONLY, LOADING,
// CLUSTERDOWN, … during a failover), and after a lost connection only what is safe to run twice.
import type { Argument, Command, Reply } from '../client/port.ts'
import type { Script } from '../client/script.ts'
import { failureOf, refusedUnrun } from '../client/failure.ts'
import { CacheUnavailable, EngineError } from '../errors.ts'
import { type Deadline, deadlines, UNFILED } from '../time/wheel.ts'

export interface Sendable extends Command {
  /** Safe to run twice: reads always are, a SET of a fixed value is, an INCR is not. Default: `readonly`. */
  readonly idempotent?: boolean
  /** Set when the command is an EVALSHA, so NOSCRIPT can be answered with the text. */
  readonly script?: Script
}

/** The command that runs a script. */
export function evaluation(
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
  idempotent: boolean,
): Sendable {
  const sent = ['EVALSHA', script.sha, String(keys.length), ...keys, ...args]
  const [key] = keys
  return key === undefined ? { args: sent, script, idempotent } : { args: sent, key, script, idempotent }
}

/** Who asked: told once, of one or the other. Callbacks, so that the paths that must be short make no promise. */
export interface Asker {
  onReply(reply: Reply): void
  /** EngineError or CacheUnavailable. */
  onFailure(error: Error): void
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
  due: number = UNFILED.due
  at: number = UNFILED.at
  command: Sendable
  readonly ms: number
  readonly #owner: CallOwner
  readonly #asker: Asker
  #pause = FIRST_PAUSE_MS
  #lastError: Error | undefined

  constructor(owner: CallOwner, command: Sendable, ms: number, asker: Asker) {
    this.#owner = owner
    this.command = command
    this.ms = ms
    this.#asker = asker
    deadlines.add(this, ms)
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
    answer(this.#asker, reply)
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
    failLater(this.#asker, error)
  }

  #end(): void {
    this.settled = true
    deadlines.remove(this)
  }

  expire(): void {
    this.#owner.expired(this)
    const what = String(this.command.args[0])
    this.#asker.onFailure(
      new CacheUnavailable('DEADLINE', `${what} was not answered within ${this.ms} ms`, { cause: this.#lastError }),
    )
  }
}

/**
 * Fails in a later turn of the event loop. A caller that loops over calls refused at once would otherwise never leave
 * the microtasks, and the timers and sockets that could end the outage would never run.
 */
export function failLater(asker: Pick<Asker, 'onFailure'>, error: Error): void {
  setImmediate(() => asker.onFailure(error))
}

/** An answer nobody can read is a failure of the call, not of the process. */
export function answer(asker: Asker, reply: Reply): void {
  try {
    asker.onReply(reply)
  } catch (error) {
    asker.onFailure(error as Error)
  }
}
