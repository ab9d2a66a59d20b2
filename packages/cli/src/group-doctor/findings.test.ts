import { describe, expect, it } from 'vitest'
import { checklistOf, unknownsOf } from './checklist.ts'
import type { GroupFacts, KeyFacts, NodeFacts, ShardSample } from './facts.ts'
import { findingsOf } from './findings.ts'
import { usesOf } from './findings/use.ts'
import { renderReport } from './render.ts'

const MiB = 1024 * 1024

const node = (info: Record<string, string>, more: Partial<NodeFacts> = {}): NodeFacts => ({
  id: 'orders-001',
  shard: '0001',
  role: 'primary',
  info: new Map(
    Object.entries({
      maxmemory_policy: 'allkeys-lru',
      maxmemory: String(100 * MiB),
      used_memory: String(10 * MiB),
      db0: 'keys=10,expires=10',
      slave0: 'ip=127.0.0.2,port=6379,state=online,offset=100,lag=0',
      master_repl_offset: '100',
      ...info,
    }),
  ),
  later: new Map(),
  laterAfterSeconds: 0,
  slow: [],
  latency: [],
  opinion: undefined,
  ...more,
})

const key = (more: Partial<KeyFacts>): KeyFacts => ({
  key: 'user:1',
  pattern: 'user:*',
  db: 0,
  type: 'string',
  encoding: 'raw',
  bytes: 100,
  keyBytes: 6,
  length: 40,
  ttlMs: 3_600_000,
  ...more,
})

const many = (count: number, more: Partial<KeyFacts>): readonly KeyFacts[] =>
  Array.from({ length: count }, (_, index) => key({ key: `user:${index}`, ttlMs: 100_000 + index * 5000, ...more }))

const sample = (keys: readonly KeyFacts[], more: Partial<ShardSample> = {}): ShardSample => ({
  shard: '0001',
  node: 'orders-001',
  onReplica: true,
  keysThere: keys.length,
  ended: 'whole',
  untouched: true,
  keys,
  heat: { node: 'orders-001', by: 'idle time', looked: keys.length, keys: [], idleForADay: 0 },
  ...more,
})

const group = (
  nodes: readonly NodeFacts[],
  keys: readonly KeyFacts[] = [],
  more: Partial<GroupFacts> = {},
): GroupFacts => ({
  id: 'orders',
  engine: 'valkey',
  nodeType: 'cache.t4g.micro',
  clusterMode: false,
  parameterGroup: 'mine',
  parameters: new Map(),
  nodes,
  samples: keys.length === 0 ? [] : [sample(keys)],
  commandsSent: 1,
  seconds: 1,
  ...more,
})

const kinds = (facts: GroupFacts) => findingsOf(facts).map(({ level, topic }) => `${level} ${topic}`)

describe('a healthy group', () => {
  it('has no findings, and every item of the checklist is fine', () => {
    const facts = group([node({})], many(5, {}))
    expect(findingsOf(facts)).toEqual([])
    expect(checklistOf([]).every(({ state }) => state === 'ok')).toBe(true)
    expect(renderReport(facts, [])).toContain('Nothing was found that should be changed.')
  })
})

