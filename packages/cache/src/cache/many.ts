// Many keys at once: one MGET per slot group to read, one call of the loader for all that is missing, one pipelined
// write. The loader's keys are leased like any other load, so a delete meanwhile keeps the old value from being stored;
// a key another process is loading is loaded here too, rather than making the batch wait, but stored only there.
import { randomBytes } from 'node:crypto'
import { isPlain, schemaVersionOf, staleAtOf, tagCountOf } from '../codec/frame.ts'
import { validated } from '../codec/schema.ts'
import { InvalidOption } from '../errors.ts'
import type { Cache } from './cache.ts'
import { type Core, report } from './core.ts'
import { type EntryOptions, type Plan, planOf } from './options.ts'
import { FILL, LEASE } from './scripts.ts'
import { encodeEntry } from './store.ts'

/** Values by key, or in the order of the keys. A key left out, or undefined, is not known and not stored. */
export type LoadMany<T> = (keys: readonly string[]) => Many<T> | Promise<Many<T>>

type Many<T> = ReadonlyMap<string, T> | readonly (T | undefined)[]

const LEASE_MS = '10000'

interface Ask {
  readonly keys: readonly string[]
  /** No options that need more than the bytes of the entry. */
  readonly plain: boolean
}

export async function getMany<T>(
  core: Core,
  getOne: (key: string) => Promise<T | undefined>,
  { keys, plain }: Ask,
): Promise<Map<string, T>> {
  const values = new Map<string, T>()
  const slow: string[] = keys.length > 1 && plain && !core.connection.client.cluster && !core.memory ? [] : [...keys]
  if (slow.length === 0) await readTogether(core, keys, { values, slow })
  // Everything asked in one tick travels together.
  const rest = await Promise.all(slow.map(getOne))
  slow.forEach((key, i) => {
    if (rest[i] !== undefined) values.set(key, rest[i])
  })
  return values
}

/** Without a promise per key: most of many keys are plain JSON, fresh and whole. The others are left in `slow`. */
async function readTogether(
  core: Core,
  keys: readonly string[],
  out: { values: Map<string, unknown>; slow: string[] },
): Promise<void> {
  const names = keys.map(key => core.keys.entry(key))
  let replies: readonly (Buffer | null)[]
  try {
    replies = (await core.connection.send({ args: ['MGET', ...names], key: names[0]!, readonly: true })) as never
  } catch (error) {
    report(core, 'getMany', keys[0]!, error)
    core.stats.misses += keys.length
    return
  }
  const now = core.clock.now()
  const version = core.defaults.schemaVersion ?? 0
  const found: string[] = []
  const frames: Buffer[] = []
  keys.forEach((key, i) => {
    const bytes = replies[i]
    if (bytes === null || bytes === undefined) {
      core.stats.misses += 1
      if (!core.events.empty) core.events.emit({ type: 'miss', key })
    } else if (
      isPlain(bytes) &&
      tagCountOf(bytes) === 0 &&
      now < staleAtOf(bytes) &&
      schemaVersionOf(bytes) === version
    ) {
      found.push(key)
      frames.push(bytes)
    } else out.slow.push(key)
  })
  const decoded = core.encoding.decodePlain(frames)
  // One of them is broken: the slow way finds out which.
  if (decoded === undefined) out.slow.push(...found)
  else found.forEach((key, i) => hit(core, { key, bytes: frames[i]!, value: decoded[i] }, out.values))
}

function hit(
  core: Core,
  { key, bytes, value }: { key: string; bytes: Buffer; value: unknown },
  values: Map<string, unknown>,
): void {
  values.set(key, value)
  core.stats.hits += 1
  core.stats.readBytes += bytes.length
  if (!core.events.empty) core.events.emit({ type: 'hit', key, level: 2, stale: false })
}

interface AskOrSet<T> {
  readonly keys: readonly string[]
  readonly load: LoadMany<T>
  readonly options: EntryOptions<T> | undefined
}

