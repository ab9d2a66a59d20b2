// Deadlines for very many calls with one timer. A call is filed under the tick it must end by; settling a call only
// marks it, the sweep of its tick forgets it. So adding costs an array push and nothing is ever removed from the middle.
//
// Invariant: no entry is expired early, and at most one tick (10 ms) late plus the lag of the event loop. When the loop
// itself was blocked, the sweep is put off behind one poll phase: replies already in the socket's buffer count as in time.

const TICK_MS = 10
const SLOTS = 512

/** Something with a deadline. `settled` is set by its owner; `expire` runs at most once, only while not settled. */
export interface Deadline {
  settled: boolean
  expire(): void
}

export class TimerWheel {
  readonly #slots: Filed[][] = Array.from({ length: SLOTS }, () => [])
  #filed = 0
  #tick = 0
  #startedAt = 0
  #timer: NodeJS.Timeout | undefined

  /** Call `entry.expire()` after `ms` unless it is settled by then. */
  add(entry: Deadline, ms: number): void {
    if (this.#timer === undefined) this.#start()
    // From the clock, not from the last sweep: after the loop was blocked the sweep is behind, and a call filed by it would
    // be over before it began.
    const due = this.#tick + Math.max(0, this.#behind()) + 1 + Math.ceil(ms / TICK_MS)
    this.#filed += 1
    this.#slots[due % SLOTS]!.push({ entry, due })
  }

  #start(): void {
    this.#startedAt = performance.now() - this.#tick * TICK_MS
    this.#timer = setInterval(() => this.#turn(), TICK_MS)
  }

  #turn(): void {
    const lateTicks = this.#behind()
    // A loop that was blocked has replies waiting in the poll phase, which comes before setImmediate.
    const target = this.#tick + lateTicks
    if (lateTicks > 3) setImmediate(() => this.#sweepTo(target))
    else this.#sweepTo(target)
  }

  #behind(): number {
    return Math.floor((performance.now() - this.#startedAt) / TICK_MS) - this.#tick
  }

  #sweepTo(tick: number): void {
    const last = Math.min(tick, this.#tick + SLOTS)
    const now = Math.max(this.#tick, tick)
    while (this.#tick < last) this.#sweep(++this.#tick, now)
    this.#tick = now
    if (this.#filed === 0 && this.#timer !== undefined) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #sweep(tick: number, now: number): void {
    const slot = this.#slots[tick % SLOTS]!
    if (slot.length === 0) return
    this.#slots[tick % SLOTS] = []
    for (const filed of slot) this.#visit(filed, now)
  }

  #visit(filed: Filed, now: number): void {
    if (!filed.entry.settled && filed.due > now) {
      // Longer than one turn of the wheel (about 5 s): wait for the next turn.
      this.#slots[filed.due % SLOTS]!.push(filed)
      return
    }
    this.#filed -= 1
    if (filed.entry.settled) return
    filed.entry.settled = true
    filed.entry.expire()
  }
}

interface Filed {
  readonly entry: Deadline
  readonly due: number
}

/** The process has one wheel: an idle process must not keep a timer per connection. */
export const deadlines = new TimerWheel()