describe('what INFO tells', () => {
  const full = { used_memory: String(97 * MiB) }
  it.each<[string, Record<string, string>, readonly string[]]>([
    ['three quarters used', { used_memory: String(75 * MiB) }, ['warning memory']],
    ['less', { used_memory: String(74 * MiB) }, []],
    ['full and refusing', { ...full, maxmemory_policy: 'noeviction' }, ['problem memory', 'advice eviction']],
    ['refused writes', { errorstat_OOM: 'count=3' }, ['problem eviction']],
    ['evictions of the past', { evicted_keys: '5' }, ['advice eviction']],
    [
      'volatile-lru, no TTL, room left',
      { maxmemory_policy: 'volatile-lru', db0: 'keys=10,expires=0' },
      ['warning eviction', 'warning time to live'],
    ],
    [
      'volatile-lru, no TTL, full',
      { ...full, maxmemory_policy: 'volatile-lru', db0: 'keys=10,expires=0' },
      ['problem eviction', 'warning memory', 'warning time to live'],
    ],
    [
      'volatile-lru, a few TTLs',
      { maxmemory_policy: 'volatile-lru', db0: 'keys=10,expires=1' },
      ['warning eviction', 'warning time to live'],
    ],
    ['volatile-lru, TTLs', { maxmemory_policy: 'volatile-lru' }, []],
    [
      'fragmentation',
      { mem_fragmentation_ratio: '1.8', mem_fragmentation_bytes: String(80 * MiB) },
      ['advice fragmentation'],
    ],
    ['the same ratio of little', { mem_fragmentation_ratio: '1.8', mem_fragmentation_bytes: String(8 * MiB) }, []],
    ['swap', { used_memory: String(70 * MiB), mem_fragmentation_ratio: '0.7' }, ['warning fragmentation']],
    ['KEYS', { cmdstat_keys: 'calls=2,usec=4000' }, ['warning KEYS']],
    ['slow DEL', { cmdstat_del: 'calls=2,usec=8000' }, ['advice freeing']],
    ['rejected clients', { rejected_connections: '1', maxclients: '100' }, ['problem connections']],
    ['nearly too many clients', { connected_clients: '90', maxclients: '100' }, ['warning connections']],
    [
      'a connection for each call',
      { total_connections_received: '9000', uptime_in_seconds: '60', connected_clients: '3' },
      ['warning connections'],
    ],
    ['a replica behind', { slave0: 'ip=127.0.0.2,port=1,state=online,offset=100,lag=4' }, ['warning replication']],
    ['few hits', { keyspace_hits: '700', keyspace_misses: '300' }, ['advice hit rate']],
    ['few reads', { keyspace_hits: '7', keyspace_misses: '300' }, []],
  ])('%s', (_, info, expected) => expect(kinds(group([node(info)]))).toEqual(expected))

  it('rates evictions over the time of the look', () => {
    const before = node({ evicted_keys: '5' }, { later: new Map([['evicted_keys', '25']]), laterAfterSeconds: 10 })
    expect(findingsOf(group([before]))).toMatchObject([
      { level: 'warning', numbers: { evictedKeys: 25, evictedPerSecond: 2 } },
    ])
  })

  it('names a node that does not answer, a lost link and a shard that holds most', () => {
    const silent = node({}, { id: 'orders-002', unreachable: 'no answer within 5 s' })
    const lost = node({ master_link_status: 'down' }, { id: 'orders-003', role: 'replica' })
    expect(kinds(group([node({}), silent, lost]))).toEqual(['problem reachability', 'problem replication'])
    const shards = [70, 5, 5].map((used, index) =>
      node({ used_memory: String(used * MiB) }, { id: `n${index}`, shard: `000${index + 1}` }),
    )
    expect(findingsOf(group(shards))).toMatchObject([
      { topic: 'balance', thing: 'shard 0001', command: 'hotshelf reshard orders 4' },
    ])
  })
})

