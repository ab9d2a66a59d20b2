import {
  CreateCacheParameterGroupCommand,
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ListTagsForResourceCommand,
  ModifyCacheParameterGroupCommand,
} from '@aws-sdk/client-elasticache'
import type { Arn } from '@hotshelf/domain'
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
import { defaultSubnets, defaultVpcId } from '../../ec2/default-vpc.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const create = async (id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) => {
  const command = new CreateReplicationGroupCommand({
    ReplicationGroupId: id,
    ReplicationGroupDescription: 'for tests',
    CacheNodeType: 'cache.r7g.large',
    ...input,
  })
  return (await services.elasticache.send(command)).ReplicationGroup!
}
const firstMember = async (id: string) =>
  (await services.elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: id }))).CacheClusters![0]!
const eventsOf = async (id: string) => {
  const command = new DescribeEventsCommand({ SourceType: 'replication-group', SourceIdentifier: id })
  return (await services.elasticache.send(command)).Events!.map(event => event.Message)
}
const parameterGroup = (name: string, family = 'redis7') =>
  services.elasticache.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: family,
      Description: '',
    }),
  )
const subnetGroup = (name: string, zones: readonly string[]) =>
  services.elasticache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: name,
      CacheSubnetGroupDescription: '',
      SubnetIds: defaultSubnets(scope, defaultVpcId(scope), ['us-east-1a', 'us-east-1b', 'us-east-1c'])
        .filter(subnet => zones.includes(subnet.availabilityZone))
        .map(subnet => subnet.id),
    }),
  )
const zonesOf = (group: { NodeGroups?: { NodeGroupMembers?: { PreferredAvailabilityZone?: string }[] }[] }) =>
  group.NodeGroups?.map(shard => shard.NodeGroupMembers?.map(member => member.PreferredAvailabilityZone))

describe("the guide's first command", () => {
  const guide = {
    ReplicationGroupDescription: 'Production Redis Cache',
    Engine: 'redis',
    EngineVersion: '7.1',
    CacheNodeType: 'cache.r7g.large',
    NumNodeGroups: 3,
    ReplicasPerNodeGroup: 2,
    CacheSubnetGroupName: 'my-cache-subnet',
    SecurityGroupIds: ['sg-0abc123'],
    AtRestEncryptionEnabled: true,
    TransitEncryptionEnabled: true,
    AutomaticFailoverEnabled: true,
    MultiAZEnabled: true,
    SnapshotRetentionLimit: 7,
    SnapshotWindow: '03:00-05:00',
    Tags: [{ Key: 'Environment', Value: 'production' }],
  }

  it('is answered at once, with every shard and member, and nothing but the doorbell rings', async () => {
    await subnetGroup('my-cache-subnet', ['us-east-1a', 'us-east-1b', 'us-east-1c'])
    await addSecurityGroup(services.store, 'sg-0abc123', defaultVpcId(scope))
    services.now = new Date('2026-03-01T12:00:00Z')
    const group = await create('my-redis-cluster', guide)
    const shard = (id: string, slots: string, zones: string[]) => ({
      NodeGroupId: id,
      Status: 'creating',
      Slots: slots,
      NodeGroupMembers: zones.map((zone, position) => ({
        CacheClusterId: `my-redis-cluster-${id}-00${position + 1}`,
        CacheNodeId: '0001',
        PreferredAvailabilityZone: `us-east-1${zone}`,
      })),
    })
    expect(group).toEqual({
      ReplicationGroupId: 'my-redis-cluster',
      Description: 'Production Redis Cache',
      GlobalReplicationGroupInfo: {},
      Status: 'creating',
      PendingModifiedValues: {},
      MemberClusters: ['0001', '0002', '0003'].flatMap(id =>
        ['001', '002', '003'].map(node => `my-redis-cluster-${id}-${node}`),
      ),
      NodeGroups: [
        shard('0001', '0-5460', ['a', 'b', 'c']),
        shard('0002', '5461-10922', ['b', 'a', 'c']),
        shard('0003', '10923-16383', ['c', 'a', 'b']),
      ],
      AutomaticFailover: 'enabled',
      MultiAZ: 'enabled',
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '03:00-05:00',
      ClusterEnabled: true,
      ClusterMode: 'enabled',
      CacheNodeType: 'cache.r7g.large',
      AuthTokenEnabled: false,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      StorageEncryptionType: 'sse-elasticache',
      ARN: groupArn('my-redis-cluster'),
      UserGroupIds: [],
      LogDeliveryConfigurations: [],
      ReplicationGroupCreateTime: services.now,
      DataTiering: 'disabled',
      AutoMinorVersionUpgrade: true,
      NetworkType: 'ipv4',
      IpDiscovery: 'ipv4',
      Engine: 'redis',
    })
    expect(services.woken).toEqual([groupArn('my-redis-cluster')])
    expect(await eventsOf('my-redis-cluster')).toEqual([
      'Creating replication group my-redis-cluster',
      'redis 7.0.15 serves redis 7.1',
    ])
    const { TagList } = await services.elasticache.send(
      new ListTagsForResourceCommand({ ResourceName: groupArn('my-redis-cluster') }),
    )
    expect(TagList).toEqual([{ Key: 'Environment', Value: 'production' }])
  })

  it('needs the security group to exist, in the VPC of the subnet group', async () => {
    await subnetGroup('my-cache-subnet', ['us-east-1a', 'us-east-1b', 'us-east-1c'])
    expect(await refusal(create('group', guide))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('sg-0abc123'),
    })
    await addSecurityGroup(services.store, 'sg-0abc123', 'vpc-elsewhere')
    expect(await refusal(create('group', guide))).toMatchObject({ message: expect.stringContaining('is not in VPC') })
    expect(await refusal(create('group', { CacheSubnetGroupName: 'missing' }))).toEqual({
      name: 'CacheSubnetGroupNotFoundFault',
      message: 'Cache Subnet Group missing does not exist.',
      status: 400,
    })
  })
})

