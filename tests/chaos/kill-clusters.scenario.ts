/**
 * Hotshelf is killed (SIGKILL) behind every single effect while it makes, changes, reboots and deletes cache clusters. What
 * was not to change goes on with its data, and the list of auto discovery only gets newer.
 */
import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import {
  type CacheCluster,
  CreateCacheClusterCommand,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  ModifyCacheClusterCommand,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, processesIn } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ShortLives } from './short-lives.ts'

type At = { readonly Address?: string; readonly Port?: number }

let lives: ShortLives
beforeAll(async () => {
  lives = await ShortLives.begin()
})
afterAll(async () => {
  if (lives.last) await dispose(lives.last)
})

const look = async (): Promise<CacheCluster | undefined> =>
  (await lives.elasticache.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }))).CacheClusters![0]

/** `work`, then lives until the cluster is available and as `so` says; how many deaths that took. */
async function changed(work: () => Promise<unknown>, so: (found: CacheCluster) => boolean = () => true) {
  const before = lives.deaths.length
  const isSo = (found: CacheCluster | undefined) =>
    found !== undefined && found.CacheClusterStatus === 'available' && so(found)
  const found = (await lives.live(work, look, isSo))!
  return { found, deaths: lives.deaths.length - before }
}

const pidOf = (node: string): number => {
  const found = processesIn(lives.dataDir).filter(({ directory }) => directory.endsWith(`/${node}`))
  expect(found, `processes of node ${node}`).toHaveLength(1)
  return found[0]!.pid
}

