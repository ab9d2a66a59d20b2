// What is missing of many keys: one call of the loader for all of it, one pipelined write. Its keys are leased like any
// other load, so a delete meanwhile keeps the old value from being stored; a key another process is loading is loaded here
// too, rather than making the batch wait, but stored only there.
//
// Every lease taken is given back, whatever becomes of the load: who waits for one of its keys must not wait for nothing.
import { randomBytes } from 'node:crypto'
import { validated } from '../codec/schema.ts'
import { InvalidOption } from '../errors.ts'
import type { Cache } from './cache.ts'
import { type Core, report } from './core.ts'
import { withinHardTimeout } from './hard-timeout.ts'
import { EXTEND_EVERY_MS, LEASE_MS } from './loads.ts'
import { type EntryOptions, type Plan, planOf } from './options.ts'
import { EXTEND, FILL, LEASE } from './scripts.ts'
import { encodeEntry } from './store.ts'

/**
 * Values by key, or in the order of the keys. A key left out, or undefined, is not known and not stored. The signal aborts
 * when `hardTimeout` has passed.
 */
export type LoadMany<T> = (
  keys: readonly string[],
  context: { readonly signal: AbortSignal },
) => Many<T> | Promise<Many<T>>

type Many<T> = ReadonlyMap<string, T> | readonly (T | undefined)[]

interface AskOrSet<T> {
  readonly keys: readonly string[]
  readonly load: LoadMany<T>
  readonly options: EntryOptions<T> | undefined
}

export async function getOrSetMany<T>(core: Core, cache: Cache, ask: AskOrSet<T>): Promise<Map<string, T>> {
  const { options } = ask
  const wanted = [...new Set(ask.keys)]
  const readable =
    options && (options.schema || options.tags || options.schemaVersion !== undefined) ? options : undefined
  const values = await cache.getMany<T>(wanted, readable)
  const missing = wanted.filter(key => !values.has(key))
  if (missing.length === 0) return values
  const plan = planOf(core.defaults, options)
  const loaded = await loadMissing(core, plan, { ...ask, keys: missing }).catch((error: unknown) => {
    if (plan.staleIfError === 0) throw error
    return lastKnown(cache, { ...ask, keys: missing }, error)
  })
  for (const [key, value] of loaded) values.set(key, value)
  return values
}

/** Each key as `getOrSet` answers when its loader fails: what is stale but near enough, else the error. */
async function lastKnown<T>(
  cache: Cache,
  { keys, options }: AskOrSet<T>,
  error: unknown,
): Promise<ReadonlyMap<string, T>> {
  const fail = () => Promise.reject(error as Error)
  const known = await Promise.all(keys.map(key => cache.getOrSet<T>(key, fail, { ...options, distributed: false })))
  return new Map(keys.map((key, i) => [key, known[i]!]))
}

async function loadMissing<T>(core: Core, plan: Plan, ask: AskOrSet<T>): Promise<ReadonlyMap<string, T>> {
  const { keys, options } = ask
  const [leases, marks] = await Promise.all([
    plan.distributed ? leaseAll(core, keys) : undefined,
    core.tags.marks(options?.tags ?? [], []).catch((error: unknown) => report(core, 'tags', keys[0]!, error)),
  ])
  const keepAlive = setInterval(() => leases && extendAll(core, leases), EXTEND_EVERY_MS)
  keepAlive.unref()
  try {
    const { values, ms } = await loadAll(core, plan, ask)
    const storable = marks === undefined ? [] : keys.filter(key => values.has(key))
    const how = { plan, loadMs: ms / keys.length, marks: marks ?? [] }
    await Promise.all(storable.map(key => storeOne(core, { ...how, key, value: values.get(key) }, leases)))
    return values
  } finally {
    clearInterval(keepAlive)
    if (leases) await releaseAll(core, leases)
  }
}

interface LoadedMany<T> {
  readonly values: ReadonlyMap<string, T>
  readonly ms: number
}

async function loadAll<T>(core: Core, plan: Plan, { keys, load, options }: AskOrSet<T>): Promise<LoadedMany<T>> {
  const { stats, events, clock } = core
  const started = clock.now()
  try {
    const what = keys.length === 1 ? keys[0]! : `${keys[0]} and ${keys.length - 1} more`
    const loaded = await withinHardTimeout(what, plan.hardTimeout, async signal => load(keys, { signal }))
    const values = await byKey(keys, loaded, options)
    const ms = clock.now() - started
    stats.loads += 1
    stats.loadMs += ms
    if (!events.empty) events.emit({ type: 'load', key: keys[0]!, ms, background: false })
    return { values, ms }
  } catch (error) {
    stats.loadFailures += 1
    throw error
  }
}

