/** What can be done to one member of a group by its own id: a replica more, one less, a reboot, a setting. */
import {
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  CreateSnapshotCommand,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  IncreaseReplicaCountCommand,
  ListAllowedNodeTypeModificationsCommand,
  ListTagsForResourceCommand,
  ModifyCacheClusterCommand,
  type ModifyCacheClusterCommandInput,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const createGroup = (id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) =>
  services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: '',
      CacheNodeType: 'cache.r7g.large',
      ...input,
    }),
  )
async function available(id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) {
  await createGroup(id, input)
  await settle(services.store, groupArn(id))
  services.woken.length = 0
}
const create = async (CacheClusterId: string, input: Partial<CreateCacheClusterCommandInput> = {}) =>
  (await services.elasticache.send(new CreateCacheClusterCommand({ CacheClusterId, ...input }))).CacheCluster!
const remove = async (CacheClusterId: string, input = {}) =>
  (await services.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId, ...input }))).CacheCluster!
const reboot = async (CacheClusterId: string, CacheNodeIdsToReboot: string[] = ['0001']) =>
  (await services.elasticache.send(new RebootCacheClusterCommand({ CacheClusterId, CacheNodeIdsToReboot })))
    .CacheCluster!
const modify = async (CacheClusterId: string, input: Partial<ModifyCacheClusterCommandInput>) =>
  (await services.elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId, ...input }))).CacheCluster!
const one = async (CacheClusterId: string) =>
  (await services.elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId, ShowCacheNodeInfo: true })))
    .CacheClusters![0]!
const nodes = async (id: string) => (await services.store.replicationGroups.get(groupArn(id)))!.desired.shards[0]!.nodes

describe('a replica under a name of its own', () => {
  it('is a member at once, where it was asked to be, with its tags', async () => {
    await available('group', { NumCacheClusters: 2 })
    const replica = await create('A-Replica', {
      ReplicationGroupId: 'group',
      PreferredAvailabilityZone: 'us-east-1a',
      NumCacheNodes: 1,
      AutoMinorVersionUpgrade: true,
      Engine: 'redis',
      Tags: [{ Key: 'who', Value: 'me' }],
    })
    expect(replica).toMatchObject({
      CacheClusterId: 'a-replica',
      CacheClusterStatus: 'creating',
      ReplicationGroupId: 'group',
      PreferredAvailabilityZone: 'us-east-1a',
      CacheNodeType: 'cache.r7g.large',
    })
    expect(services.woken).toEqual([groupArn('group')])
    const { TagList } = await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName: replica.ARN! }))
    expect(TagList).toEqual([{ Key: 'who', Value: 'me' }])
    await settle(services.store, groupArn('group'))
    expect(await one('a-replica')).toMatchObject({ CacheClusterStatus: 'available', CacheNodes: [{}] })
    const more = new IncreaseReplicaCountCommand({
      ReplicationGroupId: 'group',
      NewReplicaCount: 3,
      ApplyImmediately: true,
    })
    expect((await services.elasticache.send(more)).ReplicationGroup?.MemberClusters).toEqual([
      'group-001',
      'group-002',
      'group-003',
      'a-replica',
    ])
  })

  it('is spread over the zones where nobody chose one', async () => {
    await available('group', { NumCacheClusters: 2 })
    expect((await create('third', { ReplicationGroupId: 'group' })).PreferredAvailabilityZone).toBe('us-east-1c')
  })

  it('is refused as AWS refuses it', async () => {
    await available('group', { NumCacheClusters: 2 })
    await available('full', { NumCacheClusters: 6 })
    await available('clustered', { NumNodeGroups: 2 })
    await createGroup('busy')
    const group = { ReplicationGroupId: 'group' }
    const refused: [string, Partial<CreateCacheClusterCommandInput>, string][] = [
      ['group-002', group, 'CacheClusterAlreadyExistsFault'],
      ['full-001', group, 'CacheClusterAlreadyExistsFault'],
      ['9', group, 'InvalidParameterValueException'],
      ['new', { ReplicationGroupId: 'missing' }, 'ReplicationGroupNotFoundFault'],
      ['new', { ReplicationGroupId: 'full' }, 'NodeQuotaForClusterExceededFault'],
      ['new', { ReplicationGroupId: 'clustered' }, 'InvalidParameterCombinationException'],
      ['new', { ReplicationGroupId: 'busy' }, 'InvalidReplicationGroupStateFault'],
      ['new', { ...group, PreferredAvailabilityZone: 'us-east-1z' }, 'InvalidParameterValueException'],
      ['new', { ...group, NumCacheNodes: 2 }, 'InvalidParameterValueException'],
      ['new', { ...group, AZMode: 'cross-az' }, 'InvalidParameterCombinationException'],
      ['new', { ...group, CacheNodeType: 'cache.t4g.micro' }, 'InvalidParameterCombinationException'],
      ['new', { ...group, SnapshotName: 's' }, 'InvalidParameterCombinationException'],
      ['new', { ...group, CacheSecurityGroupNames: ['x'] }, 'InvalidParameterValueException'],
    ]
    for (const [id, input, name] of refused)
      expect(await refusal(create(id, input)), JSON.stringify([id, input])).toMatchObject({ name })
    expect((await nodes('group')).map(node => node.id)).toEqual(['group-001', 'group-002'])
  })

  it('keeps its name from the members of other groups', async () => {
    await available('group', { NumCacheClusters: 1 })
    await create('other-001', { ReplicationGroupId: 'group' })
    expect(await refusal(createGroup('other'))).toMatchObject({
      message: 'A cache cluster with the id other-001 already exists.',
    })
  })
})

