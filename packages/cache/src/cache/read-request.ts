// One call of `get` or `getOrSet` on its way. It is what the read batch calls back, and on a hit it settles the caller's
// promise itself: the hot path makes no other promise. Everything that is not a plain fresh hit leaves for a slower path.
import type { Reply } from '../client/port.ts'
import type { Core } from './core.ts'
import { report } from './core.ts'
import { isFrame, loadMsOf, schemaVersionOf, staleAtOf, tagCountOf } from '../codec/frame.ts'
import { validated } from '../codec/schema.ts'
import { milliseconds } from '../time/duration.ts'
import type { Reading } from '../two-level/memory.ts'
import type { Job, Loads } from './loads.ts'
import type { EntryOptions, Loader } from './options.ts'
import { NO_VERSIONS, type Read } from './read-batch.ts'
import { isChunked, joinChunks } from './store.ts'

export interface Ask {
  readonly key: string
  readonly entry: string
  readonly load: Loader<unknown> | undefined
  readonly options: EntryOptions | undefined
  /** The caller's promise. */
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
  readonly #ask: Ask
  readonly #reading: Reading | undefined

  constructor(core: Core, loads: Loads, ask: Ask) {
    this.#core = core
    this.#loads = loads
    this.#ask = ask
    this.entry = ask.entry
    this.tagKeys = ask.options?.tags === undefined ? NO_TAGS : core.tags.keysOf(ask.options.tags)
    // Escaped names (see keys.ts) are not kept in memory: the server would tell of them by another name.
    this.#reading = core.memory && ask.entry.endsWith(ask.key) ? core.memory.begin(ask.key) : undefined
  }

  onReply(reply: Reply): void {
    this.onBytes(reply as Buffer | null, NO_VERSIONS)
  }

  onBytes(bytes: Buffer | null, tags: readonly (Buffer | null)[], given?: { readonly decoded: unknown }): void {
    const options = this.#ask.options
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
      report(this.#core, 'read', this.#ask.key, error)
      this.#missing(bytes, tags)
      return
    }
    this.#found(value, bytes, tags)
  }

  /** False when this was answered otherwise: the entry is out of date, or needs versions that were not read. */
  #tagsHold(bytes: Buffer, tags: readonly (Buffer | null)[]): boolean {
    const check = this.#core.tags.check(bytes, this.#ask.options?.tags ?? NO_TAGS, tags)
    if (check === 'current') return true
    if (check === 'changed') this.#missing(bytes, tags)
    else this.#checkTags(bytes, tags)
    return false
  }

  #checkTags(bytes: Buffer, tags: readonly (Buffer | null)[]): void {
    this.#core.tags.checkAfresh(bytes).then(
      current => (current ? this.#slowly(bytes, tags) : this.#missing(bytes, tags)),
      error => this.onFailure(error as Error),
    )
  }

  #slowly(bytes: Buffer, tags: readonly (Buffer | null)[]): void {
    this.#decodeSlowly(bytes).then(
      value => this.#found(value, bytes, tags),
      (error: unknown) => {
        report(this.#core, 'read', this.#ask.key, error)
        this.#missing(bytes, tags)
      },
    )
  }

  async #decodeSlowly(bytes: Buffer): Promise<unknown> {
    const whole = isChunked(bytes) ? await joinChunks(this.#core, this.entry, bytes) : bytes
    const value = this.#core.encoding.decode(whole)
    return this.#ask.options?.schema ? validated(this.#ask.options.schema, value) : value
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
      memory.finish(this.#ask.key, this.#reading, read, now)
    }
    this.#hit(value, false)
    if (this.#ask.load && dueEarly(this.#core, this.#ask.options, { staleAt, loadMs: loadMsOf(bytes) }, now)) {
      this.#loads.refresh(this.#job(bytes, tags))
    }
  }

  #hit(value: unknown, stale: boolean): void {
    const { stats, events } = this.#core
    stats.hits += 1
    if (stale) stats.staleHits += 1
    if (!events.empty) events.emit({ type: 'hit', key: this.#ask.key, level: 2, stale })
    this.#ask.resolve(value)
  }

  #stale(old: { value: unknown; bytes: Buffer; age: number }, tags: readonly (Buffer | null)[]): void {
    if (!this.#ask.load) {
      this.#missing(old.bytes, tags)
      return
    }
    this.#stopReading()
    const { staleWhileRevalidate, staleIfError, softTimeout } = { ...this.#core.defaults, ...this.#ask.options }
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
    if (!this.#ask.load) this.#ask.resolve(undefined)
    else this.#loadOr(this.#job(replaces, tags), undefined, 0)
  }

  /** The server is away. With a loader: load, or serve what memory last knew; without: nothing is known. */
  onFailure(error: Error): void {
    this.#stopReading()
    report(this.#core, 'read', this.#ask.key, error)
    this.#countMiss()
    if (!this.#ask.load) {
      this.#ask.resolve(undefined)
      return
    }
    this.#loadOr(this.#job(undefined, []), this.#lastKnown(), milliseconds(this.#ask.options?.softTimeout ?? 0))
  }

  #lastKnown(): { value: unknown } | undefined {
    const known = this.#core.memory?.lastKnown(this.#ask.key)
    const window = milliseconds(this.#ask.options?.staleIfError ?? this.#core.defaults.staleIfError ?? 0)
    return known && this.#core.clock.now() < known.staleAt + window ? { value: known.value } : undefined
  }

  #loadOr(job: Job, fallback: { readonly value: unknown } | undefined, softTimeout: number): void {
    const { resolve } = this.#ask
    let patience: NodeJS.Timeout | undefined
    if (fallback && softTimeout > 0) patience = setTimeout(() => resolve(fallback.value), softTimeout)
    this.#loads
      .run(job)
      .then(resolve, (error: Error) => this.#loadFailed(error, fallback))
      .finally(() => clearTimeout(patience))
  }

  #loadFailed(error: Error, fallback: { readonly value: unknown } | undefined): void {
    this.#core.events.emit({ type: 'load-failed', key: this.#ask.key, error, servedStale: fallback !== undefined })
    if (fallback) this.#ask.resolve(fallback.value)
    else this.#ask.reject(error)
  }

  #job(replaces: Buffer | undefined, tagVersions: readonly (Buffer | null)[]): Job {
    const { entry } = this
    return {
      key: this.#ask.key,
      entry,
      load: this.#ask.load!,
      options: this.#ask.options,
      replaces,
      tagVersions,
      background: false,
    }
  }

  #countMiss(): void {
    this.#core.stats.misses += 1
    if (!this.#core.events.empty) this.#core.events.emit({ type: 'miss', key: this.#ask.key })
  }

  #stopReading(): void {
    if (this.#reading) this.#core.memory!.finish(this.#ask.key, this.#reading, undefined, 0)
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
