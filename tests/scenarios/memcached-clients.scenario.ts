/**
 * Clients that people use on ElastiCache for Memcached, as they are: one of npm and one of Python that discover the nodes
 * themselves, and memjs, which is told them. Under load while nodes come and go; and how many keys stay where they are.
 */
import { execFile, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import {
  type CacheCluster,
  CreateCacheClusterCommand,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  ElastiCacheClient,
  ModifyCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Neither of the two has types of its own. */
const load = createRequire(import.meta.url)
interface Memjs {
  set(key: string, value: string, options: object): Promise<boolean>
  get(key: string): Promise<{ readonly value: Buffer | null }>
  close(): void
}
const memjs = load('memjs') as { readonly Client: { create(servers: string, options: object): Memjs } }
type Done<T> = (error: Error | undefined, answer: T) => void
interface Discovering {
  on(event: 'autoDiscover', listener: (nodes: readonly string[]) => void): void
  on(event: string, listener: (about: unknown) => void): void
  set(key: string, value: string, seconds: number, done: Done<boolean>): void
  get(key: string, done: Done<string | undefined>): void
  end(): void
}
const DiscoveryClient = load('memcached-elasticache') as new (at: string, options: object) => Discovering

const run = promisify(execFile)
const pythons = ['python3', '/usr/bin/python3']
const found = await Promise.all(
  pythons.map(name =>
    run(name, ['-c', 'import pymemcache']).then(
      () => true,
      () => false,
    ),
  ),
)
const python = pythons[found.indexOf(true)]

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient
beforeAll(async () => {
  hotshelf = await startHotshelf()
  elasticache = new ElastiCacheClient({
    endpoint: hotshelf.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})
afterAll(() => dispose(hotshelf))

const cluster = async (): Promise<CacheCluster> =>
  (await elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: 'fleet', ShowCacheNodeInfo: true })))
    .CacheClusters![0]!
const available = (): Promise<CacheCluster> => eventually(cluster, now => now.CacheClusterStatus === 'available')
async function create(NumCacheNodes: number): Promise<CacheCluster> {
  const type = { Engine: 'memcached', CacheNodeType: 'cache.t4g.micro' }
  await elasticache.send(new CreateCacheClusterCommand({ CacheClusterId: 'fleet', NumCacheNodes, ...type }))
  return available()
}
async function resize(NumCacheNodes: number, CacheNodeIdsToRemove?: string[]): Promise<CacheCluster> {
  const change = { NumCacheNodes, CacheNodeIdsToRemove, ApplyImmediately: true }
  await elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId: 'fleet', ...change }))
  return available()
}
async function remove(): Promise<void> {
  await elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'fleet' }))
  await eventually(
    async () => (await elasticache.send(new DescribeCacheClustersCommand({}))).CacheClusters,
    left => left?.length === 0,
  )
}

const nodesOf = (now: CacheCluster): readonly string[] =>
  now.CacheNodes!.map(({ Endpoint }) => `${Endpoint!.Address}:${Endpoint!.Port}`).toSorted()
const configuration = (now: CacheCluster): string =>
  `${now.ConfigurationEndpoint!.Address}:${now.ConfigurationEndpoint!.Port}`

/** How many items a node holds besides the list of nodes that it is given. */
function itemsAt(node: string): Promise<number> {
  const [host, port] = node.split(':')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: Number(port) }, () => socket.write('stats\r\n'))
    let text = ''
    socket.on('error', reject)
    socket.on('data', bytes => {
      text += bytes.toString()
      if (!text.endsWith('END\r\n')) return
      socket.destroy()
      resolve(Number(/STAT curr_items (\d+)/.exec(text)![1]) - 1)
    })
  })
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const keys = Array.from({ length: 600 }, (_, at) => `key-${at}`)

