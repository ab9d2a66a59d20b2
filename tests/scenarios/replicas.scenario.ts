/** Replicas added and taken away while clients write, and a failover that somebody asks for, on both modes. */
import {
  CreateReplicationGroupCommand,
  DecreaseReplicaCountCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  IncreaseReplicaCountCommand,
  type ReplicationGroup,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient

beforeAll(async () => {
  hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
})
afterAll(() => dispose(hotshelf))

const group = async (id: string): Promise<ReplicationGroup> =>
  (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!

const available = (id: string, members: number): Promise<ReplicationGroup> =>
  eventually(
    () => group(id),
    found => found.Status === 'available' && found.MemberClusters!.length === members,
  )

async function create(id: string, more: object, members: number): Promise<ReplicationGroup> {
  const shape = { ReplicationGroupId: id, ReplicationGroupDescription: id, Engine: 'valkey', ...more }
  const request = { ...shape, CacheNodeType: 'cache.t4g.micro', AutomaticFailoverEnabled: true }
  await elasticache.send(new CreateReplicationGroupCommand(request))
  return available(id, members)
}

const running = (id: string): number =>
  processesIn(hotshelf.dataDir).filter(found => found.directory.includes(`/${id}/`)).length

describe('a group with cluster mode disabled', () => {
  it("grows by the guide's command, shrinks again, and loses no write meanwhile", async () => {
    const { NodeGroups } = await create('replicas', { NumCacheClusters: 2 }, 2)
    const client = new Redis({ host: NodeGroups![0]!.PrimaryEndpoint!.Address!, port: 6379 })
    let writes = 0
    const writing = { over: false }
    const writer = (async () => {
      while (!writing.over) await client.set(`write:${writes++}`, 'x')
    })()
    const change = { ReplicationGroupId: 'replicas', ApplyImmediately: true }
    await elasticache.send(new IncreaseReplicaCountCommand({ ...change, NewReplicaCount: 3 }))
    const grown = await available('replicas', 4)
    expect(running('replicas')).toBe(4)
    expect(grown.NodeGroups![0]!.NodeGroupMembers!.map(node => node.CurrentRole)).toEqual([
      'primary',
      'replica',
      'replica',
      'replica',
    ])
    await elasticache.send(new DecreaseReplicaCountCommand({ ...change, NewReplicaCount: 1 }))
    await available('replicas', 2)
    await eventually(
      async () => running('replicas'),
      count => count === 2,
    )
    writing.over = true
    await writer
    expect(await client.dbsize()).toBe(writes)
    client.disconnect()
  })

  it('fails over on request, on the same endpoint, and says so in the order AWS does', async () => {
    const before = (await group('replicas')).NodeGroups![0]!
    await elasticache.send(new TestFailoverCommand({ ReplicationGroupId: 'replicas', NodeGroupId: '0001' }))
    const after = await eventually(
      () => group('replicas'),
      found => found.Status === 'available' && found.NodeGroups![0]!.NodeGroupMembers![0]!.CurrentRole === 'replica',
    )
    expect(after.NodeGroups![0]!.PrimaryEndpoint).toEqual(before.PrimaryEndpoint)
    const client = new Redis({ host: before.PrimaryEndpoint!.Address!, port: 6379 })
    expect(await client.set('after', 'failover')).toBe('OK')
    client.disconnect()
    const { Events } = await elasticache.send(new DescribeEventsCommand({ Duration: 60 }))
    const told = Events!.map(event => event.Message!).filter(text => /Failover|recover/i.test(text))
    const order = [
      /^Test Failover API called for node group 0001/,
      /^Failover from primary node .* completed/,
      /^Recovering/,
      /^Finished recovery/,
    ]
    const places = order.map(pattern => told.findIndex(text => pattern.test(text)))
    expect(
      places.every(place => place >= 0),
      told.join('\n'),
    ).toBe(true)
    expect(places[0]).toBeLessThan(places[1]!)
    expect(places[2]).toBeLessThan(places[3]!)
  })
})

describe('a group with cluster mode enabled', () => {
  it('takes a replica into every shard, forgets those that leave, and fails a shard over', async () => {
    const found = await create('sharded', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 }, 4)
    const { Address: host, Port: port } = found.ConfigurationEndpoint!
    const cluster = new Cluster([{ host: host!, port: port! }])
    cluster.on('error', () => {})
    const observer = new Redis({ host: host!, port: port! })
    const known = async (): Promise<number> => ((await observer.cluster('NODES')) as string).trim().split('\n').length
    try {
      await Promise.all(Array.from({ length: 200 }, (_, i) => cluster.set(`key:${i}`, String(i))))
      const change = { ReplicationGroupId: 'sharded', ApplyImmediately: true }
      await elasticache.send(new IncreaseReplicaCountCommand({ ...change, NewReplicaCount: 2 }))
      await available('sharded', 6)
      expect(await known()).toBe(6)
      await elasticache.send(new DecreaseReplicaCountCommand({ ...change, NewReplicaCount: 1 }))
      await available('sharded', 4)
      expect(await known()).toBe(4)
      await elasticache.send(new TestFailoverCommand({ ReplicationGroupId: 'sharded', NodeGroupId: '0002' }))
      await eventually(
        async () => processesIn(hotshelf.dataDir).length,
        count => count >= 4,
      )
      await available('sharded', 4)
      const values = await Promise.all(Array.from({ length: 200 }, (_, i) => cluster.get(`key:${i}`)))
      expect(values).toEqual(values.map((_, i) => String(i)))
    } finally {
      observer.disconnect()
      cluster.disconnect()
    }
  })
})
