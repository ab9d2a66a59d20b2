/**
 * Hotshelf is killed (SIGKILL) right after its N-th effect on the world, for every N that there is, while it makes, changes and
 * removes a Memcached cluster, and while it makes a group of a single node. The next start must finish the work.
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
  startHotshelf,
  waitUntilReady,
} from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const dataDir = freshDataDir()
/** More effects than any of these works has. */
const most = 60
let port: number
let elasticache: ElastiCacheClient
let last: Hotshelf

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

const processes = () => processesIn(dataDir).filter(found => found.directory.includes('/nodes/'))
const pids = () => processes().map(found => found.pid)

const clusters = async (): Promise<readonly CacheCluster[]> =>
  (await elasticache.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }))).CacheClusters!
const available = (found: readonly CacheCluster[]): boolean =>
  found.length === 1 && found[0]!.CacheClusterStatus === 'available'
const gone = (found: readonly CacheCluster[]): boolean => found.length === 0

/**
 * Asks a server that dies after so many effects, then lets another finish. True when the first one died: then there may be
 * more effects to die behind. `finished` is also how it is known that the first has no more to do.
 */
async function askAndDie(
  effects: number,
  ask: () => Promise<unknown>,
  finished: (found: readonly CacheCluster[]) => boolean,
): Promise<boolean> {
  last = await launchHotshelf({ dataDir, port, environment: { HOTSHELF_CRASH_AFTER_EFFECT: String(effects) } })
  await waitUntilReady(last, 60_000)
  // The answer may be lost with the server: what was asked for is on its disk then.
  await ask().catch((error: Error) => {
    if ('$fault' in error) throw error
  })
  const first = await Promise.race([
    last.ended.then(end => end.signal),
    eventually(
      async () => {
        const found = await clusters().catch(() => undefined)
        return found !== undefined && finished(found)
      },
      done => done,
    ).then(() => 'finished' as const),
  ])
  await last.kill()
  last = await startHotshelf({ dataDir, port })
  await eventually(clusters, finished)
  return first === 'SIGKILL'
}

const stop = () => last.stop()

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
      const [version = '', nodes = ''] = text.split('\r\n')[1]!.split('\n')
      resolve({ version: Number(version), nodes: nodes.split(' ').map(node => node.split('|')[1]!) })
    })
  })
}

async function expectWhole(version: number, count: number): Promise<void> {
  const [found] = await clusters()
  const told = await discover(found!)
  expect(found!.CacheNodes).toHaveLength(count)
  expect(told).toEqual({ version, nodes: found!.CacheNodes!.map(node => node.Endpoint!.Address).toSorted() })
  expect(processes()).toHaveLength(count + 1)
}

describe('Hotshelf killed behind each of its effects', () => {
  it('makes, changes and removes a Memcached cluster', { timeout: 1_200_000 }, async () => {
    const create = new CreateCacheClusterCommand({
      CacheClusterId: 'fleet',
      Engine: 'memcached',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 2,
    })
    const change = (input: object) =>
      new ModifyCacheClusterCommand({ CacheClusterId: 'fleet', ApplyImmediately: true, ...input })
    const remove = new DeleteCacheClusterCommand({ CacheClusterId: 'fleet' })
    let effects = 1
    for (let died = true; died; effects++) {
      died = await askAndDie(effects, () => elasticache.send(create), available)
      await expectWhole(1, 2)
      const two = pids()
      await stop()
      const grown = await askAndDie(
        effects,
        () => elasticache.send(change({ NumCacheNodes: 3 })),
        found => available(found) && found[0]!.NumCacheNodes === 3,
      )
      await expectWhole(2, 3)
      // The nodes that were there have seen nothing of it.
      for (const pid of two) expect(pids()).toContain(pid)
      await stop()
      const shrunk = await askAndDie(
        effects,
        () => elasticache.send(change({ NumCacheNodes: 1, CacheNodeIdsToRemove: ['0001', '0003'] })),
        found => available(found) && found[0]!.NumCacheNodes === 1,
      )
      await expectWhole(3, 1)
      await stop()
      const removed = await askAndDie(effects, () => elasticache.send(remove), gone)
      expect(processes()).toEqual([])
      expect(execFileSync('find', [dataDir, '-path', '*/fleet*']).toString()).toBe('')
      await stop()
      died ||= grown || shrunk || removed
      expect(effects).toBeLessThan(most)
    }
    expect(effects).toBeGreaterThan(5)
  })

  it('makes a group of a single node, which notices nothing', { timeout: 1_200_000 }, async () => {
    let effects = 1
    for (let died = true; died; effects++) {
      last = await startHotshelf({ dataDir, port })
      const CacheClusterId = `one-${effects}`
      await elasticache.send(
        new CreateCacheClusterCommand({ CacheClusterId, Engine: 'valkey', CacheNodeType: 'cache.t4g.micro' }),
      )
      const [made] = await eventually(clusters, available)
      const { Address: host, Port: at } = made!.CacheNodes![0]!.Endpoint!
      const client = new Redis({ host: host!, port: at!, retryStrategy: () => null })
      client.on('error', () => {})
      await client.set('kept', 'yes')
      const before = pids()
      await stop()
      const ReplicationGroupId = `around-${effects}`
      const groups = async () =>
        (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId }))).ReplicationGroups![0]!
      const form = new CreateReplicationGroupCommand({
        ReplicationGroupId,
        ReplicationGroupDescription: 'killed while it is made',
        PrimaryClusterId: CacheClusterId,
      })
      died = await askAndDie(
        effects,
        async () => {
          await elasticache.send(form)
          await eventually(
            () => groups().catch(() => undefined),
            group => group === undefined || group.Status === 'available',
          )
        },
        available,
      )
      const group = await eventually(groups, found => found.Status === 'available')
      expect(pids()).toEqual(before)
      expect(await client.get('kept')).toBe('yes')
      client.disconnect()
      const { Address, Port } = group.NodeGroups![0]!.PrimaryEndpoint!
      const through = new Redis({ host: Address!, port: Port!, retryStrategy: () => null })
      expect(await through.get('kept')).toBe('yes')
      through.disconnect()
      await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId }))
      await eventually(clusters, gone)
      expect(processes()).toEqual([])
      await stop()
      expect(effects).toBeLessThan(most)
    }
    expect(effects).toBeGreaterThan(2)
  })
})