describe('security groups', () => {
  it('are the default one of the VPC when none is named', async () => {
    await create('group')
    const { SecurityGroups } = await firstMember('group-001')
    expect(SecurityGroups).toEqual([{ SecurityGroupId: expect.stringMatching(/^sg-[0-9a-f]{17}$/), Status: 'active' }])
  })
})

describe('identifiers', () => {
  it('are kept in lower case and given once', async () => {
    expect((await create('My-Group')).ReplicationGroupId).toBe('my-group')
    expect(await refusal(create('MY-GROUP'))).toEqual({
      name: 'ReplicationGroupAlreadyExistsFault',
      message: 'Replication group with specified name already exists.',
      status: 400,
    })
    for (const id of ['1group', 'a--b', 'group-', 'a_b', 'a'.repeat(41)]) {
      expect(await refusal(create(id))).toMatchObject({ name: 'InvalidParameterValueException' })
    }
  })
})

describe('the shape of a group', () => {
  it('is one node with cluster mode disabled when nothing is said', async () => {
    const group = await create('single')
    expect(group).toMatchObject({
      ClusterEnabled: false,
      ClusterMode: 'disabled',
      MemberClusters: ['single-001'],
      AutomaticFailover: 'disabled',
      MultiAZ: 'disabled',
    })
    expect(group.NodeGroups).toEqual([
      {
        NodeGroupId: '0001',
        Status: 'creating',
        NodeGroupMembers: [
          { CacheClusterId: 'single-001', CacheNodeId: '0001', PreferredAvailabilityZone: 'us-east-1a' },
        ],
      },
    ])
  })

  it('follows NumCacheClusters, or ReplicasPerNodeGroup of one node group', async () => {
    expect((await create('a', { NumCacheClusters: 3 })).MemberClusters).toEqual(['a-001', 'a-002', 'a-003'])
    const b = await create('b', { NumNodeGroups: 1, ReplicasPerNodeGroup: 1 })
    expect(b).toMatchObject({ MemberClusters: ['b-001', 'b-002'], ClusterEnabled: false })
  })

  it('keeps to the zones that were asked for, in order', async () => {
    const PreferredCacheClusterAZs = ['us-east-1c', 'us-east-1a']
    const group = await create('group', { NumCacheClusters: 2, PreferredCacheClusterAZs })
    expect(zonesOf(group)).toEqual([PreferredCacheClusterAZs])
    expect(await refusal(create('x', { NumCacheClusters: 3, PreferredCacheClusterAZs }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await refusal(create('x', { PreferredCacheClusterAZs: ['us-east-1z'] }))).toMatchObject({
      message: expect.stringContaining('us-east-1z is not an availability zone'),
    })
  })

  it('follows NodeGroupConfiguration with ids, slots and zones of its own', async () => {
    const group = await create('group', {
      AutomaticFailoverEnabled: true,
      NodeGroupConfiguration: [
        { NodeGroupId: '0007', Slots: '8000-16383', ReplicaCount: 1, PrimaryAvailabilityZone: 'us-east-1b' },
        { Slots: '0-7999', ReplicaAvailabilityZones: ['us-east-1c', 'us-east-1a'] },
      ],
    })
    expect(group.NodeGroups?.map(shard => [shard.NodeGroupId, shard.Slots])).toEqual([
      ['0001', '0-7999'],
      ['0007', '8000-16383'],
    ])
    expect(group.MemberClusters).toEqual([
      'group-0001-001',
      'group-0001-002',
      'group-0001-003',
      'group-0007-001',
      'group-0007-002',
    ])
    expect(zonesOf(group)![0]!.slice(1)).toEqual(['us-east-1c', 'us-east-1a'])
    expect(zonesOf(group)![1]![0]).toBe('us-east-1b')
  })

  it('refuses counts and slots that do not go together', async () => {
    const refused: [Partial<CreateReplicationGroupCommandInput>, string][] = [
      [{ NumCacheClusters: 7 }, 'InvalidParameterValueException'],
      [{ ReplicasPerNodeGroup: 6 }, 'InvalidParameterValueException'],
      [{ NumNodeGroups: 0 }, 'InvalidParameterValueException'],
      [{ NumNodeGroups: 2, NumCacheClusters: 2 }, 'InvalidParameterCombinationException'],
      [{ NumNodeGroups: 2, NodeGroupConfiguration: [{ ReplicaCount: 0 }] }, 'InvalidParameterCombinationException'],
      [{ NumNodeGroups: 2_000_000_000 }, 'NodeGroupsPerReplicationGroupQuotaExceededFault'],
      [{ NumNodeGroups: 90, ReplicasPerNodeGroup: 5 }, 'NodeQuotaForClusterExceededFault'],
      [{ NodeGroupConfiguration: [{ Slots: '0-1' }, { Slots: '3-16383' }] }, 'InvalidParameterValueException'],
      [{ NodeGroupConfiguration: [{ NodeGroupId: '1' }, { NodeGroupId: '0001' }] }, 'InvalidParameterValueException'],
    ]
    for (const [input, name] of refused)
      expect(await refusal(create('group', input)), JSON.stringify(input)).toMatchObject({ name })
    const message = 'The number of replicas per node group must be within 0 and 5.'
    expect(await refusal(create('group', { ReplicasPerNodeGroup: 6 }))).toMatchObject({ message })
  })
})

describe('cluster mode', () => {
  it('comes with several shards, with its default parameter group, and turns failover on', async () => {
    const group = await create('group', { NumNodeGroups: 2 })
    expect(group).toMatchObject({ ClusterEnabled: true, AutomaticFailover: 'enabled' })
    expect((await firstMember('group-0001-001')).CacheParameterGroup).toMatchObject({
      CacheParameterGroupName: 'default.redis7.cluster.on',
    })
  })

  it('comes with a parameter group that enables it, for one shard too', async () => {
    await parameterGroup('clustered')
    const values = [{ ParameterName: 'cluster-enabled', ParameterValue: 'yes' }]
    await services.elasticache.send(
      new ModifyCacheParameterGroupCommand({ CacheParameterGroupName: 'clustered', ParameterNameValues: values }),
    )
    for (const [id, name] of [
      ['a', 'clustered'],
      ['b', 'default.redis7.cluster.on'],
    ] as const) {
      const group = await create(id, { CacheParameterGroupName: name, AutomaticFailoverEnabled: true })
      expect(group).toMatchObject({ ClusterEnabled: true, MemberClusters: [`${id}-0001-001`] })
    }
  })

  it('is told in the events when the parameter group does not say so', async () => {
    await parameterGroup('app-redis71-params')
    await create('group', { NumNodeGroups: 3, CacheParameterGroupName: 'app-redis71-params' })
    expect(await eventsOf('group')).toContain(
      'Cluster mode is enabled, as 3 node groups need it, although parameter group app-redis71-params does not set cluster-enabled',
    )
    expect((await firstMember('group-0001-001')).CacheParameterGroup?.CacheParameterGroupName).toBe(
      'app-redis71-params',
    )
  })

  it('follows ClusterMode, which may not contradict the rest', async () => {
    expect(await create('a', { ClusterMode: 'enabled' })).toMatchObject({ ClusterEnabled: true })
    expect(await refusal(create('b', { ClusterMode: 'disabled', NumNodeGroups: 2 }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    const contradiction = { ClusterMode: 'disabled', CacheParameterGroupName: 'default.redis7.cluster.on' } as const
    expect(await refusal(create('b', contradiction))).toMatchObject({ name: 'InvalidParameterCombinationException' })
    expect(await refusal(create('b', { ClusterMode: 'compatible' }))).toMatchObject({
      message: 'ClusterMode compatible is not built in Hotshelf yet.',
    })
  })
})

describe('failover and Multi-AZ', () => {
  it('need what AWS says they need', async () => {
    expect(await refusal(create('group', { NumNodeGroups: 2, AutomaticFailoverEnabled: false }))).toEqual({
      name: 'InvalidParameterValueException',
      message: 'Redis with cluster mode enabled cannot be created with auto failover turned off.',
      status: 400,
    })
    expect(await refusal(create('group', { AutomaticFailoverEnabled: true }))).toEqual({
      name: 'InvalidParameterCombinationException',
      message: 'When using automatic failover, there must be at least 2 cache clusters in the replication group.',
      status: 400,
    })
    expect(await refusal(create('group', { NumCacheClusters: 2, MultiAZEnabled: true }))).toMatchObject({
      message: 'Automatic failover must be enabled for Multi-AZ.',
    })
  })

  it('spread a primary and its replica over two zones, or refuse', async () => {
    await subnetGroup('one-zone', ['us-east-1b'])
    await subnetGroup('two-zones', ['us-east-1a', 'us-east-1b'])
    const multiAz = { NumCacheClusters: 2, AutomaticFailoverEnabled: true, MultiAZEnabled: true }
    expect(zonesOf(await create('two', { ...multiAz, CacheSubnetGroupName: 'two-zones' }))).toEqual([
      ['us-east-1a', 'us-east-1b'],
    ])
    expect(await refusal(create('one', { ...multiAz, CacheSubnetGroupName: 'one-zone' }))).toMatchObject({
      message: expect.stringContaining('at least two availability zones'),
    })
    const together = { ...multiAz, PreferredCacheClusterAZs: ['us-east-1a', 'us-east-1a'] }
    expect(await refusal(create('one', together))).toMatchObject({
      message: expect.stringContaining('at least two availability zones'),
    })
  })
})

describe('engines, versions and node types', () => {
  it('are redis of its default version when nothing is said, and the patch shows at the members', async () => {
    await create('group')
    expect(await firstMember('group-001')).toMatchObject({ Engine: 'redis', EngineVersion: '7.1.0' })
  })

  it('may be valkey, encrypted at rest unless asked otherwise', async () => {
    const group = await create('group', { Engine: 'valkey', EngineVersion: '8.0' })
    expect(group).toMatchObject({ Engine: 'valkey', AtRestEncryptionEnabled: true })
    expect((await firstMember('group-001')).CacheParameterGroup?.CacheParameterGroupName).toBe('default.valkey8')
    expect(await create('plain', { Engine: 'valkey', AtRestEncryptionEnabled: false })).toMatchObject({
      AtRestEncryptionEnabled: false,
      StorageEncryptionType: 'none',
    })
  })

  it('are refused with what is known or installed', async () => {
    const refused: [Partial<CreateReplicationGroupCommandInput>, string][] = [
      [
        { Engine: 'memcached' },
        'Invalid engine memcached for a replication group. The engine must be redis or valkey.',
      ],
      [{ EngineVersion: '4.0.13' }, 'Cannot find version 4.0.13 for redis'],
      [{ EngineVersion: '6.2.6' }, "Specific version selection is not allowed for '6.2.6', please use '6.2'"],
      [
        { Engine: 'valkey', EngineVersion: '9.0' },
        'No installed engine can serve valkey 9.0. Installed: valkey 8.0.1, redis 7.0.15.',
      ],
      [{ CacheNodeType: undefined }, 'The parameter CacheNodeType must be provided and must not be null.'],
      [{ CacheNodeType: 'cache.x9.huge' }, 'Invalid Cache Node Type: cache.x9.huge'],
    ]
    for (const [input, message] of refused) expect(await refusal(create('group', input))).toMatchObject({ message })
  })

  it('say in the events which program serves', async () => {
    await services.close()
    services = await startInProcess({ engines: [{ kind: 'valkey', version: '8.0.1', path: '/v' }] })
    await create('group')
    expect(await eventsOf('group')).toContain('valkey 8.0.1 serves redis 7.1')
  })

  it('want data tiering with r6gd types and with no others', async () => {
    expect(await refusal(create('group', { CacheNodeType: 'cache.r6gd.xlarge' }))).toMatchObject({
      message: 'DataTieringEnabled must be true for node type cache.r6gd.xlarge.',
    })
    expect(await refusal(create('group', { DataTieringEnabled: true }))).toMatchObject({
      message: 'Data tiering is not supported for node type cache.r7g.large.',
    })
    const tiered = await create('group', { CacheNodeType: 'cache.r6gd.xlarge', DataTieringEnabled: true })
    expect(tiered.DataTiering).toBe('enabled')
  })
})

describe('parameter groups', () => {
  it('must exist and be of the family of the version', async () => {
    expect(await refusal(create('group', { CacheParameterGroupName: 'missing' }))).toEqual({
      name: 'CacheParameterGroupNotFoundFault',
      message: 'CacheParameterGroup not found: missing',
      status: 404,
    })
    expect(await refusal(create('group', { CacheParameterGroupName: 'default.valkey8' }))).toEqual({
      name: 'InvalidParameterCombinationException',
      message: 'Expected a parameter group of family redis7 but found one of family valkey8',
      status: 400,
    })
  })
})

describe('encryption and tokens', () => {
  const token = 'ThisIsA-Good-Token-1'

  it('shows that a token is set, never the token', async () => {
    const group = await create('group', { TransitEncryptionEnabled: true, AuthToken: token })
    expect(group).toMatchObject({ AuthTokenEnabled: true, TransitEncryptionMode: 'required' })
    expect(JSON.stringify(group)).not.toContain(token)
    expect(await services.store.secrets.get(groupArn('group'), 'auth-token')).toBe(token)
    const row = await services.store.replicationGroups.get(groupArn('group'))
    expect(JSON.stringify(row)).not.toContain(token)
  })

  it('refuses a token without TLS, with TLS only preferred, or not as AWS wants it', async () => {
    expect(await refusal(create('group', { AuthToken: token }))).toEqual({
      name: 'InvalidParameterValueException',
      message: 'The AUTH token is only supported when encryption-in-transit is enabled',
      status: 400,
    })
    const tls = { TransitEncryptionEnabled: true }
    const preferred = { ...tls, TransitEncryptionMode: 'preferred', AuthToken: token } as const
    expect(await refusal(create('group', preferred))).toMatchObject({
      message: 'Transit encryption preferred is not supported with redis access control.',
    })
    for (const bad of ['short', 'with spaces in the token', 'slashes/are/not/allowed', 'x'.repeat(129)]) {
      const refused = await refusal(create('group', { ...tls, AuthToken: bad }))
      expect(refused.message).toMatch(/^Invalid AuthToken provided\./)
      expect(refused.message).not.toContain(bad)
    }
  })

  it('shows the mode, and the key that there is', async () => {
    const preferred = { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' } as const
    expect(await create('a', preferred)).toMatchObject({ TransitEncryptionMode: 'preferred' })
    expect(await create('b')).toMatchObject({ TransitEncryptionEnabled: false })
    expect(await create('c')).not.toHaveProperty('TransitEncryptionMode')
    expect(await create('d')).not.toHaveProperty('KmsKeyId')
    const KmsKeyId = 'arn:aws:kms:us-east-1:000000000000:key/1'
    const unknown = create('e', { AtRestEncryptionEnabled: true, KmsKeyId })
    expect(await refusal(unknown)).toMatchObject({ message: `KMS key does not exist with key id: ${KmsKeyId}` })
    const desired = { id: '1', description: '', enabled: true, deleteAt: undefined, rotationDays: undefined }
    const key = { ...scope, arn: KmsKeyId as Arn, name: '1', desired, createdAt: new Date() }
    await services.store.repository('kms-key').insert(key)
    const keyed = await create('e', { AtRestEncryptionEnabled: true, KmsKeyId })
    expect(keyed).toMatchObject({ KmsKeyId, StorageEncryptionType: 'sse-kms' })
    expect(await refusal(create('f', { KmsKeyId }))).toMatchObject({ name: 'InvalidParameterCombinationException' })
    expect(await refusal(create('f', { TransitEncryptionMode: 'required' }))).toMatchObject({
      message: 'To set transit encryption mode, set encryption-in-transit as enabled.',
    })
  })
})

describe('windows, snapshots and the rest', () => {
  it('lower-cases the maintenance window, as infrastructure tools type it', async () => {
    await create('group', { PreferredMaintenanceWindow: 'Mon:05:00-Mon:06:00', SnapshotWindow: '03:00-05:00' })
    expect((await firstMember('group-001')).PreferredMaintenanceWindow).toBe('mon:05:00-mon:06:00')
  })

  it('chooses windows that stay the same and apart, when none is given', async () => {
    const group = await create('group')
    const member = await firstMember('group-001')
    expect(group.SnapshotWindow).toMatch(/^\d\d:\d\d-\d\d:\d\d$/)
    expect(member.PreferredMaintenanceWindow).toMatch(/^[a-z]{3}:\d\d:\d\d-[a-z]{3}:\d\d:\d\d$/)
  })

  it('refuses windows that overlap, are too short or cannot be read', async () => {
    const both = { PreferredMaintenanceWindow: 'mon:04:00-mon:05:30', SnapshotWindow: '03:00-05:00' }
    expect(await refusal(create('group', both))).toMatchObject({
      message: 'The snapshot window and maintenance window must not overlap.',
    })
    for (const SnapshotWindow of ['03:00-03:30', 'morning']) {
      expect(await refusal(create('group', { SnapshotWindow }))).toMatchObject({
        name: 'InvalidParameterValueException',
      })
    }
    expect(await refusal(create('group', { SnapshotRetentionLimit: 36 }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    expect(await refusal(create('group', { Port: 80 }))).toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('takes snapshots from the first replica', async () => {
    const group = await create('group', { NumCacheClusters: 2, SnapshotRetentionLimit: 3 })
    expect(group.SnapshottingClusterId).toBe('group-002')
    expect((await firstMember('group-002')).SnapshotRetentionLimit).toBe(3)
    expect((await firstMember('group-001')).SnapshotRetentionLimit).toBe(0)
  })

  it('echoes log deliveries exactly, once the log groups exist', async () => {
    const delivery = (LogType: 'slow-log' | 'engine-log', LogGroup: string) => ({
      LogType,
      DestinationType: 'cloudwatch-logs' as const,
      DestinationDetails: { CloudWatchLogsDetails: { LogGroup } },
      LogFormat: 'json' as const,
    })
    const LogDeliveryConfigurations = [
      delivery('slow-log', '/elasticache/prod/redis/slow-log'),
      delivery('engine-log', '/elasticache/prod/redis/engine-log'),
    ]
    expect(await refusal(create('group', { LogDeliveryConfigurations }))).toMatchObject({
      message: 'The CloudWatch Logs log group /elasticache/prod/redis/slow-log does not exist.',
    })
    for (const type of ['slow', 'engine']) await addLogGroup(services.store, `/elasticache/prod/redis/${type}-log`)
    const group = await create('group', { LogDeliveryConfigurations })
    expect(group.LogDeliveryConfigurations).toEqual(
      LogDeliveryConfigurations.map(given => ({ ...given, Status: 'active' })),
    )
    expect(await firstMember('group-001')).toMatchObject({ ReplicationGroupLogDeliveryEnabled: true })
    const twice = [LogDeliveryConfigurations[0]!, LogDeliveryConfigurations[0]!]
    expect(await refusal(create('b', { LogDeliveryConfigurations: twice }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
  })

  it('keeps a notification topic that is one', async () => {
    const NotificationTopicArn = 'arn:aws:sns:us-east-1:000000000000:alerts'
    await create('group', { NotificationTopicArn })
    expect((await firstMember('group-001')).NotificationConfiguration).toEqual({
      TopicArn: NotificationTopicArn,
      TopicStatus: 'active',
    })
    expect(await refusal(create('b', { NotificationTopicArn: 'alerts' }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
  })

  it('refuses what is not built, by name, and leaves nothing behind', async () => {
    const unbuilt: Partial<CreateReplicationGroupCommandInput>[] = [
      { GlobalReplicationGroupId: 'x' },
      { ServerlessCacheSnapshotName: 'x' },
      { NetworkType: 'dual_stack' },
      { IpDiscovery: 'ipv6' },
    ]
    for (const input of unbuilt) {
      expect(await refusal(create('group', input))).toMatchObject({
        name: 'InvalidParameterCombinationException',
        message: expect.stringContaining('is not built in Hotshelf yet.'),
      })
    }
    expect(await refusal(create('group', { CacheSecurityGroupNames: ['x'] }))).toMatchObject({
      message: 'Use of cache security groups is not permitted in this API version for your account.',
    })
    const { ReplicationGroups } = await services.elasticache.send(new DescribeReplicationGroupsCommand({}))
    expect(ReplicationGroups).toEqual([])
    expect(services.woken).toEqual([])
  })
})
