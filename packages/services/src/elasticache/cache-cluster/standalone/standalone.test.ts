import {
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DeleteCacheClusterCommand,
  DeleteCacheParameterGroupCommand,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ListTagsForResourceCommand,
  ModifyCacheClusterCommand,
  type ModifyCacheClusterCommandInput,
  ModifyCacheParameterGroupCommand,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, scope, startInProcess } from '../../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const arn = (type: string, name: string) => `arn:aws:elasticache:${scope.region}:${scope.account}:${type}:${name}`
const create = (input: Partial<CreateCacheClusterCommandInput> = {}) =>
  services.elasticache.send(
    new CreateCacheClusterCommand({
      CacheClusterId: 'one',
      Engine: 'redis',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 1,
      ...input,
    }),
  )
const modify = (input: Partial<ModifyCacheClusterCommandInput>) =>
  services.elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId: 'one', ...input }))
const describeAll = async (input = {}) =>
  (await services.elasticache.send(new DescribeCacheClustersCommand(input))).CacheClusters!
const one = async (id = 'one') => (await describeAll({ CacheClusterId: id, ShowCacheNodeInfo: true }))[0]!
const groups = async () =>
  (await services.elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups!
const tagsOf = async (name: string) =>
  (await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName: name }))).TagList
const messages = async (SourceIdentifier: string, SourceType: 'cache-cluster' | 'replication-group') =>
  (await services.elasticache.send(new DescribeEventsCommand({ SourceIdentifier, SourceType }))).Events!.map(
    event => event.Message,
  )

/** Control, faked: what was asked for is true, of all groups. */
async function settleAll(): Promise<void> {
  for (const row of await services.store.replicationGroups.listEverywhere()) await settle(services.store, row.arn)
}
const form = (input: Partial<CreateReplicationGroupCommandInput> = {}) =>
  services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'around',
      ReplicationGroupDescription: 'made of one',
      PrimaryClusterId: 'one',
      ...input,
    }),
  )

