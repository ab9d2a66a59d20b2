/**
 * Looks at some keys of one shard: SCAN with a bounded COUNT, never KEYS, and a handful of O(1) questions for each key.
 * Order matters: how often and when a key was used is asked before anything that may count as a use.
 */
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { KeyFacts, Packing, SampleEnd } from './facts.ts'
import { type Database } from './info.ts'
import { patternOf, printable } from './key-name.ts'
import { type Command, isRefusal, type NodeTalk, type Reply } from './node-talk.ts'
import { bytesOfAValue, scanCount, valuesOfAPattern, valuesOfAShard } from './pace.ts'

export interface SampleBounds {
  /** Most keys to look at. */
  readonly keys: number
  /** By performance.now(). */
  readonly until: number
  readonly onKeys: (count: number) => void
}

export interface Sampled {
  readonly keys: readonly KeyFacts[]
  readonly ended: SampleEnd
}

/** Keys of all databases, each with its share of the sample. `visit` gets at most `scanCount` new keys or so at a time. */
export async function scanKeys(
  talk: NodeTalk,
  databases: readonly Database[],
  bounds: SampleBounds,
  visit: (db: number, keys: readonly Buffer[]) => Promise<void>,
): Promise<SampleEnd> {
  const all = databases.reduce((sum, { keys }) => sum + keys, 0)
  let ended: SampleEnd = 'whole'
  for (const { db, keys } of databases) {
    const share = Math.min(keys, Math.ceil((bounds.keys * keys) / Math.max(1, all)))
    // Only the last key counts as the whole; keys that were added meanwhile may be left out or not.
    const most = bounds.keys >= all ? Number.POSITIVE_INFINITY : share
    if (databases.length > 1 || db !== 0) await talk.ask([['SELECT', String(db)]])
    const end = await scanDatabase(talk, { ...bounds, keys: most }, batch => visit(db, batch))
    if (end !== 'whole') ended = end
    if (end === 'time') break
  }
  return ended
}

async function scanDatabase(
  talk: NodeTalk,
  bounds: SampleBounds,
  visit: (keys: readonly Buffer[]) => Promise<void>,
): Promise<SampleEnd> {
  // SCAN may answer a key twice while the engine grows its table.
  const seen = new Set<string>()
  let cursor = '0'
  do {
    if (performance.now() > bounds.until) return 'time'
    const [reply] = await talk.ask([['SCAN', cursor, 'COUNT', String(scanCount)]])
    if (!Array.isArray(reply)) throw new Error(isRefusal(reply) ? reply.refused : 'SCAN was not answered')
    cursor = String(reply[0])
    const found = (reply[1] as readonly Buffer[]).filter(key => !seen.has(key.toString('latin1')))
    const batch = found.slice(0, Math.max(0, bounds.keys - seen.size))
    for (const key of batch) seen.add(key.toString('latin1'))
    if (batch.length > 0) await visit(batch)
    bounds.onKeys(batch.length)
    if (seen.size >= bounds.keys && (cursor !== '0' || batch.length < found.length)) return 'enough'
  } while (cursor !== '0')
  return 'whole'
}

const lengthCommands: Readonly<Record<string, string>> = {
  string: 'STRLEN',
  hash: 'HLEN',
  list: 'LLEN',
  set: 'SCARD',
  zset: 'ZCARD',
  stream: 'XLEN',
}

/** Keys that are this many belong into one pipeline. */
const keysAtOnce = 20

export async function sampleKeys(
  talk: NodeTalk,
  databases: readonly Database[],
  bounds: SampleBounds,
): Promise<Sampled> {
  const found: KeyFacts[] = []
  const packing = packer(talk)
  const visit = async (db: number, keys: readonly Buffer[]) => {
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      found.push(...(await lookAt(talk, db, keys.slice(from, from + keysAtOnce), packing)))
    }
  }
  try {
    return { ended: await scanKeys(talk, databases, bounds, visit), keys: found }
  } catch {
    // What was seen until then still tells something; the report says that the node stopped answering.
    return { ended: 'lost', keys: found }
  }
}

async function lookAt(talk: NodeTalk, db: number, keys: readonly Buffer[], pack: Packer): Promise<readonly KeyFacts[]> {
  const questions = keys.flatMap((key): readonly Command[] => [
    ['TYPE', key],
    ['OBJECT', 'ENCODING', key],
    ['MEMORY', 'USAGE', key, 'SAMPLES', '5'],
    ['PTTL', key],
  ])
  const answers = await talk.ask(questions)
  const living = keys.flatMap((key, index) => {
    const [type, encoding, bytes, ttl] = answers.slice(index * 4, index * 4 + 4)
    // Expired or removed since SCAN named it, or this user may not look at it.
    if (typeof bytes !== 'number' || typeof ttl !== 'number' || ttl === -2) return []
    return [{ raw: key, type: text(type), encoding: text(encoding), bytes, ttlMs: ttl < 0 ? undefined : ttl }]
  })
  const measurable = living.filter(({ type }) => lengthCommands[type] !== undefined)
  const lengths = await talk.ask(measurable.map(({ type, raw }): Command => [lengthCommands[type] ?? 'TYPE', raw]))
  const lengthOf = new Map(measurable.map(({ raw }, index) => [raw, lengths[index]]))
  const facts: KeyFacts[] = []
  for (const { raw, ...rest } of living) {
    const length = lengthOf.get(raw)
    const key = printable(raw)
    const fact: KeyFacts = {
      ...rest,
      key,
      db,
      pattern: patternOf(key),
      keyBytes: raw.length,
      length: typeof length === 'number' ? length : undefined,
    }
    const packed = await pack(raw, fact)
    facts.push(packed ? { ...fact, packing: packed } : fact)
  }
  return facts
}

const text = (reply: Reply | undefined): string =>
  Buffer.isBuffer(reply) ? reply.toString('utf8') : typeof reply === 'string' ? reply : ''

type Packer = (raw: Buffer, fact: KeyFacts) => Promise<Packing | undefined>

const compress = promisify<Buffer, { level: number }, Buffer>(deflate)

/** Strings below this size are not worth the work of compressing them. */
export const worthPacking = 1024

function packer(talk: NodeTalk): Packer {
  let taken = 0
  const ofPattern = new Map<string, number>()
  return async (raw, { type, length, pattern }) => {
    const before = ofPattern.get(pattern) ?? 0
    if (type !== 'string' || length === undefined || length < worthPacking) return undefined
    if (taken >= valuesOfAShard || before >= valuesOfAPattern) return undefined
    taken += 1
    ofPattern.set(pattern, before + 1)
    const [value] = await talk.ask([['GETRANGE', raw, '0', String(bytesOfAValue - 1)]])
    if (!Buffer.isBuffer(value) || value.length === 0) return undefined
    const packed = await compress(value, { level: 1 })
    return { rawBytes: value.length, packedBytes: packed.length, looks: looksLike(value) }
  }
}

/** By the first bytes: gzip, zlib, zstd and lz4 frames have marks of their own. */
export function looksLike(value: Buffer): Packing['looks'] {
  const [first = 0, second = 0] = value
  if (first === 0x1f && second === 0x8b) return 'packed'
  if (first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second)) return 'packed'
  if (['28b52ffd', '04224d18'].includes(value.subarray(0, 4).toString('hex'))) return 'packed'
  return /^\s*[{[]/.test(value.subarray(0, 16).toString('latin1')) ? 'json' : 'other'
}
