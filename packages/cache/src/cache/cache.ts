// The cache: what an application calls. Reading goes through ReadRequest and Loads, writing through store.ts; this class
// wires them and says what each method answers when the server is away:
//
//   get, has, ttl, getMany   as if there were nothing         set, setMany   false, nothing stored
//   getOrSet, getOrSetMany   load, unstored                   delete…, invalidate…   throw: silence would mean stale data
import type { Connection } from '../connection/connection.ts'
import { Listeners } from '../client/listeners.ts'
import { number } from '../client/reply.ts'
import { Encoding } from '../codec/encoding.ts'
import { InvalidOption } from '../errors.ts'
import type { CacheEvent } from '../observe/events.ts'
import { type CacheStats, newStats } from '../observe/stats.ts'
import { systemClock } from '../time/clock.ts'
import { milliseconds } from '../time/duration.ts'
import { Coherence } from '../two-level/coherence.ts'
import { Memory } from '../two-level/memory.ts'
import { changing, type Core, report } from './core.ts'
import { invalidatePattern } from './invalidate.ts'
import { Keys } from './keys.ts'
import { getOrSetMany, type LoadMany } from './load-many.ts'
import { Loads } from './loads.ts'
import { getMany } from './many.ts'
import { type CacheOptions, type EntryOptions, type Loader, planOf } from './options.ts'
import { ReadBatch } from './read-batch.ts'
import { dueEarly, ReadRequest } from './read-request.ts'
import { FORGET, PUT } from './scripts.ts'
import { encodeEntry } from './store.ts'
import { Tags } from './tags.ts'
import { wrap, type WrapOptions } from './wrap.ts'

export class Cache {
  readonly #core: Core
  readonly #loads: Loads