export async function getOrSetMany<T>(
  core: Core,
  cache: Cache,
  { keys, load, options }: AskOrSet<T>,
): Promise<Map<string, T>> {
  const wanted = [...new Set(keys)]
  const readable =
    options && (options.schema || options.tags || options.schemaVersion !== undefined) ? options : undefined
  const values = await cache.getMany<T>(wanted, readable)
  const missing = wanted.filter(key => !values.has(key))
  if (missing.length === 0) return values
  const plan = planOf(core.defaults, options)
  const tags = options?.tags ?? []
  const [leases, marks] = await Promise.all([
    leaseAll(core, missing),
    core.tags.marks(tags, []).catch((error: unknown) => report(core, 'tags', missing[0]!, error)),
  ])
  const started = core.clock.now()
  const loaded = await loadAll(core, missing, load)
  const loadMs = (core.clock.now() - started) / missing.length
  for (const [key, value] of loaded) values.set(key, options?.schema ? await validated(options.schema, value) : value)
  const storable = marks === undefined ? [] : missing.filter(key => values.has(key))
  await Promise.all(
    storable.map(key => storeOne(core, { key, value: values.get(key), plan, loadMs, marks: marks! }, leases.get(key))),
  )
  return values
}

async function loadAll<T>(core: Core, missing: readonly string[], load: LoadMany<T>): Promise<Map<string, T>> {
  core.stats.loads += 1
  const loaded = await load(missing)
  const isArray = Array.isArray(loaded)
  if (isArray && loaded.length !== missing.length) {
    throw new InvalidOption(`the loader was asked for ${missing.length} keys and answered ${loaded.length} values`)
  }
  const values = new Map<string, T>()
  missing.forEach((key, i) => {
    const value = isArray ? (loaded as readonly (T | undefined)[])[i] : (loaded as ReadonlyMap<string, T>).get(key)
    if (value !== undefined) values.set(key, value)
  })
  return values
}

/** Tokens of the leases we got; keys another process loads, and all keys when the server is away, have none. */
async function leaseAll(core: Core, keys: readonly string[]): Promise<Map<string, string>> {
  const tokens = new Map<string, string>()
  const token = randomBytes(9).toString('base64url')
  const take = async (key: string) => {
    const entry = core.keys.entry(key)
    // Bytes no entry has at this place: what is there was found unfit to serve, so it does not count.
    const args = [token, LEASE_MS, 'unfit!']
    const answer = await core.connection.run(LEASE, { keys: [entry, core.keys.lease(entry)], args, idempotent: true })
    if (answer === 1) tokens.set(key, token)
    else if (Buffer.isBuffer(answer))
      await takeOver(core, entry, { token, answer }).then(took => took && tokens.set(key, token))
  }
  await Promise.all(keys.map(key => take(key).catch((error: unknown) => report(core, 'lease', key, error))))
  return tokens
}

async function takeOver(
  core: Core,
  entry: string,
  { token, answer }: { token: string; answer: Buffer },
): Promise<boolean> {
  const args = [token, LEASE_MS, answer.subarray(4, 10)]
  return (await core.connection.run(LEASE, { keys: [entry, core.keys.lease(entry)], args, idempotent: true })) === 1
}

interface Stored {
  readonly key: string
  readonly value: unknown
  readonly plan: Plan
  readonly loadMs: number
  readonly marks: NonNullable<Awaited<ReturnType<Core['tags']['marks']>>>
}

async function storeOne(core: Core, what: Stored, token: string | undefined): Promise<void> {
  if (token === undefined) return
  const entry = core.keys.entry(what.key)
  const lease = core.keys.lease(entry)
  try {
    const encoded = await encodeEntry(core, { ...what, entry })
    const args = [token, encoded.bytes, String(Math.ceil(encoded.keepMs)), lease]
    const stored = await core.connection.run(FILL, { keys: [entry, lease], args })
    if (stored === 0) core.stats.fenced += 1
    core.coherence?.announce([entry])
  } catch (error) {
    if (error instanceof TypeError) throw error
    report(core, 'store', what.key, error)
  }
}
