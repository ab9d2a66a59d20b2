// A lock that is held: extended while the work goes on, and given up. Its signal aborts when it is lost, or when it can no
// longer be known to be ours: a little before it would end on the server, counted from before it was asked for.
import { LockLost } from './errors.ts'
import type { LockStore } from './store.ts'

export interface HeldOptions {
  /** As the application calls it. */
  readonly key: string
  /** As the server knows it. */
  readonly name: string
  readonly token: string
  readonly ttl: number
  readonly fence: number | undefined
  /** `performance.now()` before it was acquired: on the server it cannot end earlier than this plus ttl. */
  readonly since: number
  readonly autoExtend: boolean
}

/** Share of the ttl kept as distance from its end. */
const SAFETY = 0.1

export class Lock {
  readonly key: string
  readonly token: string
  /** Greater than that of every earlier holder. Send it along, and let whatever you write to refuse a lesser one. */
  readonly fence: number | undefined
  readonly #store: LockStore
  readonly #name: string
  /** Made when somebody looks: most locks are released before anybody asks. */
  #abort: AbortController | undefined
  #lost: LockLost | undefined
  readonly #ttl: number
  #endsAt: number
  #timer: NodeJS.Timeout | undefined
  #released = false

  constructor(store: LockStore, options: HeldOptions) {
    this.#store = store
    this.key = options.key
    this.#name = options.name
    this.token = options.token
    this.fence = options.fence
    this.#ttl = options.ttl
    this.#endsAt = options.since + options.ttl * (1 - SAFETY)
    this.#schedule(options.autoExtend)
  }

  /** Aborts with LockLost as reason. Hand it to everything that must not go on without the lock. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#lost) this.#abort.abort(this.#lost)
    }
    return this.#abort.signal
  }

  get lost(): boolean {
    return this.#lost !== undefined
  }

  get held(): boolean {
    return !this.#released && !this.#lost && performance.now() < this.#endsAt
  }

  /** Hold it for another ttl. Throws LockLost. */
  async extend(): Promise<void> {
    const asked = performance.now()
    const ours = await this.#store.extend(this.#name, this.token, this.#ttl)
    if (!ours) this.#lose()
    if (this.#lost) throw this.#lost
    this.#endsAt = asked + this.#ttl * (1 - SAFETY)
  }

  /** Give it up and wake who waits. False when it was not ours any more. */
  async release(): Promise<boolean> {
    if (this.#released) return false
    this.#released = true
    clearTimeout(this.#timer)
    return this.#store.release(this.#name, this.token)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  #schedule(autoExtend: boolean): void {
    const left = this.#endsAt - performance.now()
    const pause = autoExtend ? Math.min(this.#ttl / 3, Math.max(left, 0)) : left
    this.#timer = setTimeout(() => void this.#wake(autoExtend), Math.max(1, pause))
    this.#timer.unref()
  }

  async #wake(autoExtend: boolean): Promise<void> {
    if (this.#released || this.#lost) return
    if (performance.now() >= this.#endsAt) {
      this.#lose()
      return
    }
    // A server that is away for a moment is asked again until the lock has certainly ended.
    const cause = autoExtend ? await this.extend().catch((error: Error) => error) : undefined
    if (this.#released || this.#lost) return
    if (performance.now() >= this.#endsAt) this.#lose(cause ?? undefined)
    else this.#schedule(autoExtend)
  }

  #lose(cause?: Error): void {
    clearTimeout(this.#timer)
    if (this.#lost) return
    this.#lost = new LockLost(this.key, cause ? { cause } : undefined)
    this.#abort?.abort(this.#lost)
  }
}