describe('a single node without a group', () => {
  it('is a cache cluster from the first moment, and no replication group', async () => {
    const { CacheCluster } = await create({
      Engine: 'valkey',
      EngineVersion: '8.0',
      Port: 7000,
      PreferredAvailabilityZone: 'us-east-1b',
      SnapshotRetentionLimit: 3,
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    expect(CacheCluster).toMatchObject({
      CacheClusterId: 'one',
      CacheClusterStatus: 'creating',
      Engine: 'valkey',
      EngineVersion: '8.0.1',
      NumCacheNodes: 1,
      PreferredAvailabilityZone: 'us-east-1b',
      CacheParameterGroup: { CacheParameterGroupName: 'default.valkey8' },
      SnapshotRetentionLimit: 3,
      TransitEncryptionEnabled: false,
      AtRestEncryptionEnabled: false,
      AuthTokenEnabled: false,
      ARN: arn('cluster', 'one'),
    })
    expect(CacheCluster).not.toHaveProperty('ReplicationGroupId')
    expect(CacheCluster).not.toHaveProperty('ConfigurationEndpoint')
    expect(await groups()).toEqual([])
    const asked = new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'one.standalone' })
    expect(await refusal(services.elasticache.send(asked))).toMatchObject({ name: 'ReplicationGroupNotFoundFault' })
    expect(await tagsOf(arn('cluster', 'one'))).toEqual([{ Key: 'a', Value: 'b' }])
    await settleAll()
    expect(await one()).toMatchObject({
      CacheClusterStatus: 'available',
      CacheNodes: [{ CacheNodeId: '0001', CacheNodeStatus: 'available', Endpoint: { Port: 7000 } }],
    })
    expect(await messages('one', 'cache-cluster')).toContain('Creating cache cluster one')
  })

  it('is listed with the others, and alone where those in groups are not wanted', async () => {
    await create({ CacheClusterId: 'b' })
    await create({ CacheClusterId: 'd' })
    for (const ReplicationGroupId of ['a', 'c'])
      await form({ ReplicationGroupId, PrimaryClusterId: undefined, CacheNodeType: 'cache.t4g.micro' })
    const ids = async (input: object) => (await describeAll(input)).map(found => found.CacheClusterId)
    expect(await ids({})).toEqual(['a-001', 'b', 'c-001', 'd'])
    expect(await ids({ ShowCacheClustersNotInReplicationGroups: true })).toEqual(['b', 'd'])
    expect((await groups()).map(group => group.ReplicationGroupId)).toEqual(['a', 'c'])
  })

  it('leaves the pages of DescribeReplicationGroups full', async () => {
    const name = (at: number) => `n${String(at).padStart(2, '0')}`
    for (let at = 0; at < 46; at++) {
      if (at % 2 === 0) await create({ CacheClusterId: name(at) })
      else await form({ ReplicationGroupId: name(at), PrimaryClusterId: undefined, CacheNodeType: 'cache.t4g.micro' })
    }
    const page = (Marker?: string) =>
      services.elasticache.send(new DescribeReplicationGroupsCommand({ MaxRecords: 20, Marker }))
    const first = await page()
    expect(first.ReplicationGroups).toHaveLength(20)
    const second = await page(first.Marker)
    expect(second.ReplicationGroups).toHaveLength(3)
    expect(second.Marker).toBeUndefined()
  })

  it.each<[Partial<CreateCacheClusterCommandInput>, string, string]>([
    [{ NumCacheNodes: 3 }, 'InvalidParameterValueException', 'NumCacheNodes should be 1 if engine is redis'],
    [{ NumCacheNodes: 0 }, 'InvalidParameterValueException', 'NumCacheNodes should be 1'],
    [{ Port: 80 }, 'InvalidParameterValueException', 'between 1150 and 65535'],
    [{ AZMode: 'cross-az' }, 'InvalidParameterCombinationException', 'AZMode is not supported for engine redis'],
    [
      { PreferredAvailabilityZones: ['us-east-1a', 'us-east-1b'] },
      'InvalidParameterCombinationException',
      'PreferredAvailabilityZones is not supported for engine redis',
    ],
    [{ PreferredAvailabilityZone: 'mars-1a' }, 'InvalidParameterValueException', 'mars-1a is not'],
    [{ CacheNodeType: 'cache.huge' }, 'InvalidParameterValueException', 'Invalid Cache Node Type'],
    [{ CacheNodeType: undefined }, 'InvalidParameterValueException', 'CacheNodeType must be provided'],
    [{ EngineVersion: '99.1' }, 'InvalidParameterCombinationException', '99.1'],
    [
      { CacheParameterGroupName: 'default.memcached1.6' },
      'InvalidParameterCombinationException',
      'Expected a parameter group of family redis7 but found one of family memcached1.6',
    ],
    [{ CacheParameterGroupName: 'nobodys' }, 'CacheParameterGroupNotFoundFault', 'nobodys'],
    [
      { CacheParameterGroupName: 'default.redis7.cluster.on' },
      'InvalidParameterCombinationException',
      'Cluster mode should be disabled in parameter group, but found it is enabled.',
    ],
    [{ CacheSubnetGroupName: 'nobodys' }, 'CacheSubnetGroupNotFoundFault', 'nobodys'],
    [
      { TransitEncryptionEnabled: true },
      'InvalidParameterCombinationException',
      'Encryption feature is not supported for engine REDIS.',
    ],
    [{ AuthToken: 'ThisIsA-Good-Token-1' }, 'InvalidParameterCombinationException', 'Encryption feature'],
    [
      { SnapshotArns: ['file:///a.rdb', 'file:///b.rdb'] },
      'InvalidParameterValueException',
      'SnapshotArns takes one file for a cache cluster.',
    ],
    [{ SnapshotRetentionLimit: 36 }, 'InvalidParameterValueException', '35'],
    [{ PreferredMaintenanceWindow: 'sometime' }, 'InvalidParameterValueException', 'sometime'],
    [{ CacheClusterId: 'one.standalone' }, 'InvalidParameterValueException', 'not a valid identifier'],
  ])('is refused as %j', async (input, name, message) => {
    expect(await refusal(create(input))).toMatchObject({ name, message: expect.stringContaining(message) })
    expect(await describeAll()).toEqual([])
  })

  it('has a name that no other cluster has, whatever its engine, and frees it when it is gone', async () => {
    await create()
    expect(await refusal(create())).toMatchObject({ name: 'CacheClusterAlreadyExistsFault' })
    await create({ CacheClusterId: 'around-001' })
    const clash = await refusal(form({ PrimaryClusterId: undefined, CacheNodeType: 'cache.t4g.micro' }))
    expect(clash).toMatchObject({ message: 'A cache cluster with the id around-001 already exists.' })
  })

  it('keeps what waits for its window, and applies it at once where that is asked', async () => {
    await create({ EngineVersion: '7.0' })
    expect(await refusal(modify({ CacheNodeType: 'cache.t4g.small' }))).toMatchObject({
      name: 'InvalidCacheClusterStateFault',
      message: 'Cache cluster one is not in available state.',
    })
    await settleAll()
    const waiting = await modify({
      CacheNodeType: 'cache.t4g.small',
      PreferredMaintenanceWindow: 'mon:05:00-mon:06:00',
    })
    expect(waiting.CacheCluster).toMatchObject({
      CacheNodeType: 'cache.t4g.micro',
      PreferredMaintenanceWindow: 'mon:05:00-mon:06:00',
      PendingModifiedValues: { CacheNodeType: 'cache.t4g.small' },
    })
    await settleAll()
    const now = await modify({ EngineVersion: '7.1', ApplyImmediately: true })
    expect(now.CacheCluster).toMatchObject({
      CacheClusterStatus: 'modifying',
      CacheNodeType: 'cache.t4g.small',
      EngineVersion: '7.1.0',
    })
  })

  it.each<[Partial<ModifyCacheClusterCommandInput>, string]>([
    [{}, 'No modifications were requested'],
    [{ NumCacheNodes: 2 }, 'NumCacheNodes should be 1 if engine is redis'],
    [{ AZMode: 'cross-az' }, 'AZMode is not supported'],
    [{ CacheNodeIdsToRemove: ['0001'] }, 'CacheNodeIdsToRemove is not supported'],
    [
      { AuthToken: 'ThisIsA-Good-Token-1', AuthTokenUpdateStrategy: 'SET' },
      'only supported when encryption-in-transit',
    ],
    [{ CacheParameterGroupName: 'default.memcached1.6', ApplyImmediately: true }, 'memcached parameter group is not'],
  ])('is not changed by %j', async (input, message) => {
    await create()
    await settleAll()
    expect(await refusal(modify(input))).toMatchObject({ message: expect.stringContaining(message) })
    expect((await one()).CacheClusterStatus).toBe('available')
  })

  it('shows its reboot at once', async () => {
    await create()
    await settleAll()
    const reboot = (CacheNodeIdsToReboot: string[]) =>
      services.elasticache.send(new RebootCacheClusterCommand({ CacheClusterId: 'one', CacheNodeIdsToReboot }))
    expect(await refusal(reboot(['0002']))).toMatchObject({
      message: 'Cache node 0002 does not exist in cache cluster one.',
    })
    const { CacheCluster } = await reboot(['0001'])
    expect(CacheCluster).toMatchObject({
      CacheClusterStatus: 'rebooting cluster nodes',
      CacheNodes: [{ CacheNodeStatus: 'rebooting' }],
    })
  })

  it('holds its parameter group, and is deleted in any state, once', async () => {
    const CacheParameterGroupName = 'mine'
    const family = { CacheParameterGroupFamily: 'redis7', Description: '' }
    await services.elasticache.send(new CreateCacheParameterGroupCommand({ CacheParameterGroupName, ...family }))
    await create({ CacheParameterGroupName, Tags: [{ Key: 'a', Value: 'b' }] })
    services.woken.length = 0
    await services.elasticache.send(
      new ModifyCacheParameterGroupCommand({
        CacheParameterGroupName,
        ParameterNameValues: [{ ParameterName: 'timeout', ParameterValue: '300' }],
      }),
    )
    expect(services.woken).toHaveLength(1)
    const drop = new DeleteCacheParameterGroupCommand({ CacheParameterGroupName })
    expect(await refusal(services.elasticache.send(drop))).toMatchObject({
      name: 'InvalidCacheParameterGroupStateFault',
    })
    const end = () => services.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'one' }))
    expect((await end()).CacheCluster).toMatchObject({ CacheClusterId: 'one', CacheClusterStatus: 'deleting' })
    expect((await one()).CacheClusterStatus).toBe('deleting')
    expect(await refusal(end())).toEqual({
      name: 'InvalidCacheClusterStateFault',
      message: 'Cache cluster one has status deleting which is not valid for deletion.',
      status: 400,
    })
    expect(await messages('one', 'cache-cluster')).toContain('Deleting cache cluster one')
  })
})

