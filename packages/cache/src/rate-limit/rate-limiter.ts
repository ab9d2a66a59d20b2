// Rate limiters. The answer is a result, not an exception: being limited is not an error. When the server is away the
// answer is the one chosen by `whenUnavailable`, within the deadline, marked `degraded`.
//
// How many more than `limit` may pass: none with any of them within their own definition of a window. Any interval as
// long as the window can see: fixedWindow up to 2 × limit (across a boundary); slidingWindow a little over limit when
// calls were uneven; tokenBucket and gcra limit + burst; slidingLog exactly limit. A failover that loses the last
// writes forgets the calls they counted.
import { randomBytes } from 'node:crypto'
import type { Script } from '../client/script.ts'
import type { Connection } from '../connection/connection.ts'
import { InvalidOption } from '../errors.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { FIXED_WINDOW, GCRA, SLIDING_LOG, SLIDING_WINDOW, TOKEN_BUCKET } from './scripts.ts'

export interface Limit {
  /** Calls allowed per window. */
  readonly limit: number
  readonly window: Duration
  /** tokenBucket and gcra: how many may come at once. Default `limit`. */
  readonly burst?: number
}

export interface RateLimiterOptions extends Limit {
  /** Part of every key; two limiters of one name share their counts. */
  readonly name: string
  readonly algorithm: 'fixedWindow' | 'slidingLog' | 'slidingWindow' | 'tokenBucket' | 'gcra'
  /** What to answer when the server is away. `'allow'` keeps the service up, `'deny'` keeps the limit. Required: both hurt. */
  readonly whenUnavailable: 'allow' | 'deny'
  /** Remember here who is limited until when, and refuse them without asking. Default true. */
  readonly rememberRefused?: boolean
}

export interface RateLimit {
  readonly allowed: boolean
  readonly limit: number
  /** Calls left at this moment. */
  readonly remaining: number
  /** Milliseconds until the whole limit is free again. */
  readonly resetIn: number
  /** Milliseconds until this call would be allowed; 0 when it was, Infinity when its cost exceeds the limit. */
  readonly retryIn: number
  /** The server was away: this is the answer of `whenUnavailable`. */
  readonly degraded: boolean
}

const SCRIPTS: Record<RateLimiterOptions['algorithm'], Script> = {
  fixedWindow: FIXED_WINDOW,
  slidingLog: SLIDING_LOG,
  slidingWindow: SLIDING_WINDOW,
  tokenBucket: TOKEN_BUCKET,
  gcra: GCRA,
}

/** Bound of the local memory of refusals. */
const REMEMBERED = 10_000

export class RateLimiter {
  readonly limit: number
  readonly window: number
  readonly #connection: Connection
  readonly #options: RateLimiterOptions
  readonly #script: Script
  readonly #prefix: string
  readonly #fixed: readonly string[]
  readonly #refusedUntil = new Map<string, number>()
  #count = 0
  readonly #process = randomBytes(6).toString('base64url')

  constructor(connection: Connection, options: RateLimiterOptions) {
    this.window = milliseconds(options.window, 'window')
    if (!(options.limit >= 1) || this.window < 1)
      throw new InvalidOption('a limit is at least 1, in a window of at least 1 ms')
    this.limit = options.limit
    this.#connection = connection
    this.#options = options
    this.#script = SCRIPTS[options.algorithm]
    this.#prefix = `{limit:${options.name}:`
    if (/[{}]/.test(options.name)) throw new InvalidOption(`name: ${options.name} has a brace`)
    this.#fixed = [String(options.limit), String(this.window)]
  }

  /** Count a call of this subject (a user, an address, a key) if it is allowed. Never rejects because the server is away. */
  async consume(subject: string, cost = 1): Promise<RateLimit> {
    if (!(cost >= 0) || !Number.isInteger(cost)) throw new InvalidOption(`cost: ${cost} is not a whole number`)
    const until = cost === 0 ? undefined : this.#refusedUntil.get(subject)
    if (until !== undefined) {
      const left = until - performance.now()
      if (left > 0)
        return {
          allowed: false,
          limit: this.limit,
          remaining: 0,
          resetIn: Math.ceil(left),
          retryIn: Math.ceil(left),
          degraded: false,
        }
      this.#refusedUntil.delete(subject)
    }
    try {
      const args = [cost === 1 ? '1' : String(cost), ...this.#fixed, this.#last()]
      const reply = await this.#connection.run(this.#script, { keys: this.#keys(subject), args })
      return this.#result(subject, cost, reply as readonly number[])
    } catch (error) {
      return this.#degraded(error)
    }
  }

  /** The state without counting a call. */
  peek(subject: string): Promise<RateLimit> {
    return this.consume(subject, 0)
  }

  /** Refuse everything of this subject for a while: for those who were caught. Rejects when the server is away. */
  async block(subject: string, duration: Duration): Promise<void> {
    const [, block] = this.#keys(subject)
    const px = String(milliseconds(duration, 'duration'))
    await this.#connection.send({ args: ['SET', block, '1', 'PX', px], key: block, idempotent: true })
  }

  /** Forget what was counted, and any block. Rejects when the server is away. */
  async reset(subject: string): Promise<void> {
    const keys = this.#keys(subject)
    this.#refusedUntil.delete(subject)
    await this.#connection.send({ args: ['UNLINK', ...keys], key: keys[0], idempotent: true })
  }

  /** Both in the slot of the subject's braces. */
  #keys(subject: string): readonly [state: string, block: string] {
    const name = subject.includes('}') || subject.includes('{') ? encodeURIComponent(subject) : subject
    const state = `${this.#prefix}${name}}`
    return [state, `${state}:block`]
  }

  /** The fourth argument: the burst, or for the log a name no other call has. */
  #last(): string {
    if (this.#options.algorithm === 'slidingLog') return `${this.#process}${(this.#count++).toString(36)}`
    return String(this.#options.burst ?? this.limit)
  }

  #result(subject: string, cost: number, [allowed, remaining, resetIn, retryIn]: readonly number[]): RateLimit {
    const refused = allowed !== 1
    // Only for the usual cost: a cheaper call might pass where a dear one was refused.
    if (refused && cost === 1 && retryIn! > 0 && this.#options.rememberRefused !== false)
      this.#remember(subject, retryIn!)
    return {
      allowed: !refused,
      limit: this.limit,
      remaining: remaining!,
      resetIn: resetIn!,
      retryIn: retryIn! < 0 ? Number.POSITIVE_INFINITY : retryIn!,
      degraded: false,
    }
  }

  #remember(subject: string, ms: number): void {
    if (this.#refusedUntil.size >= REMEMBERED) {
      const [oldest] = this.#refusedUntil.keys()
      this.#refusedUntil.delete(oldest!)
    }
    // A millisecond early: the next call then asks the server, which is the one who knows.
    this.#refusedUntil.set(subject, performance.now() + ms - 1)
  }

  #degraded(error: unknown): RateLimit {
    const allowed = this.#options.whenUnavailable === 'allow'
    this.#connection.emit({ type: 'error', error: error instanceof Error ? error : new Error(String(error)) })
    return {
      allowed,
      limit: this.limit,
      remaining: allowed ? this.limit : 0,
      resetIn: this.window,
      retryIn: allowed ? 0 : this.window,
      degraded: true,
    }
  }
}
