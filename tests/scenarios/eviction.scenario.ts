/**
 * What each eviction policy does on a full node, as its customer sees it. The policy is changed through the parameter group of
 * a group that serves; most of the memory is reserved (`reserved-memory-percent`), so that filling takes a second.
 * Which keys a policy may take and what it answers when there are none: Valkey's documentation, "Key eviction".
 */
import {
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyCacheParameterGroupCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, RespClient, RespError, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const parameterGroup = 'nearly-full'
const value = 'x'.repeat(100_000)
/** What the engine's allocator takes for such a value. */
const valueBytes = 114_688

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient
let client: RespClient

beforeAll(async () => {
  hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const family = { CacheParameterGroupFamily: 'valkey8', Description: 'nearly full' }
  await elasticache.send(new CreateCacheParameterGroupCommand({ CacheParameterGroupName: parameterGroup, ...family }))
  await modify({
    'reserved-memory-percent': '95',
    // Engines look at some keys, not at all; the more they look at, the surer the choice that a test can expect.
    'maxmemory-samples': '64',
    'lfu-log-factor': '1',
  })
  client = await create('full', parameterGroup)
})
afterAll(async () => {
  client.close()
  await dispose(hotshelf)
})

/** A client of its primary. */
async function create(id: string, group: string): Promise<RespClient> {
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: id,
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 1,
      CacheParameterGroupName: group,
    }),
  )
  const found = await eventually(
    async () =>
      (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!,
    each => each.Status === 'available',
  )
  const { Address: host, Port: port } = found.NodeGroups![0]!.PrimaryEndpoint!
  return RespClient.connect({ host: host!, port: port! })
}

async function modify(values: Readonly<Record<string, string>>, name = parameterGroup): Promise<void> {
  const ParameterNameValues = Object.entries(values).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  }))
  await elasticache.send(new ModifyCacheParameterGroupCommand({ CacheParameterGroupName: name, ParameterNameValues }))
}

async function info(field: string): Promise<string> {
  const text = await client.text('INFO', 'everything')
  const line = text.split('\r\n').find(each => each.startsWith(`${field}:`))
  if (line === undefined) throw new Error(`INFO has no ${field}`)
  return line.slice(field.length + 1)
}

const evicted = async (): Promise<number> => Number(await info('evicted_keys'))

interface Key {
  readonly name: string
  /** Seconds; undefined lives for ever. */
  readonly ttl: number | undefined
}

/** Writes many at once, and says which were refused, with the engine's words. */
async function write(keys: readonly Key[]): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>()
  for (let from = 0; from < keys.length; from += 8)
    await Promise.all(
      keys.slice(from, from + 8).map(async ({ name, ttl }) => {
        const reply = await client.send('SET', name, value, ...(ttl === undefined ? [] : ['EX', String(ttl)]))
        if (reply instanceof RespError) refused.set(name, reply.text)
        else expect(reply).toBe('OK')
      }),
    )
  return refused
}

/** In the order given. */
async function survivors(keys: readonly Key[]): Promise<readonly Key[]> {
  const there = await Promise.all(keys.map(({ name }) => client.send('EXISTS', name)))
  return keys.filter((_, n) => there[n] === 1)
}

interface Fresh {
  /** How many values have room, a little less than truly do. */
  readonly room: number
  readonly before: number
  /** Keys of one kind, from the given number on; engines remember names they meant to evict, so none is used twice. */
  keys(count: number, from: number, kind: 'with TTL' | 'without TTL'): readonly Key[]
  /** Half of them with a TTL, one kind after the other. */
  mixed(count: number, from: number): readonly Key[]
}