/** One request in a text protocol, and all that is said until `end`. */
function talk({ Address, Port }: At, request: string, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: Address!, port: Port! })
    let text = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no "${end}" in ${JSON.stringify(text)}`)))
    socket.on('error', reject)
    socket.on('data', bytes => {
      text += bytes.toString('latin1')
      if (!text.endsWith(end)) return
      socket.destroy()
      resolve(text)
    })
    socket.write(request)
  })
}

async function deleted(id: string): Promise<void> {
  const before = lives.deaths.length
  await lives.live(
    () => lives.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: id })),
    look,
    found => found === undefined,
  )
  expect(lives.deaths.length - before).toBeGreaterThan(0)
  expect(processesIn(lives.dataDir)).toEqual([])
  expect(execFileSync('find', [lives.dataDir, '-path', `*/${id}*`]).toString()).toBe('')
}

describe('Hotshelf killed behind every effect on a Memcached cluster', { timeout: 300_000 }, () => {
  const CacheClusterId = 'many'
  const ids = (found: CacheCluster) => found.CacheNodes!.map(node => node.CacheNodeId)
  const endpointOf = (found: CacheCluster, id: string): At =>
    found.CacheNodes!.find(node => node.CacheNodeId === id)!.Endpoint!
  const store = async (at: At) => expect(await talk(at, 'set k 0 0 1\r\nx\r\n', '\r\n')).toBe('STORED\r\n')
  const kept = async (at: At) => (await talk(at, 'get k\r\n', 'END\r\n')) !== 'END\r\n'
  const modify = (input: object) => () =>
    lives.elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId, ApplyImmediately: true, ...input }))

  /** What auto discovery tells: its version, and exactly the nodes that the API names. */
  async function versionTold(found: CacheCluster): Promise<number> {
    const told = await talk(found.ConfigurationEndpoint!, 'config get cluster\r\n', '\n\r\nEND\r\n')
    const [, version, nodes] = told.split(/\r?\n/)
    const named = found.CacheNodes!.map(({ Endpoint: at }) => `${at!.Address}|${at!.Address}|${at!.Port}`)
    expect(nodes!.split(' ').toSorted()).toEqual(named.toSorted())
    return Number(version)
  }

  it('makes it', async () => {
    const create = new CreateCacheClusterCommand({
      CacheClusterId,
      Engine: 'memcached',
      EngineVersion: '1.6.12',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 2,
    })
    const { found, deaths } = await changed(() => lives.elasticache.send(create))
    expect(deaths).toBeGreaterThan(2)
    expect(await versionTold(found)).toBe(1)
    for (const id of ids(found)) await store(endpointOf(found, id!))
  })

  it('adds a node', async () => {
    const before = ['0001', '0002'].map(pidOf)
    const { found, deaths } = await changed(modify({ NumCacheNodes: 3 }), now => now.NumCacheNodes === 3)
    expect(deaths).toBeGreaterThan(1)
    expect(ids(found)).toEqual(['0001', '0002', '0003'])
    expect(await versionTold(found)).toBe(2)
    expect(['0001', '0002'].map(pidOf)).toEqual(before)
    for (const id of ['0001', '0002']) expect(await kept(endpointOf(found, id))).toBe(true)
  })

  it('takes a node away', async () => {
    const before = ['0001', '0003'].map(pidOf)
    const fewer = modify({ NumCacheNodes: 2, CacheNodeIdsToRemove: ['0002'] })
    const { found, deaths } = await changed(fewer, now => now.NumCacheNodes === 2)
    expect(deaths).toBeGreaterThan(1)
    expect(ids(found)).toEqual(['0001', '0003'])
    expect(await versionTold(found)).toBe(3)
    expect(['0001', '0003'].map(pidOf)).toEqual(before)
    expect(await kept(endpointOf(found, '0001'))).toBe(true)
  })

  it('reboots a node', async () => {
    const [rebooted, other] = [pidOf('0003'), pidOf('0001')]
    const reboot = new RebootCacheClusterCommand({ CacheClusterId, CacheNodeIdsToReboot: ['0003'] })
    const { found, deaths } = await changed(() => lives.elasticache.send(reboot))
    expect(deaths).toBeGreaterThan(0)
    expect(pidOf('0003')).not.toBe(rebooted)
    expect(pidOf('0001')).toBe(other)
    expect(await kept(endpointOf(found, '0001'))).toBe(true)
    expect(await versionTold(found)).toBe(3)
  })

  it('changes its engine version: new, empty nodes on the same endpoints', async () => {
    const before = (await look())!
    const { found, deaths } = await changed(modify({ EngineVersion: '1.6.22' }), now => now.EngineVersion === '1.6.22')
    expect(deaths).toBeGreaterThan(1)
    expect(found.CacheNodes!.map(node => node.Endpoint)).toEqual(before.CacheNodes!.map(node => node.Endpoint))
    for (const id of ids(found)) expect(await kept(endpointOf(found, id!))).toBe(false)
    expect(await versionTold(found)).toBeGreaterThanOrEqual(3)
  })

  it('deletes it without a trace', () => deleted(CacheClusterId))
})

describe('Hotshelf killed behind every effect on a single node', { timeout: 300_000 }, () => {
  const CacheClusterId = 'single'
  const at = (found: CacheCluster): At => found.CacheNodes![0]!.Endpoint!
  const value = async (found: CacheCluster) => (await talk(at(found), 'GET k\r\n', '\r\n')).split('\r\n')[1]

  it('makes it', async () => {
    const create = new CreateCacheClusterCommand({
      CacheClusterId,
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 1,
    })
    const { found, deaths } = await changed(() => lives.elasticache.send(create))
    expect(deaths).toBeGreaterThan(2)
    expect(await talk(at(found), 'SET k kept\r\n', '\r\n')).toBe('+OK\r\n')
  })

  it('changes its node type, and keeps its data and its endpoint', async () => {
    const before = at((await look())!)
    const modify = { CacheClusterId, CacheNodeType: 'cache.t4g.small', ApplyImmediately: true }
    const { found, deaths } = await changed(
      () => lives.elasticache.send(new ModifyCacheClusterCommand(modify)),
      now => now.CacheNodeType === 'cache.t4g.small',
    )
    expect(deaths).toBeGreaterThan(2)
    expect(at(found)).toEqual(before)
    expect(await value(found)).toBe('kept')
  })

  it('reboots it', async () => {
    const before = pidOf(CacheClusterId)
    const reboot = new RebootCacheClusterCommand({ CacheClusterId, CacheNodeIdsToReboot: ['0001'] })
    const { found, deaths } = await changed(() => lives.elasticache.send(reboot))
    expect(deaths).toBeGreaterThan(0)
    expect(pidOf(CacheClusterId)).not.toBe(before)
    expect(await talk(at(found), 'PING\r\n', '\r\n')).toBe('+PONG\r\n')
  })

  it('deletes it without a trace', () => deleted(CacheClusterId))
})
