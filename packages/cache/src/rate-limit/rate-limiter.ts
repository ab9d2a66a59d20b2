// Rate limiters. The answer is a result, not an exception: being limited is not an error. When the server is away the
// answer is the one chosen by `whenUnavailable`, within the deadline, marked `degraded`.
//
// How many more than `limit` may pass: none with any of them within their own definition of a window. Any interval as
// long as the window can see: fixedWindow up to 2 × limit (across a boundary); slidingWindow a little over limit when
// calls were uneven; tokenBucket and gcra limit + burst; slidingLog exactly limit. A failover that loses the last
// writes forgets the calls they counted.
import { randomBytes } from 'node:crypto'
import type { Connection } from '../connection/connection.ts'
import { type BatchedScript, ScriptBatch } from '../connection/script-batch.ts'
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

const SCRIPTS: Record<RateLimiterOptions['algorithm'], BatchedScript> = {
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
  readonly #batch: ScriptBatch
  readonly #prefix: string
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
    this.#prefix = `{limit:${options.name}:`
    if (/[{}]/.test(options.name)) throw new InvalidOption(`name: ${options.name} has a brace`)
    const shared = [options.limit, this.window, options.burst ?? options.limit].map(String)
    this.#batch = new ScriptBatch(connection, { script: SCRIPTS[options.algorithm], shared })
  }

  /** Count a call of this subject (a user, an address, a key) if it is allowed. Never rejects because the server is away. */
  async consume(subject: string, cost = 1): Promise<RateLimit> {
    if (!(cost >= 0) || !Number.isInteger(cost)) throw new InvalidOption(`cost: ${cost} is not a whole number`)
    return this.#remembered(subject, cost) ?? this.#ask(subject, cost)
  }

  #remembered(subject: string, cost: number): RateLimit | undefined {
    const until = cost === 0 ? undefined : this.#refusedUntil.get(subject)
    if (until === undefined) return undefined
    const left = Math.ceil(until - performance.now())
    if (left > 0) {
      return { allowed: false, limit: this.limit, remaining: 0, resetIn: left, retryIn: left, degraded: false }
    }
    this.#refusedUntil.delete(subject)
    return undefined
  }

  #ask(subject: string, cost: number): Promise<RateLimit> {
    return new Promise(resolve => {
      this.#batch.run({
        keys: this.#keys(subject),
        args: this.#own(cost),
        onReply: reply => resolve(this.#result(subject, cost, reply as readonly number[])),
        onFailure: error => resolve(this.#degraded(error)),
      })
    })
  }

  /** The state without counting a call. */
  peek(subject: string): Promise<RateLimit> {
    return this.consume(subject, 0)
  }

  /**
   * Count against this subject what it did elsewhere (a failed login, an answer that was dear), also beyond the limit: it
   * is refused for longer then. Rejects when the server is away.
   */
  penalize(subject: string, cost = 1): Promise<void> {
    if (!(cost >= 1) || !Number.isInteger(cost)) throw new InvalidOption(`cost: ${cost} is not a whole number from 1`)
    return new Promise((resolve, reject) => {
      const args = this.#own(-cost)
      this.#batch.run({ keys: this.#keys(subject), args, onReply: () => resolve(), onFailure: reject })
    })
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

  /** The cost, and for the log a name no other call has. */
  #own(cost: number): readonly string[] {
    const amount = cost === 1 ? '1' : String(cost)
    if (this.#options.algorithm !== 'slidingLog') return [amount]
    return [amount, `${this.#process}${(this.#count++).toString(36)}`]
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

  #degraded(error: Error): RateLimit {
    const allowed = this.#options.whenUnavailable === 'allow'
    this.#connection.emit({ type: 'error', error })
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
