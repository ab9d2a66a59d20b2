import {
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupCommandInput,
} from '@aws-sdk/client-elasticache'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  addLogGroup,
  addSecurityGroup,
  groupArn,
  type InProcess,
  refusal,
  scope,
  startInProcess,
} from '../../../tests/in-process.ts'
import { defaultVpcId } from '../../ec2/default-vpc.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

async function available(id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) {
  await services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: 'before',
      CacheNodeType: 'cache.r7g.large',
      ...input,
    }),
  )
  await settle(services.store, groupArn(id))
  services.woken.length = 0
}
const modify = async (id: string, input: Partial<ModifyReplicationGroupCommandInput>) => {
  const command = new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ...input })
  return (await services.elasticache.send(command)).ReplicationGroup!
}
const settled = async (id: string, input: Partial<ModifyReplicationGroupCommandInput>) => {
  const group = await modify(id, input)
  await settle(services.store, groupArn(id))
  return group
}
const described = async (id: string) =>
  (await services.elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })))
    .ReplicationGroups![0]!
const member = async (id: string) =>
  (await services.elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: id }))).CacheClusters![0]!
const eventsOf = async (id: string) => {
  const command = new DescribeEventsCommand({ SourceType: 'replication-group', SourceIdentifier: id })
  return (await services.elasticache.send(command)).Events!.map(event => event.Message)
}
const row = (id: string) => services.store.replicationGroups.get(groupArn(id))