describe('deleting a member', () => {
  it('takes a replica away', async () => {
    await available('group', { NumCacheClusters: 3, SnapshotRetentionLimit: 1 })
    expect(await remove('GROUP-002')).toMatchObject({ CacheClusterId: 'group-002', CacheClusterStatus: 'deleting' })
    expect(await refusal(one('group-002'))).toMatchObject({ name: 'CacheClusterNotFoundFault' })
    expect((await nodes('group')).map(node => node.id)).toEqual(['group-001', 'group-003'])
    expect(services.woken).toEqual([groupArn('group')])
  })

  it('spares the primary, the last one, and what failover needs, in the words of AWS', async () => {
    await available('single')
    await available('pair', { NumCacheClusters: 2 })
    await available('failover', { NumCacheClusters: 2, AutomaticFailoverEnabled: true })
    await available('clustered', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 })
    const refused = {
      'single-001':
        'Cannot delete the cache cluster since it is the only member of a replication group. Delete the replication group instead.',
      'pair-001':
        'Cache cluster pair-001 is serving as primary for replication group pair and cannot be deleted. To delete the entire replication group, use DeleteReplicationGroup.',
      'failover-002':
        'Cannot delete the cache cluster because it is the only read replica for replication group failover which has autofailover enabled or pending. You can disable autofailover and then delete this cache cluster. Alternatively, to delete the entire replication group, use DeleteReplicationGroup.',
      'clustered-0001-002':
        'Cache cluster clustered-0001-002 belongs to replication group clustered with cluster mode enabled. Use DecreaseReplicaCount.',
    }
    for (const [id, message] of Object.entries(refused))
      expect(await refusal(remove(id))).toEqual({ name: 'InvalidCacheClusterStateFault', message, status: 400 })
    expect(await refusal(remove('missing'))).toMatchObject({ name: 'CacheClusterNotFoundFault' })
    await settle(services.store, groupArn('pair'), { nodes: { 'pair-002': { status: 'modifying' } } })
    expect(await refusal(remove('pair-002'))).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
  })
})

