/**
 * A group with keys of every type, through a snapshot into groups of other shapes, engines and encryption: the same keys with
 * the same values and times to live, each where its slot is. And what cannot be restored, refused before anything starts.
 */
import {
  CopySnapshotCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  CreateSnapshotCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DeleteSnapshotCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  type Snapshot,
} from '@aws-sdk/client-elasticache'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Access, clientOf, contentsOf, difference, fillWith } from './contents.ts'
import { type Customer, customerOf } from './customer.ts'

const keyCount = Number(process.env['SNAPSHOT_KEYS'] ?? 110_000)

let hotshelf: Hotshelf
let customer: Customer
let authority: string

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  authority = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
})
afterAll(() => dispose(hotshelf))

const snapshot = async (name: string): Promise<Snapshot> =>
  (await customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: name }))).Snapshots![0]!
async function taken(group: string, name: string): Promise<void> {
  await customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: group, SnapshotName: name }))
  await eventually(
    () => snapshot(name),
    found => found.SnapshotStatus === 'available',
  )
  // Whoever waited for the snapshot may ask for the next thing at once.
  expect((await customer.group(group)).Status).toBe('available')
}
async function remove(id: string): Promise<void> {
  await customer.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
  await eventually(
    () => customer.elasticache.send(new DescribeReplicationGroupsCommand({})),
    answer => !answer.ReplicationGroups!.some(group => group.ReplicationGroupId === id),
  )
}
async function contents(id: string, access: Access = {}): Promise<ReadonlyMap<string, string>> {
  const client = clientOf(await customer.group(id), access)
  try {
    return await contentsOf(client)
  } finally {
    client.disconnect()
  }
}
const filesOf = (directory: string): string =>
  execFileSync('find', [`${hotshelf.dataDir}/${directory}`, '-name', '*.rdb*'], { encoding: 'utf8' })

describe('a snapshot of a group of three shards, encrypted at rest', { timeout: 400_000 }, () => {
  let wanted: ReadonlyMap<string, string>

  beforeAll(async () => {
    const shape = { NumNodeGroups: 3, ReplicasPerNodeGroup: 1, CacheNodeType: 'cache.t4g.small' }
    const client = clientOf(await customer.create('source', shape))
    await fillWith(client, keyCount)
    wanted = await contentsOf(client)
    client.disconnect()
    await taken('source', 'whole')
  }, 300_000)

  it('lies in the storage sealed, and the nodes have no file of it', async () => {
    expect(wanted.size).toBeGreaterThan(keyCount * 0.8)
    const files = filesOf('snapshots').trim().split('\n')
    expect(files.map(file => file.slice(-15))).toEqual(files.map(() => expect.stringMatching(/000\d\.rdb\.sealed$/)))
    for (const file of files) {
      const bytes = readFileSync(file)
      expect(bytes.subarray(0, 7).toString()).toBe('HSSEAL1')
      expect(bytes.includes('REDIS00')).toBe(false)
    }
    expect(filesOf('nodes')).toBe('')
  })

  const shapes: readonly [string, Partial<CreateReplicationGroupCommandInput>, number][] = [
    ['one shard with cluster mode disabled', { NumNodeGroups: 1, ReplicasPerNodeGroup: 1 }, 2],
    ['two shards', { NumNodeGroups: 2 }, 2],
    [
      'the three that it had, encrypted in transit, on larger nodes',
      { TransitEncryptionEnabled: true, CacheNodeType: 'cache.m6g.large', ReplicasPerNodeGroup: 1 },
      6,
    ],
    ['five shards', { NumNodeGroups: 5 }, 5],
  ]
  it.each(shapes)('is restored into %s with every key, value and time to live', async (_, shape, nodes) => {
    const common = { ReplicationGroupId: 'restored', ReplicationGroupDescription: '', SnapshotName: 'Whole' }
    await customer.elasticache.send(new CreateReplicationGroupCommand({ ...common, ...shape }))
    const seen = new Set<string | undefined>()
    await eventually(
      async () => {
        seen.add((await snapshot('whole')).SnapshotStatus)
        return customer.group('restored')
      },
      group => group.Status === 'available',
      120_000,
    )
    expect(seen.has('restoring')).toBe(true)
    const found = await contents('restored', shape.TransitEncryptionEnabled ? { authority } : {})
    expect(difference(wanted, found)).toEqual([])
    expect(found.size).toBe(wanted.size)
    expect(processesIn(hotshelf.dataDir).filter(one => one.directory.includes('/restored/'))).toHaveLength(nodes)
    expect(filesOf('nodes')).toBe('')
    expect((await snapshot('whole')).SnapshotStatus).toBe('available')
    await remove('restored')
  })

  it('is restored under its engine, version and node type when the request leaves them out', async () => {
    const request = { ReplicationGroupId: 'same', ReplicationGroupDescription: '', SnapshotName: 'whole' }
    const { ReplicationGroup: made } = await customer.elasticache.send(new CreateReplicationGroupCommand(request))
    expect(made).toMatchObject({ Engine: 'valkey', CacheNodeType: 'cache.t4g.small', ClusterEnabled: true })
    expect(made!.NodeGroups!.map(shard => shard.Slots)).toEqual(['0-5460', '5461-10922', '10923-16383'])
    const removal = new DeleteSnapshotCommand({ SnapshotName: 'whole' })
    await expect(customer.elasticache.send(removal)).rejects.toThrow('cannot be deleted: it is restoring')
    await customer.available('same')
    await remove('same')
  })

  it('is refused to what cannot hold or read it, and nothing starts', async () => {
    const refused: readonly [object, RegExp][] = [
      [{ Engine: 'redis' }, /Valkey cannot be restored to Redis/],
      [{ SnapshotName: 'none' }, /Snapshot not found: none/],
    ]
    for (const [changes, message] of refused) {
      const request = { ReplicationGroupId: 'no', ReplicationGroupDescription: '', SnapshotName: 'whole', ...changes }
      await expect(customer.elasticache.send(new CreateReplicationGroupCommand(request))).rejects.toThrow(message)
    }
    await expect(customer.group('no')).rejects.toThrow('not found')
    expect(processesIn(hotshelf.dataDir).filter(one => one.directory.includes('/no/'))).toEqual([])
  })

  it('is copied, outlives its original, and the copy is restored', async () => {
    await customer.elasticache.send(
      new CopySnapshotCommand({ SourceSnapshotName: 'whole', TargetSnapshotName: 'copy' }),
    )
    await eventually(
      () => snapshot('copy'),
      found => found.SnapshotStatus === 'available',
    )
    await customer.elasticache.send(new DeleteSnapshotCommand({ SnapshotName: 'whole' }))
    await customer.create('from-copy', { SnapshotName: 'copy', NumNodeGroups: 3 })
    expect(difference(wanted, await contents('from-copy'))).toEqual([])
    await remove('from-copy')
    await remove('source')
  })
})