/** The policy has reached the node, which is empty. */
async function underPolicy(policy: string): Promise<Fresh> {
  await modify({ 'maxmemory-policy': policy })
  await eventually(
    () => info('maxmemory_policy'),
    found => found === policy,
  )
  expect(await client.text('FLUSHALL', 'SYNC')).toBe('OK')
  const room = Math.floor((Number(await info('maxmemory')) - Number(await info('used_memory'))) / valueBytes)
  expect(room).toBeGreaterThan(100)
  expect(room).toBeLessThan(400)
  const keys: Fresh['keys'] = (count, from, kind) =>
    Array.from({ length: count }, (_, n) => ({
      name: `${policy}:${kind}:${from + n}`,
      // Those written later expire sooner: what TTL decides differs from what age decides.
      ttl: kind === 'with TTL' ? 100_000 - 10 * (from + n) : undefined,
    }))
  const mixed: Fresh['mixed'] = (count, from) => {
    const half = Math.floor(count / 2)
    const lasting = keys(half, from, 'without TTL')
    return keys(half, from, 'with TTL').flatMap((key, n) => [key, lasting[n]!])
  }
  return { room, before: await evicted(), keys, mixed }
}

const part = (fresh: Fresh, share: number): number => Math.floor(fresh.room * share)
const hasTtl = (key: Key): boolean => key.ttl !== undefined
const oom = /^OOM command not allowed when used memory > 'maxmemory'/

/** Everything that is gone was evicted; nothing else took it. */
async function expectGone(keys: readonly Key[], fresh: Fresh): Promise<readonly Key[]> {
  const left = new Set(await survivors(keys))
  const gone = keys.filter(key => !left.has(key))
  expect((await evicted()) - fresh.before).toBe(gone.length)
  expect(gone.length).toBeGreaterThan(part(fresh, 0.1))
  return gone
}

/** Fills on with what must not be evicted: all with a TTL goes, and then writes are refused. */
async function expectRefusalOnceNoneHasTtl(written: readonly Key[], fresh: Fresh): Promise<void> {
  const more = fresh.keys(part(fresh, 1.2), 10_000, 'without TTL')
  const refused = await write(more)
  expect(refused.size).toBeGreaterThan(0)
  for (const words of refused.values()) expect(words).toMatch(oom)
  const taken = [...written, ...more].filter(({ name }) => !refused.has(name))
  const left = await survivors(taken)
  expect(left.filter(hasTtl)).toEqual([])
  expect(left).toEqual(taken.filter(key => !hasTtl(key)))
}

/** What is used stays, what is not used goes. `use` is called while all still has room. */
async function expectUsedOnesStay(
  fresh: Fresh,
  pick: (key: Key) => boolean,
  use: (hot: readonly Key[]) => Promise<void>,
) {
  const first = fresh.mixed(part(fresh, 0.8), 0)
  expect(await write(first)).toEqual(new Map())
  const hot = first.filter(pick).slice(0, 5)
  await use(hot)
  const rest = fresh.mixed(part(fresh, 0.5), 1000)
  expect(await write(rest)).toEqual(new Map())
  expect(await evicted()).toBeGreaterThan(fresh.before)
  expect(await survivors(hot)).toEqual(hot)
  return [...first, ...rest]
}

const get = async (keys: readonly Key[], times: number): Promise<void> => {
  for (let n = 0; n < times; n++)
    for (const { name } of keys) expect(await client.send('GET', name)).toHaveLength(value.length)
}

/** Engines tell ages apart by the second. */
const aWhile = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 2100))

const byRecency = async (hot: readonly Key[]): Promise<void> => {
  await aWhile()
  await get(hot, 1)
}

/** The opposite of recency: used often, then left alone for longer than what follows. */
const byFrequency = async (hot: readonly Key[]): Promise<void> => {
  await get(hot, 30)
  await aWhile()
}