describe('modifying a group', () => {
  it('answers `modifying` and wakes control, and shows the new values', async () => {
    await available('group', { NumCacheClusters: 2, SnapshotWindow: '03:00-05:00' })
    const group = await modify('group', {
      ReplicationGroupDescription: 'after',
      SnapshotRetentionLimit: 5,
      SnapshotWindow: '06:00-07:00',
      PreferredMaintenanceWindow: 'Sun:10:00-Sun:11:30',
      AutoMinorVersionUpgrade: false,
      NotificationTopicArn: 'arn:aws:sns:us-east-1:000000000000:alerts',
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      ApplyImmediately: true,
    })
    expect(group).toMatchObject({
      Status: 'modifying',
      Description: 'after',
      SnapshotRetentionLimit: 5,
      SnapshotWindow: '06:00-07:00',
      SnapshottingClusterId: 'group-002',
      AutoMinorVersionUpgrade: false,
      AutomaticFailover: 'enabled',
      MultiAZ: 'enabled',
    })
    expect(services.woken).toEqual([groupArn('group')])
    expect(await member('group-001')).toMatchObject({
      PreferredMaintenanceWindow: 'sun:10:00-sun:11:30',
      NotificationConfiguration: { TopicStatus: 'active' },
    })
    await settle(services.store, groupArn('group'))
    expect(
      await settled('group', { NotificationTopicStatus: 'inactive', SnapshotRetentionLimit: 0 }),
    ).not.toHaveProperty('SnapshottingClusterId')
    expect(await member('group-001')).not.toHaveProperty('NotificationConfiguration')
  })

  it('changes nothing, and stays available, when everything is as it was', async () => {
    await available('group')
    const before = await row('group')
    const group = await modify('group', {
      ReplicationGroupDescription: 'before',
      CacheNodeType: 'cache.r7g.large',
      EngineVersion: '7.1',
      TransitEncryptionEnabled: false,
      CacheParameterGroupName: 'default.redis7',
      ClusterMode: 'disabled',
      Engine: 'redis',
      ApplyImmediately: true,
    })
    expect(group.Status).toBe('available')
    expect((await row('group'))?.generation).toBe(before?.generation)
  })

  it('refuses an empty request, a group that is not available and one that does not exist', async () => {
    await available('group')
    const empty = await refusal(modify('group', { ApplyImmediately: true }))
    expect(empty).toEqual({
      name: 'InvalidParameterCombinationException',
      message: 'No modifications were requested',
      status: 400,
    })
    await modify('group', { ReplicationGroupDescription: 'x' })
    expect(await refusal(modify('group', { ReplicationGroupDescription: 'y' }))).toEqual({
      name: 'InvalidReplicationGroupStateFault',
      message: 'Replication group must be in available state to modify.',
      status: 400,
    })
    expect(await refusal(modify('missing', { ReplicationGroupDescription: 'y' }))).toMatchObject({
      name: 'ReplicationGroupNotFoundFault',
    })
  })

  it('lets only one of two requests through that come at once', async () => {
    await available('group')
    const both = await Promise.allSettled([
      modify('group', { ReplicationGroupDescription: 'one' }),
      modify('group', { ReplicationGroupDescription: 'other' }),
    ])
    expect(both.map(result => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('applies all of a request or nothing', async () => {
    await available('group')
    const both = { ReplicationGroupDescription: 'after', SnapshotRetentionLimit: 99 }
    expect(await refusal(modify('group', both))).toMatchObject({ name: 'InvalidParameterValueException' })
    expect((await described('group')).Description).toBe('before')
  })
})

describe('failover flags', () => {
  it('are refused in the words of AWS', async () => {
    await available('single')
    expect(await refusal(modify('single', { AutomaticFailoverEnabled: true }))).toMatchObject({
      message: 'Replication group must have at least one read replica to enable autofailover.',
    })
    await available('clustered', { NumNodeGroups: 2 })
    expect(await refusal(modify('clustered', { AutomaticFailoverEnabled: false }))).toMatchObject({
      message: 'Turning off automatic failover for replication group with cluster mode enabled is not supported.',
    })
    await available('together', {
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      PreferredCacheClusterAZs: ['us-east-1a', 'us-east-1a'],
    })
    expect(await refusal(modify('together', { MultiAZEnabled: true }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
  })
})

describe('the snapshotting cluster', () => {
  it('is a member of a group without cluster mode', async () => {
    await available('group', { NumCacheClusters: 2 })
    const group = await settled('group', { SnapshotRetentionLimit: 3, SnapshottingClusterId: 'GROUP-001' })
    expect(group.SnapshottingClusterId).toBe('group-001')
    expect(await refusal(modify('group', { SnapshottingClusterId: 'group-003' }))).toMatchObject({
      name: 'CacheClusterNotFoundFault',
      message: 'Specified snapshotting cluster does not exist',
    })
    await available('clustered', { NumNodeGroups: 2 })
    expect(await refusal(modify('clustered', { SnapshottingClusterId: 'clustered-0001-001' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
  })
})

describe('security groups, logs and parameter groups', () => {
  it('are replaced by what the request names', async () => {
    await available('group')
    await addSecurityGroup(services.store, 'sg-1', defaultVpcId(scope))
    await settled('group', { SecurityGroupIds: ['sg-1'] })
    expect((await member('group-001')).SecurityGroups).toEqual([{ SecurityGroupId: 'sg-1', Status: 'active' }])
    expect(await refusal(modify('group', { SecurityGroupIds: ['sg-2'] }))).toMatchObject({
      message: 'Some security group ids are invalid: [sg-2].',
    })
  })

  it('end one log delivery and keep the other', async () => {
    for (const name of ['slow', 'engine']) await addLogGroup(services.store, name)
    const delivery = (LogType: 'slow-log' | 'engine-log', LogGroup: string) => ({
      LogType,
      DestinationType: 'cloudwatch-logs' as const,
      DestinationDetails: { CloudWatchLogsDetails: { LogGroup } },
      LogFormat: 'text' as const,
    })
    await available('group', {
      LogDeliveryConfigurations: [delivery('slow-log', 'slow'), delivery('engine-log', 'engine')],
    })
    const LogDeliveryConfigurations = [{ LogType: 'slow-log' as const, Enabled: false }]
    const group = await settled('group', { LogDeliveryConfigurations })
    expect(group.LogDeliveryConfigurations).toEqual([{ ...delivery('engine-log', 'engine'), Status: 'active' }])
  })

  it('change the parameter group within the family and the mode', async () => {
    await services.elasticache.send(
      new CreateCacheParameterGroupCommand({
        CacheParameterGroupName: 'mine',
        CacheParameterGroupFamily: 'redis7',
        Description: '',
      }),
    )
    await available('group')
    await settled('group', { CacheParameterGroupName: 'mine' })
    expect((await member('group-001')).CacheParameterGroup?.CacheParameterGroupName).toBe('mine')
    expect(await refusal(modify('group', { CacheParameterGroupName: 'default.redis6.x' }))).toMatchObject({
      message: 'Expected a parameter group of family redis7 but found one of family redis6.x',
    })
    expect(await refusal(modify('group', { CacheParameterGroupName: 'default.redis7.cluster.on' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await refusal(modify('group', { CacheParameterGroupName: 'missing' }))).toMatchObject({
      message: 'CacheParameterGroup not found: missing',
    })
  })
})

describe('AUTH tokens', () => {
  const [first, second, third] = ['First-Token-123456', 'Second-Token-12345', 'Third-Token-123456']
  const sealed = async () => (await services.store.secrets.get(groupArn('group'), 'auth-token'))?.split('\n')

  it('rotate: two are kept, SET leaves the newest, and each change is a new version', async () => {
    await available('group', { TransitEncryptionEnabled: true, AuthToken: first })
    expect((await modify('group', { AuthToken: second })).PendingModifiedValues).toEqual({
      AuthTokenStatus: 'ROTATING',
    })
    await settle(services.store, groupArn('group'))
    expect((await described('group')).PendingModifiedValues).toEqual({})
    expect(await sealed()).toEqual([second, first])
    await settled('group', { AuthToken: third, AuthTokenUpdateStrategy: 'ROTATE' })
    expect(await sealed()).toEqual([third, second])
    expect(await refusal(modify('group', { AuthToken: second, AuthTokenUpdateStrategy: 'SET' }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    const set = await settled('group', { AuthToken: third, AuthTokenUpdateStrategy: 'SET' })
    expect(set.PendingModifiedValues).toEqual({ AuthTokenStatus: 'SETTING' })
    expect(await sealed()).toEqual([third])
    expect((await row('group'))?.desired).toMatchObject({ authToken: true, authTokenVersion: 4 })
    expect(await modify('group', { AuthToken: third, AuthTokenUpdateStrategy: 'SET' })).toMatchObject({
      Status: 'available',
    })
  })

  it('are required at once when the first one is given, and the events say so', async () => {
    await available('group', { TransitEncryptionEnabled: true })
    expect(await settled('group', { AuthToken: first })).toMatchObject({ AuthTokenEnabled: true, Status: 'modifying' })
    expect((await eventsOf('group')).at(-1)).toMatch(/^The first AUTH token is required of every client from now on/)
    expect((await eventsOf('group')).join()).not.toContain(first)
  })

  it('need TLS and a token, and are deleted only for a user group', async () => {
    await available('plain')
    expect(await refusal(modify('plain', { AuthToken: first }))).toMatchObject({
      message: 'The AUTH token is only supported when encryption-in-transit is enabled',
    })
    expect(await refusal(modify('plain', { AuthTokenUpdateStrategy: 'SET' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await refusal(modify('plain', { AuthTokenUpdateStrategy: 'DELETE' }))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Auth token update strategy delete is not supported currently',
    })
  })
})

describe('the node type', () => {
  it('goes up at once with ApplyImmediately', async () => {
    await available('group')
    const group = await modify('group', { CacheNodeType: 'cache.r7g.xlarge', ApplyImmediately: true })
    expect(group).toMatchObject({ Status: 'modifying', CacheNodeType: 'cache.r7g.xlarge' })
  })

  it('waits for the window otherwise, shows as pending, and joins the next ApplyImmediately', async () => {
    await available('group')
    const group = await modify('group', { CacheNodeType: 'cache.r7g.xlarge' })
    expect(group).toMatchObject({ Status: 'available', CacheNodeType: 'cache.r7g.large' })
    expect((await member('group-001')).PendingModifiedValues).toEqual({ CacheNodeType: 'cache.r7g.xlarge' })
    const applied = await modify('group', { ReplicationGroupDescription: 'now', ApplyImmediately: true })
    expect(applied).toMatchObject({ CacheNodeType: 'cache.r7g.xlarge', Description: 'now' })
    expect((await member('group-001')).PendingModifiedValues).toEqual({})
  })

  it('goes down while the data of every node fits, with what the parameter group reserves', async () => {
    await available('group', { NumCacheClusters: 2 })
    const micro = { CacheNodeType: 'cache.t4g.micro', ApplyImmediately: true }
    expect((await refusal(modify('group', micro))).message).toMatch(/^How much memory group-001 uses is not known yet/)
    const used = (...bytes: number[]) =>
      settle(services.store, groupArn('group'), {
        nodes: { 'group-001': { usedMemoryBytes: bytes[0]! }, 'group-002': { usedMemoryBytes: bytes[1]! } },
      })
    await used(1000, 500_000_000)
    expect(await refusal(modify('group', micro))).toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: expect.stringMatching(/^group-002 uses 500000000 bytes, and cache.t4g.micro has room for \d+ beside/),
    })
    await used(1000, 2000)
    expect(await modify('group', micro)).toMatchObject({ CacheNodeType: 'cache.t4g.micro', Status: 'modifying' })
  })

  it('is one that exists, that the group may scale to, and that runs its engine', async () => {
    await available('group')
    expect(await refusal(modify('group', { CacheNodeType: 'cache.none' }))).toMatchObject({
      message: 'Invalid Cache Node Type: cache.none',
    })
    expect(await refusal(modify('group', { CacheNodeType: 'cache.r6gd.xlarge' }))).toMatchObject({
      message: expect.stringMatching(/^Cannot scale from cache.r7g.large to cache.r6gd.xlarge/),
    })
    await available('old', { EngineVersion: '5.0.0', CacheNodeType: 'cache.r5.large' })
    expect(await refusal(modify('old', { CacheNodeType: 'cache.r7g.xlarge' }))).toMatchObject({
      message: 'Node type cache.r7g.xlarge does not support redis version 5.0.0.',
    })
  })
})

describe('ClusterMode', () => {
  const shape = { NumCacheClusters: 2, AutomaticFailoverEnabled: true, EngineVersion: '7.1' }

  it('leads from disabled through compatible to enabled, with the default parameter group that fits', async () => {
    await available('group', { ...shape })
    const changed = await modify('group', { ClusterMode: 'compatible', ApplyImmediately: true })
    expect(changed).toMatchObject({ Status: 'modifying', ClusterMode: 'compatible', ClusterEnabled: true })
    expect((await described('group')).NodeGroups![0]!.Slots).toBe('0-16383')
  })

  it('waits for the maintenance window without ApplyImmediately, and is taken back by the mode in force', async () => {
    await available('group', { ...shape })
    expect(await modify('group', { ClusterMode: 'compatible' })).toMatchObject({
      Status: 'available',
      ClusterMode: 'disabled',
      PendingModifiedValues: { ClusterMode: 'compatible' },
    })
    await modify('group', { ClusterMode: 'disabled' })
    expect((await described('group')).PendingModifiedValues?.ClusterMode).toBeUndefined()
  })

  it('is refused as AWS refuses it', async () => {
    await available('group', { ...shape })
    await available('alone', { EngineVersion: '7.1' })
    const refused: [string, Partial<ModifyReplicationGroupCommandInput>, RegExp][] = [
      ['group', { ClusterMode: 'enabled' }, /first set ClusterMode to compatible/],
      [
        'group',
        { ClusterMode: 'compatible', MultiAZEnabled: true },
        /MultiAZEnabled cannot be modified in the same request/,
      ],
      [
        'group',
        { ClusterMode: 'compatible', CacheParameterGroupName: 'default.redis7' },
        /must set cluster-enabled to yes/,
      ],
      [
        'group',
        { ClusterMode: 'compatible', CacheParameterGroupName: 'default.valkey8.cluster.on' },
        /Expected a parameter group of family redis7/,
      ],
      ['alone', { ClusterMode: 'compatible' }, /automatic failover to be enabled with at least one replica/],
    ]
    for (const [id, input, message] of refused)
      expect(await refusal(modify(id, { ...input, ApplyImmediately: true }))).toMatchObject({
        name: 'InvalidParameterCombinationException',
        message: expect.stringMatching(message),
      })
  })
})

describe('what is not built', () => {
  it('is refused by name before anything changes', async () => {
    await available('group', { NumCacheClusters: 2, TransitEncryptionEnabled: true })
    const unbuilt: Partial<ModifyReplicationGroupCommandInput>[] = [{ IpDiscovery: 'ipv6' }]
    for (const input of unbuilt) {
      const refused = await refusal(modify('group', { ReplicationGroupDescription: 'after', ...input }))
      expect(refused).toMatchObject({
        name: 'InvalidParameterCombinationException',
        message: expect.stringContaining('is not built in Hotshelf yet.'),
      })
    }
    expect((await described('group')).Description).toBe('before')
  })
})