describe('deleting a member with a final snapshot', () => {
  const last = { FinalSnapshotIdentifier: 'Last' }

  it('keeps it, deleting, until the snapshot is there, and asks for that snapshot of it', async () => {
    await available('group', { NumCacheClusters: 3 })
    expect(await remove('group-003', last)).toMatchObject({ CacheClusterStatus: 'deleting' })
    expect(await one('group-003')).toMatchObject({ CacheClusterStatus: 'deleting' })
    const groups = await services.elasticache.send(
      new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'group' }),
    )
    expect(groups.ReplicationGroups).toMatchObject([{ Status: 'modifying' }])
    const [snapshot] = (await services.elasticache.send(new DescribeSnapshotsCommand({}))).Snapshots!
    expect(snapshot).toMatchObject({ SnapshotName: 'last', CacheClusterId: 'group-003', SnapshotStatus: 'creating' })
    expect(services.woken).toEqual([groupArn('group'), snapshot!.ARN])
    expect(await refusal(remove('group-003'))).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
  })

  it('is refused as a whole where the snapshot cannot be', async () => {
    await available('group', { NumCacheClusters: 3 })
    await available('single')
    expect(await refusal(remove('single-001', last))).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
    expect(await refusal(remove('group-003', { FinalSnapshotIdentifier: 'a_b' }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    const taken = new CreateSnapshotCommand({ ReplicationGroupId: 'single', SnapshotName: 'last' })
    await services.elasticache.send(taken)
    expect(await refusal(remove('group-003', last))).toMatchObject({ name: 'SnapshotAlreadyExistsFault' })
    expect(await one('group-003')).toMatchObject({ CacheClusterStatus: 'available' })
  })
})

describe('rebooting a member', () => {
  it('shows at once, asks control once, and is over when the group has settled', async () => {
    await available('group', { NumCacheClusters: 2 })
    expect((await reboot('group-002')).CacheClusterStatus).toBe('rebooting cluster nodes')
    expect(await one('group-002')).toMatchObject({
      CacheClusterStatus: 'rebooting cluster nodes',
      CacheNodes: [{ CacheNodeStatus: 'rebooting' }],
    })
    expect((await one('group-001')).CacheClusterStatus).toBe('available')
    expect((await nodes('group')).map(node => node.rebootGeneration)).toEqual([0, 1])
    expect(services.woken).toEqual([groupArn('group')])
    expect(await refusal(reboot('group-002'))).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
    await settle(services.store, groupArn('group'))
    expect((await one('group-002')).CacheClusterStatus).toBe('available')
  })

  it('names the one node of a cluster that exists, without cluster mode', async () => {
    await available('group')
    await available('clustered', { NumNodeGroups: 2 })
    expect(await refusal(reboot('missing'))).toMatchObject({ name: 'CacheClusterNotFoundFault', status: 404 })
    for (const ids of [[], ['0002'], ['0001', '0002']])
      expect(await refusal(reboot('group-001', ids))).toMatchObject({ name: 'InvalidParameterValueException' })
    expect(await refusal(reboot('clustered-0001-001'))).toEqual({
      name: 'InvalidCacheClusterStateFault',
      message: 'Rebooting is not supported on Valkey or Redis OSS (cluster mode enabled) clusters.',
      status: 400,
    })
  })
})

describe('modifying a member', () => {
  it('changes a group of one node', async () => {
    await available('group')
    await modify('group-001', { PreferredMaintenanceWindow: 'sun:10:00-sun:11:00', ApplyImmediately: true })
    await settle(services.store, groupArn('group'))
    expect((await one('group-001')).PreferredMaintenanceWindow).toBe('sun:10:00-sun:11:00')
    expect(await modify('group-001', { CacheNodeType: 'cache.r7g.xlarge' })).toMatchObject({
      CacheClusterStatus: 'available',
      PendingModifiedValues: { CacheNodeType: 'cache.r7g.xlarge' },
    })
  })

  it('is for the group to decide where there are more, and what is so already is let through', async () => {
    await available('group', { NumCacheClusters: 2 })
    await available('clustered', { NumNodeGroups: 2 })
    await modify('group-002', { AutoMinorVersionUpgrade: true, CacheNodeType: 'cache.r7g.large', NumCacheNodes: 1 })
    for (const id of ['group-002', 'clustered-0001-001'])
      expect(await refusal(modify(id, { EngineVersion: '7.0', SnapshotWindow: '01:00-02:00' }))).toMatchObject({
        name: 'InvalidParameterCombinationException',
        message: expect.stringMatching(/which decides EngineVersion, SnapshotWindow. Use ModifyReplicationGroup.$/),
      })
  })

  it('is refused as AWS refuses it', async () => {
    await available('group', { NumCacheClusters: 2 })
    await createGroup('busy')
    expect(await refusal(modify('group-001', { ApplyImmediately: true }))).toMatchObject({
      message: 'No modifications were requested',
    })
    expect(await refusal(modify('group-001', { NumCacheNodes: 2 }))).toMatchObject({
      message: 'NumCacheNodes should be 1 if engine is redis',
    })
    expect(await refusal(modify('missing', { NumCacheNodes: 1 }))).toMatchObject({ name: 'CacheClusterNotFoundFault' })
    expect(await refusal(modify('busy-001', { NumCacheNodes: 1 }))).toMatchObject({
      name: 'InvalidCacheClusterStateFault',
    })
  })

  it('may scale where the group may', async () => {
    await available('group')
    await create('named', { ReplicationGroupId: 'group' })
    const allowed = new ListAllowedNodeTypeModificationsCommand({ CacheClusterId: 'named' })
    expect((await services.elasticache.send(allowed)).ScaleUpModifications).toContain('cache.r7g.xlarge')
  })
})
