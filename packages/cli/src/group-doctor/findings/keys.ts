/** Big keys, keys without TTL, keys that expire together, names: what the sample of keys tells. */
import { bytes } from '../../output.ts'
import { type GroupFacts, type KeyFacts, primaries } from '../facts.ts'
import type { GroupFinding, Level } from '../finding.ts'
import { groupedBy } from '../grouped-by.ts'
import { expiresIn, keysIn } from '../info.ts'
import { hasPrefix } from '../key-name.ts'
import { patternsOf, type Pattern } from '../patterns.ts'
import { keyCommand, scanCommand } from '../ready-commands.ts'

export const keyFindings = (facts: GroupFacts): readonly GroupFinding[] => [
  ...bigKeys(facts),
  ...withoutTtl(facts),
  ...expiringTogether(facts),
  ...longNames(facts),
  ...bareNames(facts),
]

/** The guide: at most 100 KB in one key. */
export const bigBytes = 100 * 1024
/** Where one command on all of it blocks the node for milliseconds. */
const bigElements = 10_000
const hugeBytes = 5 * 1024 * 1024 - 1
const shownBigKeys = 10

export const isBig = (key: KeyFacts): boolean =>
  key.bytes > bigBytes || (key.type !== 'string' && (key.length ?? 0) >= bigElements)

function bigKeys(facts: GroupFacts): readonly GroupFinding[] {
  const big = facts.samples.flatMap(sample => sample.keys.filter(isBig)).toSorted((a, b) => b.bytes - a.bytes)
  const rest = big.slice(shownBigKeys)
  const more: readonly GroupFinding[] =
    rest.length === 0
      ? []
      : [
          {
            level: 'warning',
            topic: 'big keys',
            thing: facts.id,
            found: `${rest.length} more keys over 100 KiB, ${bytes(rest.reduce((sum, key) => sum + key.bytes, 0))} together`,
            todo: 'See them all with --json.',
            command: `hotshelf doctor ${facts.id} --json`,
            numbers: { keys: rest.length },
          },
        ]
  return [...big.slice(0, shownBigKeys).map(key => bigKey(facts, key)), ...more]
}

function bigKey(facts: GroupFacts, key: KeyFacts): GroupFinding {
  const size =
    key.length === undefined ? '' : key.type === 'string' ? '' : `, ${key.length} ${elements[key.type] ?? 'elements'}`
  const level: Level = key.bytes > hugeBytes || (key.length ?? 0) >= bigElements * 10 ? 'problem' : 'warning'
  const { todo, command, rest } = splitting[key.type] ?? splitting['string']!
  return {
    level: key.type === 'string' && level === 'problem' && key.bytes <= hugeBytes ? 'warning' : level,
    topic: 'big keys',
    thing: key.key,
    found: `${key.type} of ${bytes(key.bytes)}${size}; the guide's limit is 100 KB`,
    todo: `${todo} Remove it with UNLINK, never DEL.`,
    command: keyCommand(facts, key.db, command, key.key, rest),
    numbers: { bytes: key.bytes, ...(key.length === undefined ? {} : { length: key.length }) },
  }
}

const elements: Readonly<Record<string, string>> = {
  hash: 'fields',
  list: 'elements',
  set: 'members',
  zset: 'members',
  stream: 'entries',
}

const splitting: Readonly<Record<string, { readonly todo: string; readonly command: string; readonly rest: string }>> =
  {
    string: { todo: 'Split it or compress it, and read parts with GETRANGE.', command: 'STRLEN', rest: '' },
    hash: {
      todo: 'Split it into buckets (field hash modulo n), and read it with HSCAN.',
      command: 'HSCAN',
      rest: '0 COUNT 100',
    },
    list: { todo: 'Page through it with LRANGE, and cut it with LTRIM.', command: 'LRANGE', rest: '0 99' },
    set: { todo: 'Split it into buckets, and read it with SSCAN.', command: 'SSCAN', rest: '0 COUNT 100' },
    zset: {
      todo: 'Page through it with ZRANGE, and cut it with ZREMRANGEBYRANK.',
      command: 'ZRANGE',
      rest: '0 99 WITHSCORES',
    },
    stream: { todo: 'Cut it with XTRIM MAXLEN ~.', command: 'XRANGE', rest: '- + COUNT 100' },
  }

