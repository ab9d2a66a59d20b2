// The first level: values kept in this process, as they were decoded. What makes it safe is not here but in
// `coherence.ts`, which tells it what changed (`forget`) and when it can no longer know (`distrust`).
//
// Invariants: a value enters only from a read of the server that nothing invalidated while it was on its way; a value
// is served only in the epoch it entered in. After `distrust` the old values are kept for outages, but never as fresh.
import { type Duration, milliseconds } from '../time/duration.ts'
import { InvalidOption } from '../errors.ts'
import { type Queued, Sieve } from './sieve.ts'

export interface MemoryOptions {
  /** How many entries. Default 10,000. */
  readonly max?: number
  /** How long an entry is served without asking the server, at most. Default: its own ttl. */
  readonly ttl?: Duration
  /**
   * How stale a value may be when the server can no longer tell us of changes: connection lost, server frozen, bus
   * message lost. Default 2 s with tracking; without it also the longest ttl of an entry in memory, default 5 s.
   */
  readonly maxStale?: Duration
  /**
   * Callers share one object per entry. `'frozen'` (default) makes mutating it an error, `'cloned'` gives each caller a
   * copy, `'shared'` trusts the callers.
   */
  readonly values?: 'frozen' | 'cloned' | 'shared'
}

export interface MemoryEntry extends Queued<MemoryEntry> {
  readonly value: unknown
  readonly staleAt: number
  readonly loadMs: number
  readonly freshUntil: number
  readonly epoch: number
  readonly tagKeys: readonly string[]
  /** Made on the first hit: later hits share one resolved promise. */
  answer: Promise<unknown> | undefined
}

/** A read on its way; dropped when what it reads changes meanwhile. */
export interface Reading {
  readers: number
  changed: boolean
  readonly generation: number
}

export class Memory {
  readonly #entries: Sieve<MemoryEntry>
  readonly #readings = new Map<string, Reading>()
  readonly #byTag = new Map<string, Set<string>>()
  readonly #values: NonNullable<MemoryOptions['values']>
  readonly #ttl: number
  #epoch = 0
  #generation = 0
  #trusted = false

  constructor(options: MemoryOptions, ttlLimit: number) {
    this.#values = options.values ?? 'frozen'
    this.#ttl = Math.min(
      options.ttl === undefined ? Number.POSITIVE_INFINITY : milliseconds(options.ttl, 'memory.ttl'),
      ttlLimit,
    )
    const max = options.max ?? 10_000
    if (!(Number.isInteger(max) && max >= 1)) throw new InvalidOption(`memory.max: ${max} entries`)
    this.#entries = new Sieve(max, entry => this.#unlinkTags(entry))
  }

  get size(): number {
    return this.#entries.size
  }

  get trusted(): boolean {
    return this.#trusted
  }

  /** The entry, if it may be served as current. */
  get(name: string, now: number): MemoryEntry | undefined {
    const entry = this.#entries.get(name)
    // An entry comes in only while we hear of changes, and the epoch ends with that.
    return entry !== undefined && entry.epoch === this.#epoch && now < entry.freshUntil ? entry : undefined
  }

  /** The last value known, however old: for when the server is away. */
  lastKnown(name: string): MemoryEntry | undefined {
    return this.#entries.get(name)
  }

  /** What a caller receives of an entry. */
  give(entry: MemoryEntry): Promise<unknown> {
    if (this.#values === 'cloned') return Promise.resolve(structuredClone(entry.value))
    entry.answer ??= Promise.resolve(entry.value)
    return entry.answer
  }

  /** Before a read is sent. */
  begin(name: string): Reading {
    let reading = this.#readings.get(name)
    if (reading === undefined || reading.changed || reading.generation !== this.#generation) {
      reading = { readers: 0, changed: !this.#trusted, generation: this.#generation }
      this.#readings.set(name, reading)
    }
    reading.readers += 1
    return reading
  }

  /** When the read is answered; keeps the value unless something changed while it was on its way. */
  finish(
    name: string,
    reading: Reading,
    read: Pick<MemoryEntry, 'value' | 'staleAt' | 'loadMs' | 'tagKeys'> | undefined,
    now: number,
  ): void {
    reading.readers -= 1
    if (reading.readers === 0 && this.#readings.get(name) === reading) this.#readings.delete(name)
    if (read === undefined || reading.changed || reading.generation !== this.#generation) return
    if (this.#values === 'frozen') freeze(read.value)
    const { value, staleAt, loadMs, tagKeys } = read
    const freshUntil = Math.min(staleAt, now + this.#ttl)
    // Every field from the start: one shape for all entries is what makes a hit cheap.
    this.#entries.set({
      name,
      value,
      staleAt,
      loadMs,
      tagKeys,
      freshUntil,
      epoch: this.#epoch,
      answer: undefined,
      marked: false,
      newer: undefined,
      older: undefined,
    })
    for (const tagKey of read.tagKeys) this.#linkTag(tagKey, name)
  }

  /** The server, or another process, changed this key; `undefined` is everything. */
  forget(name: string | undefined): void {
    if (name === undefined) {
      this.#generation += 1
      this.#entries.clear()
      this.#byTag.clear()
      return
    }
    const reading = this.#readings.get(name)
    if (reading) reading.changed = true
    this.#entries.delete(name)
  }

  /** A tag changed: its entries go, and so does whatever is being read, for it may carry the tag. */
  forgetTag(tagKey: string): void {
    this.#generation += 1
    const tagged = this.#byTag.get(tagKey)
    if (tagged === undefined) return
    this.#byTag.delete(tagKey)
    for (const key of tagged) this.#entries.delete(key)
  }

  /** From now on we hear of changes. What entered before may have changed unheard. */
  trust(): void {
    if (this.#trusted) return
    this.#epoch += 1
    this.#generation += 1
    this.#trusted = true
  }

  /** We may no longer hear of changes: nothing in memory is current. */
  distrust(): void {
    if (!this.#trusted) return
    this.#trusted = false
    this.#epoch += 1
    this.#generation += 1
  }

  #linkTag(tagKey: string, name: string): void {
    const names = this.#byTag.get(tagKey)
    if (names) names.add(name)
    else this.#byTag.set(tagKey, new Set([name]))
  }

  #unlinkTags({ tagKeys, name }: MemoryEntry): void {
    for (const tagKey of tagKeys) {
      const names = this.#byTag.get(tagKey)
      names?.delete(name)
      if (names?.size === 0) this.#byTag.delete(tagKey)
    }
  }
}

/** Deep, but only through what JSON knows: a Date or Map keeps its own mutators, and typed arrays cannot be frozen. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}
