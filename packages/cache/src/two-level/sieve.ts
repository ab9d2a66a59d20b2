// Names to entries, at most so many of them. Which one goes when there is no room is decided by SIEVE: a hit only marks
// its entry, and a hand that walks from the oldest to the newest evicts the first unmarked one, taking the marks away as
// it passes. A hit moves nothing, which makes it cheaper than LRU, and keys read once do not push out those read often.
// Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is Simpler than LRU, NSDI 2024.

/** What an entry carries so that it can stand in the queue. */
export interface Queued<Entry> {
  readonly name: string
  marked: boolean
  newer: Entry | undefined
  older: Entry | undefined
}

export class Sieve<Entry extends Queued<Entry>> {
  readonly #max: number
  readonly #gone: (entry: Entry) => void
  readonly #entries = new Map<string, Entry>()
  #newest: Entry | undefined
  #oldest: Entry | undefined
  #hand: Entry | undefined

  /** `gone` hears of every entry that leaves, for whatever reason but `clear`. */
  constructor(max: number, gone: (entry: Entry) => void) {
    this.#max = max
    this.#gone = gone
  }

  get size(): number {
    return this.#entries.size
  }

  get(name: string): Entry | undefined {
    const entry = this.#entries.get(name)
    if (entry !== undefined) entry.marked = true
    return entry
  }

  /** The entry is new here: its links are this class's to set. */
  set(entry: Entry): void {
    this.delete(entry.name)
    if (this.#entries.size >= this.#max) this.#evict()
    this.#entries.set(entry.name, entry)
    entry.older = this.#newest
    if (this.#newest !== undefined) this.#newest.newer = entry
    this.#newest = entry
    this.#oldest ??= entry
  }

  delete(name: string): void {
    const entry = this.#entries.get(name)
    if (entry !== undefined) this.#remove(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#newest = undefined
    this.#oldest = undefined
    this.#hand = undefined
  }

  #evict(): void {
    let entry = this.#hand ?? this.#oldest
    while (entry?.marked) {
      entry.marked = false
      entry = entry.newer ?? this.#oldest
    }
    if (entry === undefined) return
    this.#hand = entry.newer
    this.#remove(entry)
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.name)
    const { newer, older } = entry
    if (newer !== undefined) newer.older = older
    else this.#newest = older
    if (older !== undefined) older.newer = newer
    else this.#oldest = newer
    if (this.#hand === entry) this.#hand = newer
    this.#gone(entry)
  }
}