async function byKey<T>(
  keys: readonly string[],
  loaded: Many<T>,
  options: EntryOptions<T> | undefined,
): Promise<ReadonlyMap<string, T>> {
  const isArray = Array.isArray(loaded)
  if (isArray && loaded.length !== keys.length) {
    throw new InvalidOption(`the loader was asked for ${keys.length} keys and answered ${loaded.length} values`)
  }
  const values = new Map<string, T>()
  for (const [i, key] of keys.entries()) {
    const value = isArray ? (loaded as readonly (T | undefined)[])[i] : (loaded as ReadonlyMap<string, T>).get(key)
    if (value !== undefined) values.set(key, options?.schema ? await validated(options.schema, value) : value)
  }
  return values
}

/** Tokens by key, of the leases that are ours and not given back yet. */
type Leases = Map<string, string>

/** Keys another process loads, and all keys when the server is away, have none. */
async function leaseAll(core: Core, keys: readonly string[]): Promise<Leases> {
  const leases: Leases = new Map()
  const token = randomBytes(9).toString('base64url')
  const take = async (key: string) => {
    const entry = core.keys.entry(key)
    // Bytes no entry has at this place: what is there was found unfit to serve, so it does not count.
    const args = [token, String(LEASE_MS), 'unfit!']
    const answer = await core.connection.run(LEASE, { keys: [entry, core.keys.lease(entry)], args, idempotent: true })
    if (answer === 1) leases.set(key, token)
    else if (Buffer.isBuffer(answer))
      await takeOver(core, entry, { token, answer }).then(took => took && leases.set(key, token))
  }
  await Promise.all(keys.map(key => take(key).catch((error: unknown) => report(core, 'lease', key, error))))
  return leases
}

async function takeOver(
  core: Core,
  entry: string,
  { token, answer }: { token: string; answer: Buffer },
): Promise<boolean> {
  const args = [token, String(LEASE_MS), answer.subarray(4, 10)]
  return (await core.connection.run(LEASE, { keys: [entry, core.keys.lease(entry)], args, idempotent: true })) === 1
}

function extendAll(core: Core, leases: Leases): void {
  for (const [key, token] of leases) {
    const keys = [core.keys.lease(core.keys.entry(key))]
    core.connection.run(EXTEND, { keys, args: [token, String(LEASE_MS)], idempotent: true }).catch(() => undefined)
  }
}

/** Those that were not given back by storing: who waits for one of these keys loads it. */
async function releaseAll(core: Core, leases: Leases): Promise<void> {
  const release = async (key: string, token: string) => {
    const entry = core.keys.entry(key)
    const lease = core.keys.lease(entry)
    await core.connection.run(FILL, { keys: [entry, lease], args: [token, '', '0', lease] })
  }
  const releasing = Array.from(leases, ([key, token]) =>
    release(key, token).catch((error: unknown) => report(core, 'lease', key, error)),
  )
  await Promise.all(releasing)
}

interface Stored {
  readonly key: string
  readonly value: unknown
  readonly plan: Plan
  readonly loadMs: number
  readonly marks: Awaited<ReturnType<Core['tags']['marks']>>
}

async function storeOne(core: Core, what: Stored, leases: Leases | undefined): Promise<void> {
  const { key } = what
  const token = leases?.get(key)
  if (leases && token === undefined) return
  const entry = core.keys.entry(key)
  const lease = core.keys.lease(entry)
  try {
    const { bytes, keepMs } = await encodeEntry(core, { ...what, entry })
    const px = String(Math.ceil(keepMs))
    if (token === undefined) {
      await core.connection.send({ args: ['SET', entry, bytes, 'PX', px], key: entry, idempotent: true })
    } else {
      leases!.delete(key)
      const stored = await core.connection.run(FILL, { keys: [entry, lease], args: [token, bytes, px, lease] })
      if (stored === 0) core.stats.fenced += 1
    }
    core.coherence?.announce([entry])
  } catch (error) {
    if (error instanceof TypeError) throw error
    report(core, 'store', key, error)
  }
}
