// What is asked in one tick, so that it can travel together. It leaves when the microtasks of the tick have run: callers
// woken by one reply travel together again. What comes alone pays nothing for that: while askers come one at a time, and
// nothing is on its way, each leaves at once.
import type { Connection } from './connection.ts'

export interface Departure<Item> {
  one(item: Item): void
  /** At least two, in the order they came. */
  many(items: readonly Item[]): void
}

/** `then` on it is a microtask, for a fraction of what queueMicrotask costs. */
const settled = Promise.resolve()

export class Gather<Item> {
  readonly #connection: Connection
  readonly #departure: Departure<Item>
  #items: Item[] = []
  /** Whether the last to leave was alone. */
  #alone = false

  constructor(connection: Connection, departure: Departure<Item>) {
    this.#connection = connection
    this.#departure = departure
  }

  add(item: Item): void {
    if (this.#alone && this.#connection.waiting === 0) this.#departure.one(item)
    else if (this.#items.push(item) === 1) void settled.then(this.#afterMicrotasks)
  }

  readonly #afterMicrotasks = (): void => process.nextTick(this.#leave)

  readonly #leave = (): void => {
    const items = this.#items
    this.#items = []
    this.#alone = items.length === 1
    if (this.#alone) this.#departure.one(items[0]!)
    else this.#departure.many(items)
  }
}