describe('clients of a Memcached cluster', { timeout: 240_000 }, () => {
  it('memjs reads and writes on all nodes', async () => {
    const nodes = nodesOf(await create(3))
    const client = memjs.Client.create(nodes.join(','), { timeout: 10, retries: 2 })
    try {
      for (const key of keys) expect(await client.set(key, `of ${key}`, { expires: 600 })).toBe(true)
      for (const key of keys) expect(String((await client.get(key)).value)).toBe(`of ${key}`)
    } finally {
      client.close()
    }
    const items = await Promise.all(nodes.map(itemsAt))
    expect(items.reduce((sum, count) => sum + count, 0)).toBe(keys.length)
    expect(Math.min(...items)).toBeGreaterThan(0)
  })

  it('a discovery client of npm follows 3, 5 and 2 nodes under load, and uses all of them', async () => {
    const three = await cluster()
    const client = new DiscoveryClient(configuration(three), {
      autoDiscoverInterval: 50,
      timeout: 5000,
      retries: 0,
      failures: 1000,
    })
    const heard: (readonly string[])[] = []
    client.on('autoDiscover', nodes => heard.push(nodes))
    for (const event of ['autoDiscoverFailure', 'issue', 'failure', 'reconnecting']) client.on(event, () => {})
    const write = (key: string) =>
      new Promise<boolean>(resolve => client.set(key, `of ${key}`, 600, (error, done) => resolve(!error && done)))
    const read = (key: string) =>
      new Promise<string | Error | undefined>(resolve => client.get(key, (error, value) => resolve(error ?? value)))
    // Between a write and its read the keys may have moved to other nodes: then it is not found, which is no failure.
    const load = { stopped: false, found: 0, failed: 0 }
    const working = Promise.all(
      [0, 1, 2, 3].map(async part => {
        for (let at = part; !load.stopped; at += 4) {
          const key = `load-${at % 400}`
          const [written, value] = [await write(key), await read(key)]
          if (!written || (value !== undefined && value !== `of ${key}`)) load.failed += 1
          else if (value !== undefined) load.found += 1
        }
      }),
    )
    const hears = (now: CacheCluster) =>
      eventually(
        async () => heard.at(-1),
        nodes => nodes?.join() === nodesOf(now).join(),
      )
    const all = async (now: CacheCluster) => {
      for (const key of keys) expect(await write(key)).toBe(true)
      for (const key of keys) expect(await read(key)).toBe(`of ${key}`)
      for (const items of await Promise.all(nodesOf(now).map(itemsAt))) expect(items).toBeGreaterThan(0)
    }
    await hears(three)
    await all(three)
    const five = await resize(5)
    await hears(five)
    await all(five)
    // A node is told to clients once it serves: growing costs nobody an answer.
    expect(load.failed).toBe(0)
    const two = await resize(2, ['0001', '0003', '0005'])
    await hears(two)
    await pause(200)
    const before = { ...load }
    await all(two)
    load.stopped = true
    await working
    expect(load.failed).toBe(before.failed)
    expect(load.found).toBeGreaterThan(before.found)
    expect(heard.map(nodes => nodes.length)).toEqual([3, 5, 2])
    client.end()
  })

  it('consistent hashing keeps most keys when a node is added', async () => {
    const open = async (now: CacheCluster) => {
      const client = new DiscoveryClient(configuration(now), {
        autoDiscoverInterval: 60_000,
        timeout: 5000,
        retries: 0,
      })
      const nodes = await new Promise<readonly string[]>(resolve => client.on('autoDiscover', resolve))
      expect(nodes).toEqual(nodesOf(now))
      return client
    }
    const three = await resize(3)
    const before = await open(three)
    for (const key of keys)
      await new Promise<void>((resolve, reject) =>
        before.set(key, 'kept', 600, error => (error ? reject(error) : resolve())),
      )
    before.end()
    const after = await open(await resize(4))
    const values: (string | undefined)[] = []
    for (const key of keys)
      values.push(
        await new Promise((resolve, reject) =>
          after.get(key, (error, value) => (error ? reject(error) : resolve(value))),
        ),
      )
    after.end()
    const kept = values.filter(value => value === 'kept').length / keys.length
    // Three quarters are to be expected; hashing by remainder keeps a quarter.
    expect(kept).toBeGreaterThan(0.55)
    expect(kept).toBeLessThan(1)
  })

  it.skipIf(python === undefined)(
    'pymemcache discovers, uses all nodes and keeps most keys (needs python3 with pymemcache)',
    async () => {
      const four = await cluster()
      const child = spawn(python!, ['-u', '-c', program, configuration(four)], { stdio: ['pipe', 'pipe', 'inherit'] })
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const next = async () => JSON.parse(String((await lines.next()).value)) as { nodes: string[]; kept: number }
      try {
        expect(await next()).toEqual({ nodes: nodesOf(four), kept: 1 })
        for (const items of await Promise.all(nodesOf(four).map(itemsAt))) expect(items).toBeGreaterThan(0)
        const five = await resize(5)
        child.stdin.write('again\n')
        const grown = await next()
        expect(grown.nodes).toEqual(nodesOf(five))
        expect(grown.kept).toBeGreaterThan(0.6)
        expect(grown.kept).toBeLessThan(1)
        const two = await resize(2, ['0001', '0002', '0003'])
        child.stdin.write('again\n')
        expect((await next()).nodes).toEqual(nodesOf(two))
      } finally {
        child.kill()
      }
    },
  )

  it('forty nodes are made, all told to clients, and taken away whole', async () => {
    await remove()
    const forty = await create(40)
    expect(forty.CacheNodes).toHaveLength(40)
    const client = new DiscoveryClient(configuration(forty), {
      autoDiscoverInterval: 60_000,
      timeout: 5000,
      retries: 0,
    })
    const nodes = await new Promise<readonly string[]>(resolve => client.on('autoDiscover', resolve))
    client.end()
    expect(nodes.toSorted()).toEqual(nodesOf(forty))
    expect(processesIn(hotshelf.dataDir)).toHaveLength(41)
    await remove()
    expect(processesIn(hotshelf.dataDir)).toEqual([])
  })
})

/**
 * Writes keys over all nodes that it discovered; then, each time it is asked, discovers again and says how many keys it still
 * finds. pymemcache has a discovery client from 4.0 on; before, its consistent hashing client is given the nodes that the
 * configuration endpoint answers to an ordinary get.
 */
const program = `
import json, sys
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

host, port = sys.argv[1].rsplit(':', 1)

def listed():
    client = Client((host, int(port)))
    answer = client.get('AmazonElastiCache:cluster').decode()
    client.close()
    return sorted((part.split('|')[1], int(part.split('|')[2])) for part in answer.split('\\n')[1].split(' '))

try:
    from pymemcache.client.ext.aws_ec_client import AWSElastiCacheHashClient
    client = AWSElastiCacheHashClient(sys.argv[1], timeout=5, connect_timeout=5)
    again = client.reconfigure_nodes
except ImportError:
    client = HashClient(listed(), timeout=5, connect_timeout=5)
    def again():
        global client
        client.close()
        client = HashClient(listed(), timeout=5, connect_timeout=5)

keys = ['py-%d' % at for at in range(500)]
for key in keys: client.set(key, key, noreply=False)

def tell():
    kept = sum(1 for key in keys if client.get(key) == key.encode())
    print(json.dumps({'nodes': sorted('%s:%d' % node for node in listed()), 'kept': kept / len(keys)}), flush=True)

tell()
for line in sys.stdin:
    again()
    tell()
`
