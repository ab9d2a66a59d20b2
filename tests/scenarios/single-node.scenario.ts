/** Single nodes of Redis and Valkey that are in no group, on real engines; later one becomes the primary of a group. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  type CacheCluster,
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  CreateReplicationGroupCommand,
  CreateSnapshotCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  IncreaseReplicaCountCommand,
  ModifyCacheClusterCommand,
  ModifyReplicationGroupCommand,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

let hotshelf: Hotshelf
let customer: Customer
/** Files of a stock engine, which clusters may be made from. */
let files: string
const clients: Redis[] = []

beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'hs-files-'))
  hotshelf = await startHotshelf({ arguments: ['--seed-files', files] })
  customer = customerOf(hotshelf)
})
afterAll(async () => {
  for (const client of clients) client.disconnect()
  await dispose(hotshelf)
  rmSync(files, { recursive: true, force: true })
})

const cluster = async (CacheClusterId: string): Promise<CacheCluster> =>
  (await customer.elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId, ShowCacheNodeInfo: true })))
    .CacheClusters![0]!
const available = (id: string): Promise<CacheCluster> =>
  eventually(
    () => cluster(id),
    found => found.CacheClusterStatus === 'available',
  )
const create = async (input: Partial<CreateCacheClusterCommandInput> & { readonly CacheClusterId: string }) => {
  const common = { CacheNodeType: 'cache.t4g.micro', NumCacheNodes: 1 }
  await customer.elasticache.send(new CreateCacheClusterCommand({ ...common, ...input }))
  return available(input.CacheClusterId)
}
const endpointOf = (found: CacheCluster) => found.CacheNodes![0]!.Endpoint!

function connect(at: { readonly Address?: string; readonly Port?: number } | undefined): Redis {
  const client = new Redis({ host: at!.Address!, port: at!.Port!, maxRetriesPerRequest: 1, retryStrategy: () => null })
  client.on('error', () => {})
  clients.push(client)
  return client
}

const events = async (id: string, SourceType: 'cache-cluster' | 'replication-group' = 'cache-cluster') =>
  (await customer.elasticache.send(new DescribeEventsCommand({ SourceType, SourceIdentifier: id }))).Events!.map(
    event => event.Message!,
  )

