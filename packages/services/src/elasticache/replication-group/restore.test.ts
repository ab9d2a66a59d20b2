import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-elasticache'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'
import { makeSnapshot } from '../../../tests/snapshot-made.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

type Create = Partial<CreateReplicationGroupCommandInput>

const create = async (id: string, input: Create = {}) => {
  const common = { ReplicationGroupId: id, ReplicationGroupDescription: 'mine' }
  return (await services.elasticache.send(new CreateReplicationGroupCommand({ ...common, ...input }))).ReplicationGroup!
}

/** A snapshot `s` of a group of this shape; every part took so much memory. */
async function saved(input: Create, usedMemoryBytes = 5 << 20, format = 10): Promise<void> {
  await create('source', { CacheNodeType: 'cache.r7g.large', ...input })
  await settle(services.store, groupArn('source'))
  await services.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: 'source', SnapshotName: 's' }))
  await makeSnapshot(services.store, 's', { usedMemoryBytes, format })
  services.woken.length = 0
}
const restore = (input: Create = {}) => create('restored', { SnapshotName: 'S', ...input })
const desired = async () => (await services.store.replicationGroups.get(groupArn('restored')))!.desired

describe('restoring a group from a snapshot', () => {
  it('takes engine, version, node type, shards and slots of the snapshot where the request is silent', async () => {
    await saved({
      EngineVersion: '7.0',
      NodeGroupConfiguration: [
        { Slots: '0-999', ReplicaCount: 1 },
        { Slots: '1000-16383', ReplicaCount: 1 },
      ],
    })
    const group = await restore()
    expect(group).toMatchObject({ Engine: 'redis', CacheNodeType: 'cache.r7g.large', ClusterEnabled: true })
    expect(group.NodeGroups!.map(shard => [shard.Slots, shard.NodeGroupMembers!.length])).toEqual([
      ['0-999', 1],
      ['1000-16383', 1],
    ])
    expect(await desired()).toMatchObject({ engineVersion: '7.0' })
    expect((await desired()).restore).toMatchObject({
      snapshotName: 's',
      parts: [{ slots: '0-999' }, { slots: '1000-16383' }],
    })
  })

  it('takes what the request says, also other shards, replicas and another engine', async () => {
    await saved({ NumNodeGroups: 2 })
    const group = await restore({
      Engine: 'valkey',
      EngineVersion: '8.0',
      CacheNodeType: 'cache.m6g.large',
      NumNodeGroups: 3,
      ReplicasPerNodeGroup: 2,
    })
    expect(group).toMatchObject({ Engine: 'valkey', CacheNodeType: 'cache.m6g.large' })
    expect(group.NodeGroups!.map(shard => shard.Slots)).toEqual(['0-5460', '5461-10922', '10923-16383'])
    expect(group.MemberClusters).toHaveLength(9)
  })

  it('keeps one shard with cluster mode as one, and disables cluster mode when asked for nodes alone', async () => {
    await saved({ CacheParameterGroupName: 'default.redis7.cluster.on' })
    expect(await restore()).toMatchObject({ ClusterEnabled: true, MemberClusters: ['restored-0001-001'] })
    const alone = await create('alone', { SnapshotName: 's', NumCacheClusters: 2 })
    expect(alone).toMatchObject({ ClusterEnabled: false, MemberClusters: ['alone-001', 'alone-002'] })
  })

  it('is refused without a snapshot that is whole, and leaves nothing', async () => {
    await saved({})
    const arns = { SnapshotArns: ['arn:aws:s3:::bucket/key.rdb'] }
    const refused: [Create, string, string][] = [
      [{ SnapshotName: 'none' }, 'InvalidParameterValueException', 'Snapshot not found: none'],
      [arns, 'InvalidParameterCombinationException', 'SnapshotArns'],
    ]
    for (const [input, name, message] of refused)
      expect(await refusal(restore(input))).toMatchObject({ name, message: expect.stringContaining(message) })
    await makeSnapshot(services.store, 's', {}, { state: 'working' })
    expect(await refusal(restore())).toMatchObject({ message: 'Snapshot s is not in available state: creating.' })
    expect(services.woken).toEqual([])
  })

  it('is refused to nodes that are too small, by what each shard would hold', async () => {
    await saved({ NumNodeGroups: 2 }, 700 << 20)
    const micro = { CacheNodeType: 'cache.t4g.micro' }
    expect(await refusal(restore({ ...micro, NumNodeGroups: 2 }))).toEqual({
      name: 'InvalidParameterCombinationException',
      message: expect.stringMatching(/needs 700 MB, and cache.t4g.micro has room for \d+ MB/),
      status: 400,
    })
    expect(await refusal(restore({ ...micro, NumNodeGroups: 1 }))).toMatchObject({
      message: expect.stringContaining('needs 1400 MB'),
    })
    expect(await restore({ ...micro, NumNodeGroups: 5 })).toMatchObject({ Status: 'creating' })
  })

  it('is refused to an engine that cannot read it', async () => {
    await saved({ Engine: 'valkey', EngineVersion: '8.0' }, 5 << 20, 11)
    expect(await refusal(restore({ Engine: 'redis' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: 'A snapshot of Valkey cannot be restored to Redis OSS. Use engine valkey.',
    })
    await makeSnapshot(services.store, 's', { format: 80 })
    expect(await refusal(restore())).toMatchObject({
      message: 'Snapshot s is in RDB format 80, which valkey 8.0.1 cannot read (it reads up to 11).',
    })
  })

  it('shows the snapshot as restoring until the group is available, and keeps it from being deleted', async () => {
    await saved({})
    await restore()
    const status = async () =>
      (await services.elasticache.send(new DescribeSnapshotsCommand({}))).Snapshots![0]!.SnapshotStatus
    expect(await status()).toBe('restoring')
    const removal = () => services.elasticache.send(new DeleteSnapshotCommand({ SnapshotName: 's' }))
    expect(await refusal(removal())).toMatchObject({ message: 'Snapshot s cannot be deleted: it is restoring.' })
    await settle(services.store, groupArn('restored'))
    expect(await status()).toBe('available')
    expect((await removal()).Snapshot!.SnapshotStatus).toBe('deleting')
    expect(await refusal(create('late', { SnapshotName: 's' }))).toMatchObject({
      message: 'Snapshot s is not in available state: deleting.',
    })
  })
})
