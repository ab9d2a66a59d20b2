/**
 * Structures that outgrew the engine's compact encodings, strings so small that their overhead weighs more, and strings that
 * compress. Redis 7 and Valkey call the compact encoding listpack; before 7.0 it was ziplist.
 */
import { bytes } from '../../output.ts'
import { type GroupFacts, type KeyFacts, scaleOf } from '../facts.ts'
import type { GroupFinding } from '../finding.ts'
import { groupedBy } from '../grouped-by.ts'
import { patternsOf } from '../patterns.ts'
import { keyCommand, parameterCommand } from '../ready-commands.ts'
import { isBig } from './keys.ts'

export const encodingFindings = (facts: GroupFacts): readonly GroupFinding[] => [
  ...outgrown(facts),
  ...tinyStrings(facts),
  ...compressible(facts),
]

interface Limit {
  readonly type: string
  /** The encoding beyond the limit. */
  readonly loose: string
  readonly entries: readonly string[]
  readonly fallback: number
}

/** Defaults of the engines; the parameter group may say otherwise. */
const limits: readonly Limit[] = [
  {
    type: 'hash',
    loose: 'hashtable',
    entries: ['hash-max-listpack-entries', 'hash-max-ziplist-entries'],
    fallback: 512,
  },
  {
    type: 'zset',
    loose: 'skiplist',
    entries: ['zset-max-listpack-entries', 'zset-max-ziplist-entries'],
    fallback: 128,
  },
  { type: 'set', loose: 'hashtable', entries: ['set-max-listpack-entries', 'set-max-intset-entries'], fallback: 128 },
]

/** Beyond this a compact encoding would cost more time than it saves memory. */
const sensible = 4
const fewest = 10

function outgrown(facts: GroupFacts): readonly GroupFinding[] {
  return limits.flatMap(limit => {
    const name = limit.entries.find(entry => facts.parameters.has(entry)) ?? limit.entries[0]!
    const most = Number(facts.parameters.get(name) ?? limit.fallback)
    const near = (key: KeyFacts) =>
      key.type === limit.type && key.encoding === limit.loose && (key.length ?? 0) <= most * sensible && !isBig(key)
    const within = patternsOf(facts, key => near(key) && (key.length ?? 0) <= most)
    const over = patternsOf(facts, key => near(key) && (key.length ?? 0) > most)
    return [
      ...within
        .filter(({ keys }) => keys >= fewest)
        .map((pattern): GroupFinding => {
          const byValue = name.replace('-entries', '-value')
          const raisable = limit.type !== 'set'
          return {
            level: 'advice',
            topic: 'encodings',
            thing: pattern.name,
            found: `${pattern.keys} ${plural[limit.type]} of at most ${most} entries are ${limit.loose}, ${bytes(pattern.bytes)}: some entry is longer than the compact encoding takes (${facts.parameters.get(byValue) ?? 64} bytes)`,
            todo: raisable
              ? `Store long entries in keys of their own, or raise ${byValue} a little; keys change when they are written again.`
              : 'Store shorter members, or numbers.',
            command: raisable
              ? parameterCommand(facts, byValue, '128')
              : keyCommand(facts, pattern.example.db, 'OBJECT ENCODING', pattern.example.key),
            numbers: { keys: pattern.keys, bytes: pattern.bytes, limit: most },
          }
        }),
      ...over
        .filter(({ keys }) => keys >= fewest)
        .map(
          (pattern): GroupFinding => ({
            level: 'advice',
            topic: 'encodings',
            thing: pattern.name,
            found: `${pattern.keys} ${plural[limit.type]} are little over ${most} entries and so stored as ${limit.loose}, ${bytes(pattern.bytes)}`,
            todo: `Split each into two, or raise ${name}: a compact one takes a fraction of the memory, and is walked for each access.`,
            command: parameterCommand(facts, name, String(most * 2)),
            numbers: { keys: pattern.keys, bytes: pattern.bytes, limit: most },
          }),
        ),
    ]
  })
}

const plural: Readonly<Record<string, string>> = { hash: 'hashes', zset: 'sorted sets', set: 'sets' }

/** Where what the engine keeps around a value is more than twice the value, and there are many of them. */
function tinyStrings(facts: GroupFacts): readonly GroupFinding[] {
  const tiny = (key: KeyFacts) => key.type === 'string' && key.length !== undefined && key.length <= 32
  return patternsOf(facts, tiny)
    .filter(({ keys, name }) => keys >= 1000 && name.includes('*'))
    .slice(0, 3)
    .map(pattern => ({
      level: 'advice',
      topic: 'encodings',
      thing: pattern.name,
      found: `${pattern.estimated ? 'about ' : ''}${pattern.keys} strings of at most 32 bytes take ${Math.round(pattern.bytes / pattern.keys)} bytes each, ${bytes(pattern.bytes)} together`,
      todo: 'Gather them as fields of small hashes (a hundred each), which are stored compactly; a TTL is then the hash’s.',
      numbers: { keys: pattern.keys, bytes: pattern.bytes },
    }))
}

/** Less than this is not worth the processor time. */
const worthSaving = 64 * 1024

function compressible(facts: GroupFacts): readonly GroupFinding[] {
  const strings = facts.samples.flatMap(sample => {
    const scale = scaleOf(sample)
    return sample.keys.filter(key => key.type === 'string' && (key.length ?? 0) >= 1024).map(key => ({ key, scale }))
  })
  return [...groupedBy(strings, ({ key }) => key.pattern)]
    .flatMap(([pattern, all]) => {
      const tried = all.flatMap(({ key }) => (key.packing ? [key.packing] : []))
      const raw = tried.reduce((sum, { rawBytes }) => sum + rawBytes, 0)
      if (raw === 0) return []
      const ratio = tried.reduce((sum, { packedBytes }) => sum + packedBytes, 0) / raw
      const stored = all.reduce((sum, { key, scale }) => sum + (key.length ?? 0) * scale, 0)
      const saved = stored * (1 - ratio)
      if (ratio > 0.7 || saved < worthSaving) return []
      const json = tried.every(({ looks }) => looks === 'json')
      return [{ pattern, all, tried, ratio, stored, saved, json }]
    })
    .toSorted((a, b) => b.saved - a.saved)
    .slice(0, 5)
    .map(({ pattern, all, tried, ratio, stored, saved, json }) => ({
      level: 'advice',
      topic: 'compression',
      thing: pattern,
      found: `${Math.round(all.reduce((sum, { scale }) => sum + scale, 0))} ${json ? 'JSON ' : ''}values, ${bytes(stored)}, compress to ${Math.round(ratio * 100)} % (zlib, ${tried.length} tried): about ${bytes(saved)} less`,
      todo: `Compress above 1 KiB where they are written${json ? ', or store MessagePack' : ''}: docs/cache/codecs.md.`,
      numbers: { storedBytes: Math.round(stored), ratio, savedBytes: Math.round(saved) },
    }))
}
