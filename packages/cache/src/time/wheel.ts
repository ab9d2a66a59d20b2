// Deadlines for very many calls with one timer. A call is filed under the tick it must end by. Its owner takes it out when
// it settles, by putting the last of the tick in its place: a call left filed would keep itself and its reply alive until
// the deadline, which is what a busy process would then spend its time on in the collector.
//
// Invariant: no entry is expired early, and at most one tick (10 ms) late plus the lag of the event loop. When the loop
// itself was blocked, the sweep is put off behind one poll phase: replies already in the socket's buffer count as in time.

const TICK_MS = 10
const SLOTS = 512
const SWEPT = -1

/** The place of what is not in the wheel. */
export const UNFILED = { due: 0, at: SWEPT } as const

/**
 * Something with a deadline. `settled` is set by its owner; `expire` runs at most once, only while not settled. It carries
 * its own place in the wheel, which saves an object per call; begin with `...UNFILED`.
 */
export interface Deadline {
  settled: boolean
  /** The tick it ends at, and where it stands among those of that tick: the wheel's to write. */
  due: number
  at: number
  expire(): void
}

export class TimerWheel {
  readonly #slots: Deadline[][] = Array.from({ length: SLOTS }, () => [])
  #filed = 0
  #tick = 0
  #startedAt = 0
  #timer: NodeJS.Timeout | undefined

  /** Call `entry.expire()` after `ms` unless it is settled or taken out by then. */
  add(entry: Deadline, ms: number): void {
    if (this.#timer === undefined) this.#start()
    // From the clock, not from the last sweep: after the loop was blocked the sweep is behind, and a call filed by it would
    // be over before it began.
    entry.due = this.#tick + Math.max(0, this.#behind()) + 1 + Math.ceil(ms / TICK_MS)
    this.#filed += 1
    this.#file(entry)
  }

  /** Does nothing when the sweep had it already. */
  remove(entry: Deadline): void {
    if (entry.at === SWEPT) return
    const slot = this.#slots[entry.due % SLOTS]!
    const last = slot.pop()!
    if (last !== entry) {
      slot[entry.at] = last
      last.at = entry.at
    }
    entry.at = SWEPT
    this.#filed -= 1
  }

  #file(entry: Deadline): void {
    entry.at = this.#slots[entry.due % SLOTS]!.push(entry) - 1
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
    for (const entry of slot) entry.at = SWEPT
    for (const entry of slot) this.#visit(entry, now)
  }

  #visit(entry: Deadline, now: number): void {
    if (!entry.settled && entry.due > now) {
      // Longer than one turn of the wheel (about 5 s): wait for the next turn.
      this.#file(entry)
      return
    }
    this.#filed -= 1
    if (entry.settled) return
    entry.settled = true
    entry.expire()
  }
}

/** The process has one wheel: an idle process must not keep a timer per connection. */
export const deadlines = new TimerWheel()