const shownPatterns = 5

/** How many there are is known exactly, from INFO; which ones, from the sample. */
function withoutTtl(facts: GroupFacts): readonly GroupFinding[] {
  const all = primaries(facts)
  const keys = all.reduce((sum, { info }) => sum + keysIn(info), 0)
  const without = keys - all.reduce((sum, { info }) => sum + expiresIn(info), 0)
  if (without <= 0) return []
  const level: Level = all.some(({ info }) => info.get('maxmemory_policy')?.startsWith('volatile-'))
    ? 'warning'
    : 'advice'
  const patterns = patternsOf(facts, key => key.ttlMs === undefined).slice(0, shownPatterns)
  return [
    {
      level,
      topic: 'time to live',
      thing: facts.id,
      found: `${without} of ${keys} keys have no TTL`,
      todo: 'Every cached key wants one that suits its use, with some random seconds added. Keys that must stay belong into another group.',
      numbers: { keys, without },
    },
    ...patterns.map(pattern => withoutTtlIn(facts, pattern, level)),
  ]
}

const withoutTtlIn = (facts: GroupFacts, pattern: Pattern, level: Level): GroupFinding => ({
  level,
  topic: 'time to live',
  thing: pattern.name,
  found: `${pattern.estimated ? 'about ' : ''}${pattern.keys} keys without TTL, ${bytes(pattern.bytes)}`,
  todo: `Set it where they are written (SET … EX). Those that are there: EXPIRE each, such as ${pattern.example.key}.`,
  command:
    pattern.keys === 1
      ? keyCommand(facts, pattern.example.db, 'EXPIRE', pattern.example.key, '<seconds>')
      : scanCommand(facts, pattern.node, pattern.name),
  numbers: { keys: pattern.keys, bytes: pattern.bytes },
})

/** Keys that end in the same second make their readers load them again together. */
function expiringTogether(facts: GroupFacts): readonly GroupFinding[] {
  const living = facts.samples.flatMap(sample => sample.keys.filter(key => key.ttlMs !== undefined))
  const seconds = groupedBy(living, key => Math.floor((key.ttlMs ?? 0) / 1000))
  const worst = [...seconds.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
  const share = worst.length / Math.max(1, living.length)
  if (worst.length < 50 || share < 0.1) return []
  return [
    {
      level: 'advice',
      topic: 'expiry',
      thing: worst[0]?.pattern ?? facts.id,
      found: `${worst.length} of ${living.length} sampled keys with a TTL end within the same second`,
      todo: 'Add random seconds to each TTL (a tenth of it), so that they do not all miss at once: docs/cache/stampede.md.',
      numbers: { keys: worst.length, share },
    },
  ]
}

/** Names are stored with every key, so their bytes count as often as there are keys. */
function longNames(facts: GroupFacts): readonly GroupFinding[] {
  return patternsOf(facts, () => true)
    .filter(({ keyBytes, keys, bytes: all }) => keys >= 100 && keyBytes / keys > 40 && keyBytes / all > 0.25)
    .slice(0, shownPatterns)
    .map(pattern => ({
      level: 'advice',
      topic: 'key names',
      thing: pattern.name,
      found: `names of ${Math.round(pattern.keyBytes / pattern.keys)} bytes on average: ${bytes(pattern.keyBytes)} of the ${bytes(pattern.bytes)} that these keys take`,
      todo: 'Shorter names, such as user:123 instead of user_profile_data:123.',
      numbers: { keyBytes: pattern.keyBytes, bytes: pattern.bytes },
    }))
}

function bareNames(facts: GroupFacts): readonly GroupFinding[] {
  const all = facts.samples.flatMap(sample => sample.keys)
  const bare = all.filter(key => !hasPrefix(key.key))
  if (bare.length < 20 || bare.length / all.length < 0.2) return []
  return [
    {
      level: 'advice',
      topic: 'key names',
      thing: bare[0]?.pattern ?? facts.id,
      found: `${bare.length} of ${all.length} sampled keys have no prefix, such as ${bare[0]?.key}`,
      todo: 'Begin every name with what it is and a colon: SCAN MATCH, ACL rules and this report can then tell keys apart.',
      numbers: { keys: bare.length, sampled: all.length },
    },
  ]
}
