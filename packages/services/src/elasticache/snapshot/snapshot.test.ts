import {
  AddTagsToResourceCommand,
  CopySnapshotCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  CreateSnapshotCommand,
  type CreateSnapshotCommandInput,
  DeleteReplicationGroupCommand,
  DeleteSnapshotCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  type DescribeSnapshotsCommandInput,
  ListTagsForResourceCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache'
import type { NodeId } from '@hotshelf/domain'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'
import { makeSnapshot } from '../../../tests/snapshot-made.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const arnOf = (name: string): string => `arn:aws:elasticache:us-east-1:000000000000:snapshot:${name}`

async function group(id: string, input: Partial<CreateReplicationGroupCommandInput> = {}): Promise<void> {
  const common = { ReplicationGroupId: id, ReplicationGroupDescription: 'mine', CacheNodeType: 'cache.r7g.large' }
  await services.elasticache.send(new CreateReplicationGroupCommand({ ...common, ...input }))
  await settle(services.store, groupArn(id))
  services.woken.length = 0
}
const create = async (input: Partial<CreateSnapshotCommandInput>) =>
  (await services.elasticache.send(new CreateSnapshotCommand({ SnapshotName: 's', ...input }))).Snapshot!
const describeAll = async (input: DescribeSnapshotsCommandInput = {}) =>
  (await services.elasticache.send(new DescribeSnapshotsCommand(input))).Snapshots!
const names = async (input: DescribeSnapshotsCommandInput = {}) =>
  (await describeAll(input)).map(snapshot => snapshot.SnapshotName)

describe('creating a snapshot', () => {
  it('of a group with cluster mode is answered at once, with every node group and nothing stored yet', async () => {
    services.now = new Date('2026-03-01T12:00:00Z')
    await group('g', {
      NumNodeGroups: 2,
      ReplicasPerNodeGroup: 1,
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '03:00-05:00',
    })
    const snapshot = await create({ ReplicationGroupId: 'G', SnapshotName: 'Mine', Tags: [{ Key: 'a', Value: '1' }] })
    expect(snapshot).toMatchObject({
      SnapshotName: 'mine',
      ReplicationGroupId: 'g',
      ReplicationGroupDescription: 'mine',
      SnapshotStatus: 'creating',
      SnapshotSource: 'manual',
      CacheNodeType: 'cache.r7g.large',
      Engine: 'redis',
      EngineVersion: '7.1.0',
      Port: 6379,
      CacheParameterGroupName: 'default.redis7.cluster.on',
      CacheSubnetGroupName: 'default',
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '03:00-05:00',
      NumNodeGroups: 2,
      AutomaticFailover: 'enabled',
      DataTiering: 'disabled',
      ARN: arnOf('mine'),
    })
    expect(snapshot).not.toHaveProperty('CacheClusterId')
    expect(snapshot.NodeSnapshots).toEqual([
      { NodeGroupId: '0001', CacheNodeCreateTime: services.now },
      { NodeGroupId: '0002', CacheNodeCreateTime: services.now },
    ])
    expect(services.woken).toEqual([arnOf('mine')])
    const tags = await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName: arnOf('mine') }))
    expect(tags.TagList).toEqual([{ Key: 'a', Value: '1' }])
  })

  it('of a member, with cluster mode disabled, names the member', async () => {
    await group('g', { NumCacheClusters: 2 })
    const snapshot = await create({ CacheClusterId: 'g-002' })
    expect(snapshot).toMatchObject({
      CacheClusterId: 'g-002',
      ReplicationGroupId: 'g',
      NumCacheNodes: 1,
      PreferredAvailabilityZone: 'us-east-1b',
    })
    expect(snapshot.NodeSnapshots).toMatchObject([{ CacheClusterId: 'g-002', CacheNodeId: '0001' }])
    expect(snapshot).not.toHaveProperty('NumNodeGroups')
  })

  it('is refused without a name, a source, or a source that can be saved, and leaves nothing', async () => {
    await group('g', { NumNodeGroups: 2 })
    const refused: [Partial<CreateSnapshotCommandInput>, string, string][] = [
      [
        { ReplicationGroupId: 'g', SnapshotName: 'a.b' },
        'InvalidParameterValueException',
        'SnapshotName is not a valid',
      ],
      [{ SnapshotName: '', ReplicationGroupId: 'g' }, 'InvalidParameterValueException', 'SnapshotName'],
      [{}, 'InvalidParameterCombinationException', 'One of CacheClusterId or ReplicationGroupId must be provided.'],
      [
        { ReplicationGroupId: 'g', CacheClusterId: 'g-0001-001' },
        'InvalidParameterCombinationException',
        'Only one of',
      ],
      [{ ReplicationGroupId: 'none' }, 'ReplicationGroupNotFoundFault', 'none not found'],
      [{ CacheClusterId: 'none' }, 'CacheClusterNotFoundFault', 'CacheCluster not found: none'],
      [{ CacheClusterId: 'g-0001-001' }, 'InvalidParameterCombinationException', 'Use ReplicationGroupId.'],
    ]
    for (const [input, name, message] of refused)
      expect(await refusal(create(input))).toMatchObject({ name, message: expect.stringContaining(message) })
    expect(await names()).toEqual([])
    expect(services.woken).toEqual([])
  })

  it('needs a group that is available, and one that no other snapshot is taken of', async () => {
    await group('g')
    await create({ ReplicationGroupId: 'g' })
    expect(await refusal(create({ ReplicationGroupId: 'g', SnapshotName: 't' }))).toEqual({
      name: 'InvalidReplicationGroupStateFault',
      message: 'Replication group g is not in available state: snapshotting.',
      status: 400,
    })
    await makeSnapshot(services.store, 's')
    expect(await refusal(create({ ReplicationGroupId: 'g' }))).toEqual({
      name: 'SnapshotAlreadyExistsFault',
      message: 'Snapshot with specified name already exists.',
      status: 400,
    })
    await settle(services.store, groupArn('g'), { upToDate: false })
    expect(await refusal(create({ CacheClusterId: 'g-001', SnapshotName: 't' }))).toMatchObject({
      name: 'InvalidCacheClusterStateFault',
      message: 'Cache cluster g-001 is not in available state: modifying.',
    })
  })

  it('is done twenty times in a day at most', async () => {
    await group('g')
    services.now = new Date('2026-03-01T12:00:00Z')
    for (let i = 0; i < 20; i++) {
      await create({ ReplicationGroupId: 'g', SnapshotName: `s${i}` })
      await makeSnapshot(services.store, `s${i}`)
    }
    expect(await refusal(create({ ReplicationGroupId: 'g' }))).toMatchObject({
      name: 'SnapshotQuotaExceededFault',
      status: 400,
    })
    services.now = new Date('2026-03-02T12:00:01Z')
    expect(await create({ ReplicationGroupId: 'g' })).toMatchObject({ SnapshotStatus: 'creating' })
  })

  it('shows the group, and the node that is read, as snapshotting', async () => {
    await group('g', { NumCacheClusters: 2 })
    await settle(services.store, groupArn('g'), { observed: { snapshotting: ['g-002' as NodeId] } })
    const answer = await services.elasticache.send(new DescribeReplicationGroupsCommand({}))
    expect(answer.ReplicationGroups![0]!.Status).toBe('snapshotting')
    const modify = new ModifyReplicationGroupCommand({ ReplicationGroupId: 'g', ReplicationGroupDescription: 'other' })
    expect(await refusal(services.elasticache.send(modify))).toMatchObject({
      name: 'InvalidReplicationGroupStateFault',
    })
  })
})