describe('a node that is full', () => {
  it('refuses writes under noeviction, keeps all it has, and still serves reads and removals', async () => {
    const fresh = await underPolicy('noeviction')
    const keys = fresh.mixed(part(fresh, 1.4), 0)
    const refused = await write(keys)
    expect(refused.size).toBeGreaterThan(0)
    for (const words of refused.values()) expect(words).toMatch(oom)
    const taken = keys.filter(({ name }) => !refused.has(name))
    expect(taken.length).toBeGreaterThan(part(fresh, 0.8))
    expect(await survivors(taken)).toEqual(taken)
    expect(await evicted()).toBe(fresh.before)
    await get(taken.slice(0, 1), 1)
    for (const { name } of taken.slice(0, 10)) expect(await client.send('DEL', name)).toBe(1)
    expect(await client.text('SET', 'noeviction:again', value)).toBe('OK')
  })

  it.each([
    ['volatile-lru', byRecency],
    ['volatile-lfu', byFrequency],
  ] as const)(
    'under %s keeps what has no TTL and what is used, and refuses once all else is gone',
    async (policy, use) => {
      const fresh = await underPolicy(policy)
      const written = await expectUsedOnesStay(fresh, hasTtl, use)
      const gone = await expectGone(written, fresh)
      expect(gone.filter(key => !hasTtl(key))).toEqual([])
      await expectRefusalOnceNoneHasTtl(written, fresh)
    },
  )

  it('under volatile-random keeps what has no TTL, and refuses once all else is gone', async () => {
    const fresh = await underPolicy('volatile-random')
    const written = fresh.mixed(part(fresh, 1.4), 0)
    expect(await write(written)).toEqual(new Map())
    const gone = await expectGone(written, fresh)
    expect(gone.filter(key => !hasTtl(key))).toEqual([])
    await expectRefusalOnceNoneHasTtl(written, fresh)
  })

  it('under volatile-ttl evicts what expires soonest, and refuses once nothing has a TTL', async () => {
    const fresh = await underPolicy('volatile-ttl')
    const written = fresh.mixed(part(fresh, 1.4), 0)
    expect(await write(written)).toEqual(new Map())
    const gone = await expectGone(written, fresh)
    expect(gone.filter(key => !hasTtl(key))).toEqual([])
    const left = (await survivors(written)).filter(hasTtl)
    const mean = (keys: readonly Key[]): number => keys.reduce((sum, { ttl }) => sum + ttl!, 0) / keys.length
    expect(mean(gone)).toBeLessThan(mean(left))
    const first = written.filter(hasTtl).slice(0, 10)
    expect(left.slice(0, 10)).toEqual(first)
    await expectRefusalOnceNoneHasTtl(written, fresh)
  })

  it.each([
    ['allkeys-lru', byRecency],
    ['allkeys-lfu', byFrequency],
  ] as const)('under %s takes every write and evicts of both kinds what is not used', async (policy, use) => {
    const fresh = await underPolicy(policy)
    const gone = await expectGone(await expectUsedOnesStay(fresh, () => true, use), fresh)
    expect(gone.some(hasTtl)).toBe(true)
    expect(gone.some(key => !hasTtl(key))).toBe(true)
  })

  it('under allkeys-random takes every write and evicts of both kinds', async () => {
    const fresh = await underPolicy('allkeys-random')
    const written = fresh.mixed(part(fresh, 2), 0)
    expect(await write(written)).toEqual(new Map())
    const gone = await expectGone(written, fresh)
    expect(gone.some(hasTtl)).toBe(true)
    expect(gone.some(key => !hasTtl(key))).toBe(true)
  })
})

describe('a node whose memory is all reserved', () => {
  it('refuses every write: no room is not the same as no limit', async () => {
    const CacheParameterGroupName = 'all-reserved'
    const family = { CacheParameterGroupFamily: 'valkey8', Description: 'all reserved' }
    await elasticache.send(new CreateCacheParameterGroupCommand({ CacheParameterGroupName, ...family }))
    await modify({ 'reserved-memory-percent': '100' }, CacheParameterGroupName)
    const without = await create('roomless', CacheParameterGroupName)
    expect(await without.text('SET', 'key', 'value')).toMatch(oom)
    without.close()
  })
})