describe('a group around a cache cluster', () => {
  it('has it as its primary, under its own name and endpoint, with tags of each', async () => {
    await create({ Tags: [{ Key: 'of', Value: 'cluster' }] })
    await settleAll()
    const before = await one()
    const { ReplicationGroup } = await form({ Tags: [{ Key: 'in', Value: 'group' }] })
    expect(ReplicationGroup).toMatchObject({
      ReplicationGroupId: 'around',
      Description: 'made of one',
      Status: 'creating',
      MemberClusters: ['one'],
      ARN: arn('replicationgroup', 'around'),
      AutomaticFailover: 'disabled',
      ClusterEnabled: false,
    })
    expect(await one()).toMatchObject({ ReplicationGroupId: 'around', CacheNodes: before.CacheNodes! })
    await settleAll()
    expect(await groups()).toMatchObject([{ ReplicationGroupId: 'around', Status: 'available' }])
    expect(await tagsOf(arn('replicationgroup', 'around'))).toEqual([{ Key: 'in', Value: 'group' }])
    expect(await tagsOf(arn('cluster', 'one'))).toEqual([
      { Key: 'in', Value: 'group' },
      { Key: 'of', Value: 'cluster' },
    ])
    expect(await describeAll({ ShowCacheClustersNotInReplicationGroups: true })).toEqual([])
    expect(await messages('around', 'replication-group')).toEqual(['Creating replication group around'])
    const end = services.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'one' }))
    expect(await refusal(end)).toMatchObject({ message: expect.stringContaining('only member of a replication group') })
  })

  it('takes over what is said again, in whatever case', async () => {
    await create({ EngineVersion: '7.1' })
    await settleAll()
    await form({ PrimaryClusterId: 'ONE', Engine: 'Redis', EngineVersion: '7.1', CacheNodeType: 'cache.t4g.micro' })
    expect((await groups())[0]?.ReplicationGroupId).toBe('around')
  })

  it.each<[Partial<CreateReplicationGroupCommandInput>, string, string]>([
    [{ PrimaryClusterId: 'nobody' }, 'CacheClusterNotFoundFault', 'CacheCluster not found: nobody'],
    [{ PrimaryClusterId: 'other-001' }, 'InvalidCacheClusterStateFault', 'already a member of replication group other'],
    [{ ReplicationGroupId: 'other' }, 'ReplicationGroupAlreadyExistsFault', 'already exists'],
    [{ AutomaticFailoverEnabled: true }, 'InvalidParameterCombinationException', 'at least 2 cache clusters'],
    [{ NumCacheClusters: 2 }, 'InvalidParameterCombinationException', 'NumCacheClusters cannot be used'],
    [
      { CacheNodeType: 'cache.r7g.large', Engine: 'valkey' },
      'InvalidParameterCombinationException',
      'CacheNodeType, Engine',
    ],
    [{ TransitEncryptionEnabled: true }, 'InvalidParameterCombinationException', 'TransitEncryptionEnabled'],
    [{ ClusterMode: 'enabled' }, 'InvalidParameterCombinationException', 'ClusterMode'],
  ])('is refused as %j, and the cluster stays what it is', async (input, name, message) => {
    await create()
    await form({ ReplicationGroupId: 'other', PrimaryClusterId: undefined, CacheNodeType: 'cache.t4g.micro' })
    await settleAll()
    expect(await refusal(form(input))).toMatchObject({ name, message: expect.stringContaining(message) })
    expect(await one()).toMatchObject({ CacheClusterStatus: 'available' })
    expect(await one()).not.toHaveProperty('ReplicationGroupId')
  })

  it('waits until the cluster is available', async () => {
    await create()
    expect(await refusal(form())).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
  })
})