  constructor(connection: Connection, options: CacheOptions = {}) {
    const keys = new Keys(options.namespace ?? 'cache')
    const defaults = options.defaults ?? {}
    planOf(defaults, undefined)
    const encoding = new Encoding(options)
    this.#core = {
      connection,
      keys,
      encoding,
      clock: options.clock ?? systemClock,
      defaults,
      chunkBytes: options.chunkBytes ?? 512 * 1024,
      warnBytes: options.warnBytes ?? 100 * 1024,
      stats: newStats(),
      events: new Listeners<CacheEvent>(),
      reads: new ReadBatch(connection, encoding),
      tags: new Tags(connection, keys),
      ...twoLevels(connection, keys, options),
    }
    this.#loads = new Loads(this.#core)
  }

  /** Counters since the cache was made. */
  get stats(): Readonly<CacheStats> {
    return this.#core.stats
  }

  /** How the memory in front hears of changes, or undefined when there is none. */
  get coherence(): 'tracking' | 'bus' | undefined {
    return this.#core.coherence?.mode
  }

  onEvent(listener: (event: CacheEvent) => void): () => void {
    return this.#core.events.add(listener)
  }

  /** The fresh value of a key, or undefined. `null` is a value: known not to exist. */
  get<T = unknown>(
    key: string,
    options?: Pick<EntryOptions<T>, 'schema' | 'tags' | 'schemaVersion'>,
  ): Promise<T | undefined> {
    return this.#read<T | undefined>(key, undefined, options)
  }

  /**
   * The value of a key, loaded and stored when there is none. Many callers, one load: in this process always, among all
   * processes unless `distributed: false`. Never rejects because of the server; it does with what the loader throws.
   */
  getOrSet<T>(key: string, load: Loader<T>, options?: EntryOptions<T>): Promise<T> {
    return this.#read<T>(key, load as Loader<unknown>, options)
  }

  #read<T>(key: string, load: Loader<unknown> | undefined, options: EntryOptions | undefined): Promise<T> {
    const core = this.#core
    if (core.memory !== undefined && options?.schema === undefined) {
      const held = this.#fromMemory(core.memory, key, load === undefined ? undefined : (options ?? core.defaults))
      if (held !== undefined) return held as Promise<T>
    }
    const entry = core.keys.entry(key)
    return new Promise((resolve, reject) => {
      const ask = { key, entry, load, options, resolve: resolve as (value: unknown) => void, reject }
      core.reads.add(new ReadRequest(core, this.#loads, ask))
    })
  }

  /** `options` are given when there is a loader, which a hit near expiry may call early. */
  #fromMemory(memory: Memory, key: string, options: EntryOptions | undefined): Promise<unknown> | undefined {
    const { clock, stats, events } = this.#core
    const now = clock.now()
    const held = memory.get(key, now)
    if (held === undefined) return undefined
    if (options && dueEarly(this.#core, options, held, now)) return undefined
    stats.hits += 1
    stats.memoryHits += 1
    if (!events.empty) events.emit({ type: 'hit', key, level: 1, stale: false })
    return memory.give(held)
  }

  /** Store a value. False when the server was away; throws Uncacheable for what cannot come back the same. */
  async set(key: string, value: unknown, options?: EntryOptions): Promise<boolean> {
    if (value === undefined)
      throw new InvalidOption('set: undefined means not known; use delete, or null for known absent')
    const core = this.#core
    const entry = core.keys.entry(key)
    const plan = planOf(core.defaults, options)
    this.#loads.abandon(entry)
    changing(core, [entry])
    try {
      const marks = await core.tags.marks(options?.tags ?? [], [])
      const encoded = await encodeEntry(core, { key, entry, value, plan, loadMs: 0, marks })
      const args = [encoded.bytes, String(Math.ceil(encoded.keepMs))]
      await core.connection.run(PUT, { keys: [entry, core.keys.lease(entry)], args, idempotent: true })
      changing(core, [entry])
      core.coherence?.announce([entry])
      return true
    } catch (error) {
      if (error instanceof TypeError) throw error
      report(core, 'set', key, error)
      return false
    }
  }

  /** Forget a key; true when there was an entry. A load of it under way will not be stored. */
  async delete(key: string): Promise<boolean> {
    const core = this.#core
    const entry = core.keys.entry(key)
    this.#forgetHere([entry])
    const deleted = await core.connection.run(FORGET, { keys: [entry, core.keys.lease(entry)], idempotent: true })
    changing(core, [entry])
    core.coherence?.announce([entry])
    return number(deleted) === 1
  }

  /** Forget keys, in one round trip; the number that had an entry. */
  async deleteMany(keys: readonly string[]): Promise<number> {
    const deleted = await Promise.all(keys.map(key => this.delete(key)))
    return deleted.filter(Boolean).length
  }

  /** Whether there is an entry, fresh or stale. */
  async has(key: string): Promise<boolean> {
    const entry = this.#core.keys.entry(key)
    try {
      return number(await this.#core.connection.send({ args: ['EXISTS', entry], key: entry, readonly: true })) === 1
    } catch (error) {
      report(this.#core, 'has', key, error)
      return false
    }
  }

  /** Milliseconds the server will keep the entry, stale windows included; undefined without one. */
  async ttl(key: string): Promise<number | undefined> {
    const entry = this.#core.keys.entry(key)
    try {
      const left = number(await this.#core.connection.send({ args: ['PTTL', entry], key: entry, readonly: true }))
      return left < 0 ? undefined : left
    } catch (error) {
      report(this.#core, 'ttl', key, error)
      return undefined
    }
  }

  /** The fresh values there are, in one MGET per slot group. */
  getMany<T = unknown>(
    keys: readonly string[],
    options?: Pick<EntryOptions<T>, 'schema' | 'tags' | 'schemaVersion'>,
  ): Promise<Map<string, T>> {
    return getMany(this.#core, key => this.get<T>(key, options), { keys, plain: options === undefined })
  }

  /**
   * All values: one MGET per slot group, one call of the loader with what is missing, one pipelined write. A stale value
   * is loaded anew, and served when that fails (`staleIfError`); what else the options say of early, background or soft
   * renewal is for `getOrSet`.
   */
  getOrSetMany<T>(keys: readonly string[], load: LoadMany<T>, options?: EntryOptions<T>): Promise<Map<string, T>> {
    return getOrSetMany(this.#core, this, { keys, load, options })
  }

  /** Make every entry with one of these tags a miss: one round trip, however many entries. */
  async invalidateTags(...tags: string[]): Promise<void> {
    const core = this.#core
    const names = core.tags.keysOf(tags)
    this.#loads.abandonTagged(tags)
    for (const name of names) core.memory?.forgetTag(name)
    await core.tags.invalidate(tags)
    for (const name of names) core.memory?.forgetTag(name)
    core.coherence?.announce(names)
  }

  /**
   * Forget every key that matches a glob (`user:*`), on all shards, with SCAN and UNLINK, never KEYS. The number found.
   * It reads the whole keyspace: tags are the cheap way.
   */
  invalidatePattern(pattern: string): Promise<number> {
    return invalidatePattern(this.#core, pattern, entries => this.#forgetHere(entries))
  }

  /** Forget everything in the namespace. */
  clear(): Promise<number> {
    return this.invalidatePattern('*')
  }

  /** The function with a cache in front: same arguments, same value. */
  wrap<Args extends readonly unknown[], T>(
    name: string,
    fn: (...args: Args) => T | Promise<T>,
    options?: WrapOptions<Args, T>,
  ) {
    return wrap(this, fn, { ...options, name })
  }

  /** Stop listening for changes. The connection is its owner's to close. */
  close(): void {
    this.#core.coherence?.close()
  }

  #forgetHere(entries: readonly string[]): void {
    for (const entry of entries) this.#loads.abandon(entry)
    changing(this.#core, entries)
  }
}

function twoLevels(connection: Connection, keys: Keys, options: CacheOptions): Pick<Core, 'memory' | 'coherence'> {
  if (options.memory === undefined) return { memory: undefined, coherence: undefined }
  const { tracking } = connection.client
  const maxStale = milliseconds(options.memory.maxStale ?? (tracking ? '2s' : '5s'), 'memory.maxStale')
  const memory = new Memory(options.memory, tracking ? Number.POSITIVE_INFINITY : maxStale)
  const tagPrefix = keys.tag('')
  const meaning = (name: string) => {
    if (name.startsWith(tagPrefix)) return { tagKey: name }
    const key = keys.keyOf(name)
    return key === undefined ? undefined : { key }
  }
  return { memory, coherence: new Coherence({ connection, memory, bus: keys.bus, maxStale, meaning }) }
}