describe('what keys tell', () => {
  it.each<[string, readonly KeyFacts[], readonly string[]]>([
    ['100 KiB is not big', [key({ bytes: 100 * 1024 })], []],
    ['more is', [key({ bytes: 100 * 1024 + 1 })], ['warning big keys']],
    ['5 MB is worse', [key({ bytes: 5 * MiB + 60 })], ['problem big keys']],
    [
      'many small elements',
      [key({ type: 'set', encoding: 'hashtable', length: 10_000, bytes: 90_000 })],
      ['warning big keys'],
    ],
    ['a long string of digits is not many elements', [key({ length: 50_000, bytes: 50_100 })], []],
    ['TTLs that end together', many(60, { ttlMs: 5_500 }), ['advice expiry']],
    ['hashes over the limit', many(12, { type: 'hash', encoding: 'hashtable', length: 600 }), ['advice encodings']],
    ['hashes within the limit', many(12, { type: 'hash', encoding: 'hashtable', length: 20 }), ['advice encodings']],
    ['compact hashes', many(12, { type: 'hash', encoding: 'listpack', length: 20 }), []],
    ['few loose hashes', many(3, { type: 'hash', encoding: 'hashtable', length: 20 }), []],
    ['a thousand tiny strings', many(1000, { length: 8 }), ['advice encodings']],
    ['long names', many(150, { keyBytes: 70 }), ['advice key names']],
    [
      'names without prefix',
      many(30, {}).map((it, index) => ({ ...it, key: `k${index}`, pattern: 'k*' })),
      ['advice key names'],
    ],
    [
      'values that compress',
      many(20, { length: 10_000, bytes: 10_100, packing: { rawBytes: 10_000, packedBytes: 3000, looks: 'json' } }),
      ['advice compression'],
    ],
    [
      'values that do not',
      many(20, { length: 10_000, bytes: 10_100, packing: { rawBytes: 10_000, packedBytes: 9000, looks: 'packed' } }),
      [],
    ],
  ])('%s', (_, keys, expected) => expect(kinds(group([node({})], keys))).toEqual(expected))

  it('takes the limits of encodings from the parameter group', () => {
    const keys = many(12, { type: 'hash', encoding: 'hashtable', length: 600 })
    const facts = group([node({})], keys, { parameters: new Map([['hash-max-listpack-entries', '1024']]) })
    expect(findingsOf(facts)[0]?.command).toContain('hash-max-listpack-value')
    expect(findingsOf(group([node({})], keys))[0]?.command).toContain('hash-max-listpack-entries,ParameterValue=1024')
  })

  it('scales a sample to all keys, and says so', () => {
    const partial = sample(many(10, { ttlMs: undefined }), { keysThere: 1000, ended: 'enough' })
    const facts = group([node({ db0: 'keys=1000,expires=0' })], [], { samples: [partial] })
    const pattern = findingsOf(facts).find(({ thing }) => thing === 'user:*')
    expect(pattern).toMatchObject({ found: expect.stringMatching(/^about 1000 keys/), numbers: { keys: 1000 } })
    expect(unknownsOf(facts)[0]).toContain('10 of 1000 keys were looked at')
  })

  it('hot keys are those that the engine counted, or that were used at every look', () => {
    const heat = (by: 'frequency' | 'idle time', keys: ShardSample['heat']['keys']) =>
      group([node({})], [], {
        samples: [sample(many(3, {}), { heat: { node: 'orders-001', by, looked: 3, keys, idleForADay: 0 } })],
      })
    const counted = heat('frequency', [
      { key: 'a', db: 0, frequency: 60 },
      { key: 'b', db: 0, frequency: 7 },
    ])
    expect(findingsOf(counted).map(({ thing }) => thing)).toEqual(['a'])
    const looked = heat('idle time', [
      { key: 'a', db: 0, usedInLooks: 3, looks: 3 },
      { key: 'b', db: 0, usedInLooks: 2, looks: 3 },
    ])
    expect(findingsOf(looked).map(({ thing }) => thing)).toEqual(['a'])
    expect(findingsOf(heat('idle time', [{ key: 'a', db: 0, usedInLooks: 0, looks: 0 }]))).toEqual([])
  })

  /** The table in the engines' own configuration file, at factor 10. */
  it.each([
    [18, 1000],
    [142, 100_000],
  ])('a frequency of %i stands for about %i uses', (frequency, uses) => {
    expect(usesOf(frequency, 10) / uses).toBeGreaterThan(0.8)
    expect(usesOf(frequency, 10) / uses).toBeLessThan(1.2)
  })
})

describe('a parameter command', () => {
  it('makes a group of its own where the default one is used', () => {
    const facts = group([node({ errorstat_OOM: 'count=1' })], [], {
      parameterGroup: 'default.valkey8.cluster.on',
      clusterMode: true,
    })
    expect(findingsOf(facts)[0]?.command).toMatch(
      /--cache-parameter-group-family valkey8 .*ParameterName=cluster-enabled,ParameterValue=yes && aws/,
    )
  })
})
