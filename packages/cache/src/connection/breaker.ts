// Decides whether a call may try the server at all. Closed: yes. Open: no, answer at once. Half open: one call at a time
// may try, and its outcome decides. Each opening waits longer than the last, with jitter, until something succeeds.
//
// `hint` is news from outside a call (the socket is ready again, a late reply arrived): worth a probe right now.
import type { Clock } from '../time/clock.ts'

export interface BreakerOptions {
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number
  /** First wait before a probe, in milliseconds; doubles up to 10 s. Default 500. */
  readonly cooldown?: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

const LONGEST_COOLDOWN = 10_000

export class Breaker {
  state: BreakerState = 'closed'
  readonly #threshold: number
  readonly #firstCooldown: number
  readonly #clock: Clock
  readonly #changed: (state: BreakerState) => void
  #failures = 0
  #cooldown: number
  #probeAt = 0
  #probing = false

  constructor(options: BreakerOptions, clock: Clock, changed: (state: BreakerState) => void) {
    this.#threshold = options.failures ?? 5
    this.#firstCooldown = options.cooldown ?? 500
    this.#cooldown = this.#firstCooldown
    this.#clock = clock
    this.#changed = changed
  }

  /** May a call go out? Asking while half open takes the one probe. */
  admits(): boolean {
    if (this.state === 'closed') return true
    if (this.state === 'open' && this.#clock.now() >= this.#probeAt) this.#become('half-open')
    if (this.state !== 'half-open' || this.#probing) return false
    this.#probing = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#probing = false
    if (this.state === 'closed') return
    this.#cooldown = this.#firstCooldown
    this.#become('closed')
  }

  failed(): void {
    this.#failures += 1
    const probeFailed = this.state === 'half-open' && this.#probing
    this.#probing = false
    if (!probeFailed && (this.state !== 'closed' || this.#failures < this.#threshold)) return
    this.#probeAt = this.#clock.now() + this.#cooldown * (0.75 + this.#clock.random() / 2)
    this.#cooldown = Math.min(this.#cooldown * 2, LONGEST_COOLDOWN)
    this.#become('open')
  }

  hint(): void {
    if (this.state === 'open') this.#become('half-open')
  }

  #become(state: BreakerState): void {
    this.state = state
    this.#changed(state)
  }
}