describe('a single node', { timeout: 120_000 }, () => {
  it('serves on the endpoint of its cluster, with the parameters of its engine, and no replicas', async () => {
    const redis = await create({ CacheClusterId: 'plain', Engine: 'redis', Port: 6390 })
    const valkey = await create({ CacheClusterId: 'newer', Engine: 'valkey', EngineVersion: '8.0' })
    expect(endpointOf(redis).Port).toBe(6390)
    expect(endpointOf(redis).Address).not.toBe(endpointOf(valkey).Address)
    for (const found of [redis, valkey]) {
      const client = connect(endpointOf(found))
      expect(await client.set('colour', 'blue')).toBe('OK')
      expect(await client.info('replication')).toMatch(/role:master\r\nconnected_slaves:0/)
    }
    expect(await connect(endpointOf(valkey)).info('server')).toContain('valkey_version')
    const groups = await customer.elasticache.send(new DescribeReplicationGroupsCommand({}))
    expect(groups.ReplicationGroups).toEqual([])
    expect(await events('plain')).toEqual([
      'Creating cache cluster plain',
      expect.stringContaining('serves redis 7.1'),
      'Added cache node 0001 in availability zone us-east-1a',
      expect.stringContaining('Cache cluster created'),
    ])
  })

  it('is reached by `hotshelf connect`, and shown by `hotshelf status`', async () => {
    const program = fileURLToPath(new URL('../../packages/cli/bin/hotshelf.js', import.meta.url))
    const run = async (command: string, ...words: string[]) => {
      const all = [program, command, '--data-dir', hotshelf.dataDir, ...words]
      return (await promisify(execFile)(process.execPath, all)).stdout
    }
    expect(await run('connect', 'plain', '--', 'GET', 'colour')).toBe('blue\n')
    expect(await run('status', 'plain')).toMatch(/plain[^]*available/)
  })

  it('is replaced under its id and endpoint when it is lost, and restarted when that is asked for', async () => {
    const before = endpointOf(await cluster('plain'))
    process.kill(customer.pidOf('plain'), 'SIGKILL')
    await eventually(
      () => events('plain'),
      told => told.includes('Finished recovery for cache nodes 0001'),
    )
    expect(endpointOf(await available('plain'))).toEqual(before)
    const pid = customer.pidOf('plain')
    const request = { CacheClusterId: 'plain', CacheNodeIdsToReboot: ['0001'] }
    await customer.elasticache.send(new RebootCacheClusterCommand(request))
    expect((await cluster('plain')).CacheClusterStatus).toBe('rebooting cluster nodes')
    await available('plain')
    expect(customer.pidOf('plain')).not.toBe(pid)
    expect(await events('plain')).toContain('Cache node 0001 restarted')
  })

  it('keeps its data and its endpoint when its node type changes', async () => {
    const before = endpointOf(await cluster('newer'))
    const memory = async () => (await connect(before).info('memory')).match(/maxmemory:(\d+)/)![1]
    const small = await memory()
    await customer.elasticache.send(
      new ModifyCacheClusterCommand({
        CacheClusterId: 'newer',
        CacheNodeType: 'cache.t4g.small',
        ApplyImmediately: true,
      }),
    )
    expect((await cluster('newer')).CacheClusterStatus).toBe('modifying')
    const after = await available('newer')
    expect(after).toMatchObject({ CacheNodeType: 'cache.t4g.small', NumCacheNodes: 1 })
    expect(endpointOf(after)).toEqual(before)
    expect(Number(await memory())).toBeGreaterThan(Number(small))
    expect(await connect(before).get('colour')).toBe('blue')
  })

  it('is saved and begun from a snapshot, and leaves a last one behind', async () => {
    const snapshot = (name: string) =>
      eventually(
        async () =>
          (await customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: name }))).Snapshots![0]!,
        found => found.SnapshotStatus === 'available',
      )
    const asked = { CacheClusterId: 'newer', SnapshotName: 'kept' }
    await customer.elasticache.send(new CreateSnapshotCommand(asked))
    expect(await snapshot('kept')).toMatchObject({ CacheClusterId: 'newer', CacheNodeType: 'cache.t4g.small' })
    const again = await create({ CacheClusterId: 'again', CacheNodeType: undefined, SnapshotName: 'kept' })
    expect(again).toMatchObject({ Engine: 'valkey', CacheNodeType: 'cache.t4g.small' })
    const client = connect(endpointOf(again))
    expect(await client.get('colour')).toBe('blue')
    await client.set('colour', 'red')
    const end = { CacheClusterId: 'again', FinalSnapshotIdentifier: 'last' }
    await customer.elasticache.send(new DeleteCacheClusterCommand(end))
    await snapshot('last')
    await eventually(
      () => cluster('again').catch((error: Error) => error.name),
      found => found === 'CacheClusterNotFoundFault',
    )
    const third = await create({ CacheClusterId: 'third', SnapshotName: 'last' })
    expect(await connect(endpointOf(third)).get('colour')).toBe('red')
    await customer.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'third' }))
  })

  it('begins with the data of a file that a stock engine has written', async () => {
    const socket = join(files, 'stock.sock')
    const options = ['--port', '0', '--unixsocket', socket, '--dir', files, '--dbfilename', 'stock.rdb', '--save', '']
    const engine = spawn('redis-server', options, { stdio: 'ignore' })
    const ended = once(engine, 'exit')
    const stock = new Redis({ path: socket, retryStrategy: () => 50, maxRetriesPerRequest: null })
    stock.on('error', () => {})
    await stock.mset({ colour: 'violet', shape: 'round' })
    await stock.expire('shape', 3600)
    await stock.save()
    stock.disconnect()
    engine.kill()
    await ended

    const SnapshotArns = [`file://${files}/stock.rdb`]
    const made = await create({ CacheClusterId: 'seeded', Engine: 'valkey', SnapshotArns })
    const client = connect(endpointOf(made))
    expect(await client.mget('colour', 'shape')).toEqual(['violet', 'round'])
    expect(await client.ttl('shape')).toBeGreaterThan(3000)
    await expect(
      create({ CacheClusterId: 'no', Engine: 'valkey', SnapshotArns: [...SnapshotArns, ...SnapshotArns] }),
    ).rejects.toThrow('SnapshotArns takes one file for a cache cluster.')
    await customer.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'seeded' }))
  })

  it('becomes the primary of a group as it runs: same process, data and endpoint', async () => {
    const before = endpointOf(await cluster('newer'))
    const pid = customer.pidOf('newer')
    const writer = connect(before)
    await customer.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'around',
        ReplicationGroupDescription: 'made of a cluster',
        PrimaryClusterId: 'newer',
      }),
    )
    const group = await customer.available('around')
    expect(customer.pidOf('newer')).toBe(pid)
    expect(await cluster('newer')).toMatchObject({ ReplicationGroupId: 'around', CacheClusterStatus: 'available' })
    expect(endpointOf(await cluster('newer'))).toEqual(before)
    // The connection that was there before has noticed nothing.
    expect(await writer.get('colour')).toBe('blue')
    expect(await connect(group.NodeGroups![0]!.PrimaryEndpoint).get('colour')).toBe('blue')
    expect(await events('around', 'replication-group')).toContain('Replication group around created')

    await customer.elasticache.send(
      new IncreaseReplicaCountCommand({ ReplicationGroupId: 'around', NewReplicaCount: 2, ApplyImmediately: true }),
    )
    const grown = await customer.available('around')
    expect(grown.MemberClusters).toHaveLength(3)
    await writer.set('colour', 'green')
    const reader = connect(grown.NodeGroups![0]!.ReaderEndpoint)
    await eventually(
      () => reader.get('colour'),
      colour => colour === 'green',
    )
  })

  it('is failed over like any primary, and its name is free once it has left the group', async () => {
    const request = { ReplicationGroupId: 'around', AutomaticFailoverEnabled: true, ApplyImmediately: true }
    await customer.elasticache.send(new ModifyReplicationGroupCommand(request))
    const { NodeGroups } = await customer.available('around')
    process.kill(customer.pidOf('newer'), 'SIGKILL')
    await eventually(
      () => events('around', 'replication-group'),
      told => told.some(message => message.startsWith('Failover from primary node newer')),
    )
    await customer.available('around')
    const client = connect(NodeGroups![0]!.PrimaryEndpoint)
    expect(await client.get('colour')).toBe('green')
    await customer.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'newer' }))
    await eventually(
      () => customer.available('around'),
      group => group.MemberClusters?.length === 2,
    )
    const again = await create({ CacheClusterId: 'newer', Engine: 'valkey' })
    expect(await connect(endpointOf(again)).get('colour')).toBeNull()
    expect(await client.get('colour')).toBe('green')
  })

  it('goes on without the control plane, which finds it again', async () => {
    const pids = ['plain', 'newer'].map(id => customer.pidOf(id))
    await connect(endpointOf(await cluster('plain'))).set('kept', 'yes')
    await hotshelf.kill()
    hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir, arguments: ['--seed-files', files] })
    customer = customerOf(hotshelf)
    const found = await available('plain')
    expect(['plain', 'newer'].map(id => customer.pidOf(id))).toEqual(pids)
    expect(await connect(endpointOf(found)).get('kept')).toBe('yes')
    await customer.available('around')
  })

  it('is taken away whole, and so is the group that was made of one', async () => {
    for (const CacheClusterId of ['plain', 'newer'])
      await customer.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId }))
    await customer.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: 'around' }))
    await eventually(
      async () => (await customer.elasticache.send(new DescribeCacheClustersCommand({}))).CacheClusters,
      left => left?.length === 0,
    )
    await eventually(
      async () => processesIn(hotshelf.dataDir),
      left => left.length === 0,
    )
    expect(await events('plain')).toContain('Cache cluster deleted')
    expect(await events('around', 'replication-group')).toContain('Replication group around deleted')
  })
})