describe('a snapshot of a single node of Redis', { timeout: 300_000 }, () => {
  it('becomes a Valkey group of two shards, with a token, and the last one of a group is restored too', async () => {
    const client = clientOf(await customer.create('redis', { Engine: 'redis', AtRestEncryptionEnabled: false }))
    await fillWith(client, 3000)
    const wanted = await contentsOf(client)
    client.disconnect()
    const request = new DeleteReplicationGroupCommand({ ReplicationGroupId: 'redis', FinalSnapshotIdentifier: 'last' })
    const { ReplicationGroup: leaving } = await customer.elasticache.send(request)
    expect(leaving!.Status).toBe('deleting')
    await eventually(
      () => customer.elasticache.send(new DescribeReplicationGroupsCommand({})),
      answer => !answer.ReplicationGroups!.some(group => group.ReplicationGroupId === 'redis'),
    )
    expect(await snapshot('last')).toMatchObject({ SnapshotStatus: 'available', Engine: 'redis' })
    const access = { authority, password: 'A-token-of-16-letters' }
    const shape = { SnapshotName: 'last', NumNodeGroups: 2, TransitEncryptionEnabled: true, AuthToken: access.password }
    await customer.create('valkey', shape)
    expect(difference(wanted, await contents('valkey', access))).toEqual([])
    await remove('valkey')
  })

  it('is taken of a replica before that is deleted, though Hotshelf and the replica are killed meanwhile', async () => {
    const group = await customer.create('shrinks', { NumCacheClusters: 3 })
    const client = clientOf(group)
    await fillWith(client, 20_000)
    const wanted = await contentsOf(client)
    const request = { CacheClusterId: 'shrinks-003', FinalSnapshotIdentifier: 'of-the-third' }
    const { CacheCluster: leaving } = await customer.elasticache.send(new DeleteCacheClusterCommand(request))
    expect(leaving).toMatchObject({ CacheClusterStatus: 'deleting', CacheNodeType: 'cache.t4g.micro' })
    const { dataDir, port } = hotshelf
    await hotshelf.kill()
    process.kill(customer.pidOf('shrinks-003'), 'SIGKILL')
    hotshelf = await startHotshelf({ dataDir, port })
    const left = await eventually(
      () => customer.group('shrinks'),
      found => found.MemberClusters!.length === 2,
    )
    expect(left.MemberClusters).toEqual(['shrinks-001', 'shrinks-002'])
    expect(await snapshot('of-the-third')).toMatchObject({
      SnapshotStatus: 'available',
      CacheClusterId: 'shrinks-003',
    })
    await customer.available('shrinks')
    expect(processesIn(dataDir).filter(one => one.directory.includes('/shrinks/'))).toHaveLength(2)
    expect(difference(wanted, await contentsOf(client))).toEqual([])
    client.disconnect()
    await customer.create('regrown', { SnapshotName: 'of-the-third' })
    expect(difference(wanted, await contents('regrown'))).toEqual([])
    await remove('regrown')
    await remove('shrinks')
  })

  it('of several databases is restored as it was, and into slots not at all', async () => {
    const client = clientOf(await customer.create('several', {}))
    await client.set('in', '0')
    await client.call('SELECT', '3')
    await client.set('in', '3')
    client.disconnect()
    await taken('several', 'databases')
    await customer.create('again', { SnapshotName: 'databases' })
    const reader = clientOf(await customer.group('again'))
    expect(await reader.get('in')).toBe('0')
    await reader.call('SELECT', '3')
    expect(await reader.get('in')).toBe('3')
    reader.disconnect()
    const request = {
      ReplicationGroupId: 'slots',
      ReplicationGroupDescription: '',
      SnapshotName: 'databases',
      NumNodeGroups: 2,
    }
    await customer.elasticache.send(new CreateReplicationGroupCommand(request))
    const failed = await eventually(
      () => customer.group('slots'),
      group => group.Status !== 'creating',
    )
    expect(failed.Status).toBe('create-failed')
    const report = (await (await fetch(`${hotshelf.endpoint}/_hotshelf/groups`)).json()) as {
      id: string
      failure?: string
    }[]
    expect(report.find(group => group.id === 'slots')?.failure).toMatch(/keys in database 3/)
    // Nodes whose data is cut end by themselves.
    const running = async () => processesIn(hotshelf.dataDir).filter(one => one.directory.includes('/slots/'))
    expect(await eventually(running, found => found.length === 0)).toEqual([])
    for (const id of ['slots', 'again', 'several']) await remove(id)
  })
})