describe('describing snapshots', () => {
  it('shows size and time once stored, and the configuration when asked', async () => {
    await group('g', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 })
    await create({ ReplicationGroupId: 'g' })
    await makeSnapshot(services.store, 's', { usedMemoryBytes: 17.6 * 2 ** 20 })
    const [plain] = await describeAll({ SnapshotName: 'S' })
    expect(plain).toMatchObject({ SnapshotStatus: 'available' })
    expect(plain!.NodeSnapshots![0]).toMatchObject({
      CacheSize: '18 MB',
      SnapshotCreateTime: new Date('2026-03-01T12:00:00Z'),
    })
    expect(plain!.NodeSnapshots![0]).not.toHaveProperty('NodeGroupConfiguration')
    const [shown] = await describeAll({ SnapshotName: 's', ShowNodeGroupConfig: true })
    expect(shown!.NodeSnapshots![1]!.NodeGroupConfiguration).toEqual({
      NodeGroupId: '0002',
      Slots: '8192-16383',
      ReplicaCount: 1,
      PrimaryAvailabilityZone: 'us-east-1c',
      ReplicaAvailabilityZones: ['us-east-1a'],
    })
  })

  it('finds those of a group, of a cluster and of one origin, and says when a name is not there', async () => {
    await group('a', { NumCacheClusters: 2 })
    await group('b')
    await create({ ReplicationGroupId: 'a', SnapshotName: 'a1' })
    await makeSnapshot(services.store, 'a1')
    await create({ CacheClusterId: 'a-002', SnapshotName: 'a2' })
    await create({ ReplicationGroupId: 'b', SnapshotName: 'b1' })
    expect(await names()).toEqual(['a1', 'a2', 'b1'])
    expect(await names({ ReplicationGroupId: 'A' })).toEqual(['a1', 'a2'])
    expect(await names({ CacheClusterId: 'a-002' })).toEqual(['a2'])
    expect(await names({ SnapshotSource: 'user' })).toEqual(['a1', 'a2', 'b1'])
    expect(await names({ SnapshotSource: 'system' })).toEqual([])
    expect(await names({ ReplicationGroupId: 'none' })).toEqual([])
    expect(await refusal(names({ SnapshotName: 'none' }))).toEqual({
      name: 'SnapshotNotFoundFault',
      message: 'Snapshot not found: none',
      status: 404,
    })
    expect(await refusal(names({ SnapshotSource: 'else' }))).toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('comes in pages of 20 to 50', async () => {
    for (let g = 0; g < 2; g++) {
      await group(`g${g}`)
      for (let i = 0; i < 11 + g; i++) {
        const name = `s${g}${String(i).padStart(2, '0')}`
        await create({ ReplicationGroupId: `g${g}`, SnapshotName: name })
        await makeSnapshot(services.store, name)
      }
    }
    const first = await services.elasticache.send(new DescribeSnapshotsCommand({ MaxRecords: 20 }))
    expect(first.Snapshots).toHaveLength(20)
    const second = await services.elasticache.send(
      new DescribeSnapshotsCommand({ MaxRecords: 20, Marker: first.Marker }),
    )
    expect(second.Snapshots!.map(one => one.SnapshotName)).toEqual(['s109', 's110', 's111'])
    expect(second.Marker).toBeUndefined()
    for (const MaxRecords of [19, 51])
      expect(await refusal(names({ MaxRecords }))).toMatchObject({
        message: 'Invalid value for max records. Must be between 20 and 50',
      })
  })
})

describe('copying a snapshot', () => {
  const copy = async (input: object) =>
    (
      await services.elasticache.send(
        new CopySnapshotCommand({ SourceSnapshotName: 's', TargetSnapshotName: 't', ...input }),
      )
    ).Snapshot!

  it('begins as copying, under a new name, once the source is there', async () => {
    await group('g')
    await create({ ReplicationGroupId: 'g' })
    expect(await refusal(copy({}))).toMatchObject({ name: 'InvalidSnapshotStateFault' })
    await makeSnapshot(services.store, 's')
    expect(await copy({})).toMatchObject({ SnapshotName: 't', SnapshotStatus: 'copying', ReplicationGroupId: 'g' })
    expect(await refusal(copy({}))).toMatchObject({ name: 'SnapshotAlreadyExistsFault' })
    expect(await refusal(copy({ SourceSnapshotName: 'none' }))).toMatchObject({ name: 'SnapshotNotFoundFault' })
  })

  it('to a bucket needs the bucket, without the files it would write', async () => {
    await services.close()
    const taken = new Set<string>()
    const buckets = {
      exists: async (bucket: string) => bucket === 'mine',
      firstTaken: async (_: string, keys: readonly string[]) => keys.find(key => taken.has(key)),
    }
    services = await startInProcess({ buckets })
    await group('g')
    await create({ ReplicationGroupId: 'g' })
    await makeSnapshot(services.store, 's')
    expect(await refusal(copy({ TargetBucket: 'none' }))).toEqual({
      name: 'InvalidParameterValueException',
      message: 'The S3 bucket none does not exist.',
      status: 400,
    })
    taken.add('t-0001.rdb')
    expect(await refusal(copy({ TargetBucket: 'mine' }))).toMatchObject({
      message: 'The S3 bucket mine already contains an object with key t-0001.rdb.',
    })
    taken.clear()
    expect(await copy({ TargetBucket: 'mine' })).toMatchObject({ SnapshotStatus: 'copying' })
  })
})

describe('deleting a snapshot', () => {
  const remove = async (name: string) =>
    (await services.elasticache.send(new DeleteSnapshotCommand({ SnapshotName: name }))).Snapshot!

  it('shows deleting, and is refused while it is made, copied or deleted', async () => {
    await group('g')
    await create({ ReplicationGroupId: 'g' })
    expect(await refusal(remove('s'))).toMatchObject({
      name: 'InvalidSnapshotStateFault',
      message: 'Snapshot s cannot be deleted: it is creating.',
    })
    await makeSnapshot(services.store, 's')
    await services.elasticache.send(new CopySnapshotCommand({ SourceSnapshotName: 's', TargetSnapshotName: 't' }))
    expect(await refusal(remove('s'))).toMatchObject({ message: 'Snapshot s cannot be deleted: it is being copied.' })
    await makeSnapshot(services.store, 't')
    expect(await remove('S')).toMatchObject({ SnapshotName: 's', SnapshotStatus: 'deleting' })
    expect(await refusal(remove('s'))).toMatchObject({ name: 'InvalidSnapshotStateFault' })
    expect(await refusal(remove('none'))).toMatchObject({ name: 'SnapshotNotFoundFault', status: 404 })
  })

  it('may have tags until then', async () => {
    await group('g')
    await create({ ReplicationGroupId: 'g' })
    const tag = new AddTagsToResourceCommand({ ResourceName: arnOf('s'), Tags: [{ Key: 'a', Value: '1' }] })
    expect((await services.elasticache.send(tag)).TagList).toEqual([{ Key: 'a', Value: '1' }])
  })
})

describe('the final snapshot of a group', () => {
  const remove = (id: string, name: string) =>
    services.elasticache.send(
      new DeleteReplicationGroupCommand({ ReplicationGroupId: id, FinalSnapshotIdentifier: name }),
    )

  it('is asked for with the deletion, and may be given up', async () => {
    await group('g')
    expect((await remove('g', 'Last')).ReplicationGroup).toMatchObject({ Status: 'deleting' })
    expect(services.woken).toEqual([groupArn('g'), arnOf('last')])
    expect(await describeAll()).toMatchObject([{ SnapshotName: 'last', SnapshotStatus: 'creating' }])
    const row = await services.store.replicationGroups.get(groupArn('g'))
    expect(row?.desired.finalSnapshot).toBe(arnOf('last'))
    await services.elasticache.send(new DeleteSnapshotCommand({ SnapshotName: 'last' }))
    expect(await describeAll()).toMatchObject([{ SnapshotStatus: 'deleting' }])
  })

  it('is refused, and with it the deletion, where its name is taken or there is nothing to save', async () => {
    await group('g')
    await create({ ReplicationGroupId: 'g' })
    expect(await refusal(remove('g', 'other'))).toMatchObject({
      name: 'InvalidReplicationGroupStateFault',
      message: 'Replication group g has status snapshotting which is not valid for deletion.',
    })
    await makeSnapshot(services.store, 's')
    expect(await refusal(remove('g', 's'))).toMatchObject({ name: 'SnapshotAlreadyExistsFault' })
    expect(await refusal(remove('g', 'a_b'))).toMatchObject({ name: 'InvalidParameterValueException' })
    const early = { ReplicationGroupId: 'early', ReplicationGroupDescription: '', CacheNodeType: 'cache.t4g.micro' }
    await services.elasticache.send(new CreateReplicationGroupCommand(early))
    expect(await refusal(remove('early', 'last'))).toMatchObject({ name: 'InvalidReplicationGroupStateFault' })
    expect((await services.store.replicationGroups.get(groupArn('g')))?.deleteRequestedAt).toBeUndefined()
    expect(await names()).toEqual(['s'])
  })
})
