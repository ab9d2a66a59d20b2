// One call of `get` or `getOrSet` on its way. It is what the read batch calls back, and on a hit it settles the caller's
// promise itself: the hot path makes no other promise. Everything that is not a plain fresh hit leaves for a slower path.
import type { Core } from './core.ts'
import { report } from './core.ts'
import { isFrame, loadMsOf, schemaVersionOf, staleAtOf, tagCountOf } from '../codec/frame.ts'
import { validated } from '../codec/schema.ts'
import { milliseconds } from '../time/duration.ts'
import type { Reading } from '../two-level/memory.ts'
import type { Job, Loads } from './loads.ts'
import type { EntryOptions, Loader } from './options.ts'
import type { Read } from './read-batch.ts'
import { isChunked, joinChunks } from './store.ts'

export interface Caller {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Beyond this many times the load time, early expiry is so unlikely that the dice are not even thrown. */
const EARLY_HORIZON = 20

const NO_TAGS: readonly string[] = []

export class ReadRequest implements Read {
  readonly entry: string
  readonly tagKeys: readonly string[]
  readonly #core: Core
  readonly #loads: Loads
  readonly #key: string
  readonly #load: Loader<unknown> | undefined
  readonly #options: EntryOptions | undefined
  readonly #caller: Caller
  readonly #reading: Reading | undefined

  constructor(
    core: Core,
    loads: Loads,
    ask: { key: string; entry: string; load?: Loader<unknown> | undefined; options: EntryOptions | undefined },
    caller: Caller,
  ) {
    this.#core = core
    this.#loads = loads
    this.#key = ask.key
    this.entry = ask.entry
    this.#load = ask.load
    this.#options = ask.options
    this.#caller = caller
    this.tagKeys = ask.options?.tags === undefined ? NO_TAGS : core.tags.keysOf(ask.options.tags)
    // Escaped names (see keys.ts) are not kept in memory: the server would tell of them by another name.
    this.#reading = core.memory && ask.entry.endsWith(ask.key) ? core.memory.begin(ask.key) : undefined
  }

  onBytes(bytes: Buffer | null, tags: readonly (Buffer | null)[], given?: { readonly decoded: unknown }): void {
    const options = this.#options
    if (
      bytes === null ||
      !isFrame(bytes) ||
      schemaVersionOf(bytes) !== (options?.schemaVersion ?? this.#core.defaults.schemaVersion ?? 0)
    ) {
      this.#missing(bytes ?? undefined, tags)
      return
    }
    this.#core.stats.readBytes += bytes.length
    if (tagCountOf(bytes) > 0 && !this.#tagsHold(bytes, tags)) return
    if (isChunked(bytes) || options?.schema !== undefined) {
      this.#slowly(bytes, tags)
      return
    }
    let value: unknown
    try {
      value = given === undefined ? this.#core.encoding.decode(bytes) : given.decoded
    } catch (error) {
      report(this.#core, 'read', this.#key, error)
      this.#missing(bytes, tags)
      return
    }
    this.#found(value, bytes, tags)
  }

  /** False when this was answered otherwise: the entry is out of date, or needs versions that were not read. */
  #tagsHold(bytes: Buffer, tags: readonly (Buffer | null)[]): boolean {
    const check = this.#core.tags.check(bytes, this.#options?.tags ?? NO_TAGS, tags)
    if (check === 'current') return true
    if (check === 'changed') this.#missing(bytes, tags)
    else this.#checkTags(bytes, tags)
    return false
  }

  #checkTags(bytes: Buffer, tags: readonly (Buffer | null)[]): void {
    this.#core.tags.checkAfresh(bytes).then(
      current => (current ? this.#slowly(bytes, tags) : this.#missing(bytes, tags)),
      error => this.onUnavailable(error as Error),
    )
  }

  #slowly(bytes: Buffer, tags: readonly (Buffer | null)[]): void {
    this.#decodeSlowly(bytes).then(
      value => this.#found(value, bytes, tags),
      (error: unknown) => {
        report(this.#core, 'read', this.#key, error)
        this.#missing(bytes, tags)
      },
    )
  }

  async #decodeSlowly(bytes: Buffer): Promise<unknown> {
    const whole = isChunked(bytes) ? await joinChunks(this.#core, this.entry, bytes) : bytes
    const value = this.#core.encoding.decode(whole)
    return this.#options?.schema ? validated(this.#options.schema, value) : value
  }

  #found(value: unknown, bytes: Buffer, tags: readonly (Buffer | null)[]): void {
    const now = this.#core.clock.now()
    const staleAt = staleAtOf(bytes)
    if (now >= staleAt) {
      this.#stale({ value, bytes, age: now - staleAt }, tags)
      return
    }
    const { memory } = this.#core
    if (memory && this.#reading) {
      const read = { value, staleAt, loadMs: loadMsOf(bytes), tagKeys: this.tagKeys }
      memory.finish(this.#key, this.#reading, read, now)
    }
    this.#hit(value, false)
    if (this.#load && dueEarly(this.#core, this.#options, { staleAt, loadMs: loadMsOf(bytes) }, now)) {
      this.#loads.refresh(this.#job(bytes, tags))
    }
  }

