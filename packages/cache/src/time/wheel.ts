// Deadlines for very many calls with one timer. A call is filed under the tick it must end by. Its owner takes it out when
// it settles, by putting the last of the tick in its place: a call left filed would keep itself and its reply alive until
// the deadline, which is what a busy process would then spend its time on in the collector.
//
// Invariant: no entry is expired early, and at most one tick (10 ms) late plus the lag of the event loop. When the loop
// itself was blocked, the sweep is put off behind one poll phase: replies already in the socket's buffer count as in time.

const TICK_MS = 10
const SLOTS = 512
const SWEPT = -1

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

  /** Call `entry.expire()` after `ms` unless it is settled, or taken out with what this answers, by then. */
  add(entry: Deadline, ms: number): Filed {
    if (this.#timer === undefined) this.#start()
    // From the clock, not from the last sweep: after the loop was blocked the sweep is behind, and a call filed by it would
    // be over before it began.
    const due = this.#tick + Math.max(0, this.#behind()) + 1 + Math.ceil(ms / TICK_MS)
    const filed: Filed = { entry, due, at: SWEPT }
    this.#filed += 1
    this.#file(filed)
    return filed
  }

  /** Does nothing when the sweep had it already. */
  remove(filed: Filed): void {
    if (filed.at === SWEPT) return
    const slot = this.#slots[filed.due % SLOTS]!
    const last = slot.pop()!
    if (last !== filed) {
      slot[filed.at] = last
      last.at = filed.at
    }
    filed.at = SWEPT
    this.#filed -= 1
  }

  #file(filed: Filed): void {
    filed.at = this.#slots[filed.due % SLOTS]!.push(filed) - 1
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
    // Before any of them is visited: an entry that expires may settle others, whose places are gone.
    for (const filed of slot) filed.at = SWEPT
    for (const filed of slot) this.#visit(filed, now)
  }

  #visit(filed: Filed, now: number): void {
    if (!filed.entry.settled && filed.due > now) {
      // Longer than one turn of the wheel (about 5 s): wait for the next turn.
      this.#file(filed)
      return
    }
    this.#filed -= 1
    if (filed.entry.settled) return
    filed.entry.settled = true
    filed.entry.expire()
  }
}

/** A deadline in its place. */
export interface Filed {
  readonly entry: Deadline
  readonly due: number
  at: number
}

/** The process has one wheel: an idle process must not keep a timer per connection. */
export const deadlines = new TimerWheel()
