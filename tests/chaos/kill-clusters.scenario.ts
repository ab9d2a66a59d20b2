/**
 * Hotshelf lives for one effect on the world at a time: behind each it is killed (SIGKILL) and started again, while it makes,
 * changes and removes a Memcached cluster and a single node. So the work is cut at every place where it can be cut, and goes on
 * from what the next life finds.
 */
import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import {
  type CacheCluster,
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import {
  dispose,
  eventually,
  freePort,
  freshDataDir,
  type Hotshelf,
  launchHotshelf,
  processesIn,
  waitUntilReady,
} from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const dataDir = freshDataDir()
/** More lives than all of this takes; who needs more makes no progress. */
const most = 150
let port: number
let elasticache: ElastiCacheClient
let last: Hotshelf
let alive = false
let deaths = 0

beforeAll(async () => {
  port = await freePort()
  elasticache = new ElastiCacheClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterAll(() => dispose(last))

const nodes = () => processesIn(dataDir).filter(found => found.directory.includes('/nodes/'))
const pids = () => nodes().map(found => found.pid)

async function live(): Promise<void> {
  while (!alive) {
    expect(deaths).toBeLessThan(most)
    const launched = await launchHotshelf({ dataDir, port, environment: { HOTSHELF_CRASH_AFTER_EFFECT: '1' } })
    last = launched
    alive = true
    const ended = launched.ended.then(({ signal }) => {
      alive = false
      deaths++
      return expect(signal).toBe('SIGKILL')
    })
    // It may well die before it is ready: what is left to do is done from the first moment.
    await Promise.race([waitUntilReady(launched, 60_000).catch(() => ended), ended])
  }
}

/** Undefined where the server died before it answered. */
async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
  await live()
  return question().catch(async (error: Error) => {
    if ('$fault' in error) throw error
    return undefined
  })
}

/** Asks until the request is in: with an answer, or with a refusal because the answer was lost. Then watches over its lives. */
async function request(question: () => Promise<unknown>, isDone: (all: readonly CacheCluster[]) => boolean) {
  let asked = false
  await eventually(
    () =>
      ask(question)
        .catch((error: Error) => {
          if (!asked) throw error
          return error
        })
        .finally(() => (asked = true)),
    answer => answer !== undefined,
  )
  return eventually(
    () => ask(clusters),
    all => all !== undefined && isDone(all),
  )
}

const clusters = async (): Promise<readonly CacheCluster[]> =>
  (await elasticache.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }))).CacheClusters!
const available = ([found, ...others]: readonly CacheCluster[]): boolean =>
  found?.CacheClusterStatus === 'available' && others.length === 0
const gone = (all: readonly CacheCluster[]): boolean => all.length === 0

function discover(found: CacheCluster): Promise<{ readonly version: number; readonly nodes: readonly string[] }> {
  const { Address: host, Port: at } = found.ConfigurationEndpoint!
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: at! }, () => socket.write('config get cluster\r\n'))
    let text = ''
    socket.on('error', reject)
    socket.on('data', bytes => {
      text += bytes.toString()
      if (!text.endsWith('END\r\n')) return
      socket.destroy()
      const [version = '', members = ''] = text.split('\r\n')[1]!.split('\n')
      resolve({ version: Number(version), nodes: members.split(' ').map(node => node.split('|')[1]!) })
    })
  })
}

async function expectWhole(all: readonly CacheCluster[] | undefined, version: number, count: number): Promise<void> {
  const [found] = all!
  const endpoints = found!.CacheNodes!.map(node => node.Endpoint!.Address!)
  expect(endpoints).toHaveLength(count)
  expect(await discover(found!)).toEqual({ version, nodes: endpoints.toSorted() })
  expect(nodes()).toHaveLength(count + 1)
}

describe('Hotshelf killed behind each of its effects', { timeout: 900_000 }, () => {
  it('makes, changes and removes a Memcached cluster', async () => {
    const id = { CacheClusterId: 'fleet' }
    const modify = (input: object) => () =>
      elasticache.send(new ModifyCacheClusterCommand({ ...id, ApplyImmediately: true, ...input }))
    const create = new CreateCacheClusterCommand({
      ...id,
      Engine: 'memcached',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 2,
    })
    const made = await request(() => elasticache.send(create), available)
    await expectWhole(made, 1, 2)
    const two = pids()
    const grown = await request(modify({ NumCacheNodes: 3 }), all => available(all) && all[0]!.CacheNodes!.length === 3)
    await expectWhole(grown, 2, 3)
    // The nodes that were there have seen nothing of it.
    for (const pid of two) expect(pids()).toContain(pid)
    const shrunk = await request(
      modify({ NumCacheNodes: 1, CacheNodeIdsToRemove: ['0001', '0003'] }),
      all => available(all) && all[0]!.CacheNodes!.length === 1,
    )
    await expectWhole(shrunk, 3, 1)
    await request(() => elasticache.send(new DeleteCacheClusterCommand(id)), gone)
    expect(nodes()).toEqual([])
    expect(execFileSync('find', [dataDir, '-path', '*/fleet*']).toString()).toBe('')
    expect(deaths).toBeGreaterThan(10)
  })

  it('makes and changes a single node, forms a group around it, and removes it', async () => {
    const before = deaths
    const id = { CacheClusterId: 'one' }
    const create = new CreateCacheClusterCommand({ ...id, Engine: 'valkey', CacheNodeType: 'cache.t4g.micro' })
    const made = await request(() => elasticache.send(create), available)
    const { Address: host, Port: at } = made![0]!.CacheNodes![0]!.Endpoint!
    const answerOf = async (key: string, where = { host: host!, port: at! }) => {
      const client = new Redis({ ...where, retryStrategy: () => null, lazyConnect: true })
      client.on('error', () => {})
      await client.connect()
      return client.get(key).finally(() => client.disconnect())
    }
    const writer = new Redis({ host: host!, port: at! })
    await writer.set('kept', 'yes')
    writer.disconnect()
    const larger = new ModifyCacheClusterCommand({ ...id, CacheNodeType: 'cache.t4g.small', ApplyImmediately: true })
    await request(
      () => elasticache.send(larger),
      all => available(all) && all[0]!.CacheNodeType === 'cache.t4g.small',
    )
    expect(await answerOf('kept')).toBe('yes')
    const [pid] = pids()
    const ReplicationGroupId = 'around'
    const group = async () =>
      (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId }))).ReplicationGroups![0]!
    const form = new CreateReplicationGroupCommand({
      ReplicationGroupId,
      ReplicationGroupDescription: 'killed while it is made',
      PrimaryClusterId: 'one',
    })
    await request(() => elasticache.send(form), available)
    const formed = await eventually(
      () => ask(group),
      found => found?.Status === 'available',
    )
    expect(pids()).toEqual([pid])
    const { Address, Port } = formed!.NodeGroups![0]!.PrimaryEndpoint!
    expect(await answerOf('kept', { host: Address!, port: Port! })).toBe('yes')
    await request(() => elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId })), gone)
    expect(nodes()).toEqual([])
    const again = await request(() => elasticache.send(create), available)
    expect(again).toHaveLength(1)
    await request(() => elasticache.send(new DeleteCacheClusterCommand(id)), gone)
    expect(nodes()).toEqual([])
    expect(deaths - before).toBeGreaterThan(10)
  })
})