  #hit(value: unknown, stale: boolean): void {
    const { stats, events } = this.#core
    stats.hits += 1
    if (stale) stats.staleHits += 1
    if (!events.empty) events.emit({ type: 'hit', key: this.#key, level: 2, stale })
    this.#caller.resolve(value)
  }

  #stale(old: { value: unknown; bytes: Buffer; age: number }, tags: readonly (Buffer | null)[]): void {
    if (!this.#load) {
      this.#missing(old.bytes, tags)
      return
    }
    this.#stopReading()
    const { staleWhileRevalidate, staleIfError, softTimeout } = { ...this.#core.defaults, ...this.#options }
    if (old.age < milliseconds(staleWhileRevalidate ?? 0)) {
      this.#hit(old.value, true)
      this.#loads.refresh(this.#job(old.bytes, tags))
      return
    }
    this.#countMiss()
    const fallback = old.age < milliseconds(staleIfError ?? 0) ? { value: old.value } : undefined
    this.#loadOr(this.#job(old.bytes, tags), fallback, milliseconds(softTimeout ?? 0))
  }

  #missing(replaces: Buffer | undefined, tags: readonly (Buffer | null)[]): void {
    this.#stopReading()
    this.#countMiss()
    if (!this.#load) this.#caller.resolve(undefined)
    else this.#loadOr(this.#job(replaces, tags), undefined, 0)
  }

  /** The server is away. With a loader: load, or serve what memory last knew; without: nothing is known. */
  onUnavailable(error: Error): void {
    this.#stopReading()
    report(this.#core, 'read', this.#key, error)
    this.#countMiss()
    if (!this.#load) {
      this.#caller.resolve(undefined)
      return
    }
    this.#loadOr(this.#job(undefined, []), this.#lastKnown(), milliseconds(this.#options?.softTimeout ?? 0))
  }

  #lastKnown(): { value: unknown } | undefined {
    const known = this.#core.memory?.lastKnown(this.#key)
    const window = milliseconds(this.#options?.staleIfError ?? this.#core.defaults.staleIfError ?? 0)
    return known && this.#core.clock.now() < known.staleAt + window ? { value: known.value } : undefined
  }

  #loadOr(job: Job, fallback: { readonly value: unknown } | undefined, softTimeout: number): void {
    const { resolve } = this.#caller
    let patience: NodeJS.Timeout | undefined
    if (fallback && softTimeout > 0) patience = setTimeout(() => resolve(fallback.value), softTimeout)
    this.#loads
      .run(job)
      .then(resolve, (error: Error) => this.#loadFailed(error, fallback))
      .finally(() => clearTimeout(patience))
  }

  #loadFailed(error: Error, fallback: { readonly value: unknown } | undefined): void {
    this.#core.events.emit({ type: 'load-failed', key: this.#key, error, servedStale: fallback !== undefined })
    if (fallback) this.#caller.resolve(fallback.value)
    else this.#caller.reject(error)
  }

  #job(replaces: Buffer | undefined, tagVersions: readonly (Buffer | null)[]): Job {
    const { entry } = this
    return {
      key: this.#key,
      entry,
      load: this.#load!,
      options: this.#options,
      replaces,
      tagVersions,
      background: false,
    }
  }

  #countMiss(): void {
    this.#core.stats.misses += 1
    if (!this.#core.events.empty) this.#core.events.emit({ type: 'miss', key: this.#key })
  }

  #stopReading(): void {
    if (this.#reading) this.#core.memory!.finish(this.#key, this.#reading, undefined, 0)
  }
}

/**
 * Whether a hit should reload in the background: past the share `refreshAhead` of its ttl, or by XFetch, which throws
 * dice that favour values slow to load and close to expiry, so that one caller renews before all of them must.
 * Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention, VLDB 2015.
 */
export function dueEarly(
  core: Core,
  options: EntryOptions | undefined,
  entry: { readonly staleAt: number; readonly loadMs: number },
  now: number,
): boolean {
  const left = entry.staleAt - now
  const ahead = options?.refreshAhead ?? core.defaults.refreshAhead
  if (ahead !== undefined && left < milliseconds(options?.ttl ?? core.defaults.ttl ?? '5m') * (1 - ahead)) return true
  const beta = options?.earlyExpiry ?? core.defaults.earlyExpiry ?? 1
  if (beta === 0 || left > entry.loadMs * beta * EARLY_HORIZON) return false
  return -Math.log(core.clock.random() || Number.MIN_VALUE) * entry.loadMs * beta >= left
}
