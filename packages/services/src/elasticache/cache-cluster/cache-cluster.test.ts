import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeCacheClustersCommand,
  ListAllowedNodeTypeModificationsCommand,
} from '@aws-sdk/client-elasticache'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
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

const create = (id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) =>
  services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: '',
      CacheNodeType: 'cache.r7g.large',
      ...input,
    }),
  )
const clusters = (input = {}) => services.elasticache.send(new DescribeCacheClustersCommand(input))
const one = async (id: string, ShowCacheNodeInfo = false) =>
  (await clusters({ CacheClusterId: id, ShowCacheNodeInfo })).CacheClusters![0]!
const ids = (answer: { CacheClusters?: { CacheClusterId?: string }[] }) =>
  answer.CacheClusters?.map(cluster => cluster.CacheClusterId)

describe('members of a group', () => {
  it('show all that infrastructure tools read of the group, in the shape of AWS', async () => {
    services.now = new Date('2026-03-01T12:00:00Z')
    await addSecurityGroup(services.store, 'sg-1', defaultVpcId(scope))
    await create('group', {
      NumCacheClusters: 2,
      EngineVersion: '7.1',
      SecurityGroupIds: ['sg-1'],
      AtRestEncryptionEnabled: true,
      TransitEncryptionEnabled: true,
      AuthToken: 'ThisIsA-Good-Token-1',
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '03:00-05:00',
      PreferredMaintenanceWindow: 'mon:05:00-mon:06:00',
    })
    await settle(services.store, groupArn('group'))
    expect(await one('GROUP-002', true)).toEqual({
      CacheClusterId: 'group-002',
      ClientDownloadLandingPage: 'https://console.aws.amazon.com/elasticache/home#client-download:',
      CacheNodeType: 'cache.r7g.large',
      Engine: 'redis',
      EngineVersion: '7.1.0',
      CacheClusterStatus: 'available',
      NumCacheNodes: 1,
      PreferredAvailabilityZone: 'us-east-1b',
      CacheClusterCreateTime: services.now,
      PreferredMaintenanceWindow: 'mon:05:00-mon:06:00',
      PendingModifiedValues: {},
      CacheSecurityGroups: [],
      CacheParameterGroup: {
        CacheParameterGroupName: 'default.redis7',
        ParameterApplyStatus: 'in-sync',
        CacheNodeIdsToReboot: [],
      },
      CacheSubnetGroupName: 'default',
      CacheNodes: [
        {
          CacheNodeId: '0001',
          CacheNodeStatus: 'available',
          CacheNodeCreateTime: services.now,
          Endpoint: { Address: '127.0.1.11', Port: 6379 },
          ParameterGroupStatus: 'in-sync',
          CustomerAvailabilityZone: 'us-east-1b',
        },
      ],
      AutoMinorVersionUpgrade: true,
      SecurityGroups: [{ SecurityGroupId: 'sg-1', Status: 'active' }],
      ReplicationGroupId: 'group',
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '03:00-05:00',
      AuthTokenEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:cluster:group-002',
      ReplicationGroupLogDeliveryEnabled: false,
      LogDeliveryConfigurations: [],
      NetworkType: 'ipv4',
      IpDiscovery: 'ipv4',
    })
    expect(await one('group-002')).not.toHaveProperty('CacheNodes')
  })

  it('are there from the first moment as `creating`, without a node until it has an address', async () => {
    await create('group')
    const member = await one('group-001', true)
    expect(member.CacheClusterStatus).toBe('creating')
    expect(member).not.toHaveProperty('CacheNodes')
    expect(member).not.toHaveProperty('ConfigurationEndpoint')
  })

  it('tell a pending reboot and a node that is being brought back', async () => {
    await create('group')
    const nodes = { 'group-001': { parametersInSync: false, status: 'rebooting cluster nodes' } } as const
    await settle(services.store, groupArn('group'), { nodes })
    expect(await one('group-001', true)).toMatchObject({
      CacheClusterStatus: 'rebooting cluster nodes',
      CacheParameterGroup: { ParameterApplyStatus: 'pending-reboot', CacheNodeIdsToReboot: ['0001'] },
      CacheNodes: [{ CacheNodeStatus: 'rebooting', ParameterGroupStatus: 'pending-reboot' }],
    })
    await settle(services.store, groupArn('group'), { nodes: { 'group-001': { status: 'modifying' } } })
    expect(await one('group-001', true)).toMatchObject({
      CacheClusterStatus: 'modifying',
      CacheNodes: [{ CacheNodeStatus: 'creating' }],
    })
  })

  it('are listed by id over all groups, in pages', async () => {
    await create('b', { NumNodeGroups: 5, ReplicasPerNodeGroup: 2 })
    await create('a', { NumCacheClusters: 6 })
    const all = ids(await clusters())!
    expect(all).toHaveLength(21)
    expect(all).toEqual(all.toSorted())
    const first = await clusters({ MaxRecords: 20 })
    const second = await clusters({ MaxRecords: 20, Marker: first.Marker })
    expect([...ids(first)!, ...ids(second)!]).toEqual(all)
    expect(ids(await clusters({ ShowCacheClustersNotInReplicationGroups: true }))).toEqual([])
    expect(await refusal(clusters({ MaxRecords: 5 }))).toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('are found whatever their group is called, and are not found when they are none', async () => {
    await create('a-0003', { NumCacheClusters: 2 })
    await create('a', { NumNodeGroups: 2 })
    expect((await one('a-0003-002')).ReplicationGroupId).toBe('a-0003')
    expect((await one('a-0002-001')).ReplicationGroupId).toBe('a')
    for (const id of ['a', 'a-0001-002', 'a-0003-003', 'x-001']) {
      expect(await refusal(one(id))).toEqual({
        name: 'CacheClusterNotFoundFault',
        message: `CacheCluster not found: ${id}`,
        status: 404,
      })
    }
  })
})

describe('node types that a group may scale to', () => {
  const allowed = (input: object) => services.elasticache.send(new ListAllowedNodeTypeModificationsCommand(input))

  it('go up and down from its own, by group or by member', async () => {
    await create('group')
    const byGroup = await allowed({ ReplicationGroupId: 'group' })
    expect(byGroup.ScaleUpModifications).toContain('cache.r7g.xlarge')
    expect(byGroup.ScaleDownModifications).toContain('cache.t4g.micro')
    expect(byGroup.ScaleUpModifications).not.toContain('cache.r7g.large')
    const { ScaleUpModifications, ScaleDownModifications } = await allowed({ CacheClusterId: 'group-001' })
    expect({ ScaleUpModifications, ScaleDownModifications }).toEqual({
      ScaleUpModifications: byGroup.ScaleUpModifications,
      ScaleDownModifications: byGroup.ScaleDownModifications,
    })
  })

  it('are asked for by exactly one id that exists', async () => {
    expect(await refusal(allowed({}))).toMatchObject({
      message: 'One of CacheClusterId or ReplicationGroupId must be provided.',
    })
    expect(await refusal(allowed({ CacheClusterId: 'a', ReplicationGroupId: 'b' }))).toMatchObject({
      message: 'Only one of CacheClusterId or ReplicationGroupId can be provided.',
    })
    expect(await refusal(allowed({ CacheClusterId: 'a' }))).toMatchObject({ name: 'CacheClusterNotFoundFault' })
    expect(await refusal(allowed({ ReplicationGroupId: 'a' }))).toMatchObject({ name: 'ReplicationGroupNotFoundFault' })
  })
})
