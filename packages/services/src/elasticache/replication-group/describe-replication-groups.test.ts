import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache'
import type { NodeId, ShardId } from '@hotshelf/domain'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const create = (id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) =>
  services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: 'for tests',
      CacheNodeType: 'cache.t4g.micro',
      ...input,
    }),
  )
const describeGroups = (input = {}) => services.elasticache.send(new DescribeReplicationGroupsCommand(input))
const one = async (id: string) => (await describeGroups({ ReplicationGroupId: id })).ReplicationGroups![0]!

describe('the two shapes of a group', () => {
  it('cluster mode disabled: primary, reader and node endpoints, and roles; no configuration endpoint', async () => {
    services.now = new Date('2026-03-01T12:00:00Z')
    await create('classic', {
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      SnapshotWindow: '05:00-06:00',
      SnapshotRetentionLimit: 1,
      Port: 7000,
    })
    await settle(services.store, groupArn('classic'))
    const member = (position: number, zone: string, role: string) => ({
      CacheClusterId: `classic-00${position}`,
      CacheNodeId: '0001',
      ReadEndpoint: { Address: `127.0.1.${9 + position}`, Port: 7000 },
      PreferredAvailabilityZone: `us-east-1${zone}`,
      CurrentRole: role,
    })
    expect(await one('classic')).toEqual({
      ReplicationGroupId: 'classic',
      Description: 'for tests',
      GlobalReplicationGroupInfo: {},
      Status: 'available',
      PendingModifiedValues: {},
      MemberClusters: ['classic-001', 'classic-002'],
      NodeGroups: [
        {
          NodeGroupId: '0001',
          Status: 'available',
          PrimaryEndpoint: { Address: '127.0.1.1', Port: 7000 },
          ReaderEndpoint: { Address: '127.0.1.2', Port: 7000 },
          NodeGroupMembers: [member(1, 'a', 'primary'), member(2, 'b', 'replica')],
        },
      ],
      SnapshottingClusterId: 'classic-002',
      AutomaticFailover: 'enabled',
      MultiAZ: 'disabled',
      SnapshotRetentionLimit: 1,
      SnapshotWindow: '05:00-06:00',
      ClusterEnabled: false,
      ClusterMode: 'disabled',
      CacheNodeType: 'cache.t4g.micro',
      AuthTokenEnabled: false,
      TransitEncryptionEnabled: false,
      AtRestEncryptionEnabled: false,
      StorageEncryptionType: 'none',
      ARN: groupArn('classic'),
      UserGroupIds: [],
      LogDeliveryConfigurations: [],
      ReplicationGroupCreateTime: services.now,
      DataTiering: 'disabled',
      AutoMinorVersionUpgrade: true,
      NetworkType: 'ipv4',
      IpDiscovery: 'ipv4',
      Engine: 'redis',
    })
  })

  it('cluster mode enabled: a configuration endpoint and slots; no roles and no other endpoint', async () => {
    await create('clustered', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 })
    await settle(services.store, groupArn('clustered'))
    const group = await one('clustered')
    const member = (shard: string, position: number, zone: string) => ({
      CacheClusterId: `clustered-${shard}-00${position}`,
      CacheNodeId: '0001',
      PreferredAvailabilityZone: `us-east-1${zone}`,
    })
    expect(group).toMatchObject({
      Status: 'available',
      ClusterEnabled: true,
      ConfigurationEndpoint: { Address: '127.0.1.3', Port: 6379 },
    })
    expect(group.NodeGroups).toEqual([
      {
        NodeGroupId: '0001',
        Status: 'available',
        Slots: '0-8191',
        NodeGroupMembers: [member('0001', 1, 'a'), member('0001', 2, 'b')],
      },
      {
        NodeGroupId: '0002',
        Status: 'available',
        Slots: '8192-16383',
        NodeGroupMembers: [member('0002', 1, 'c'), member('0002', 2, 'a')],
      },
    ])
  })

  it('keeps members in the order of their ids after a failover: only the role moves', async () => {
    await create('classic', { NumCacheClusters: 3 })
    const primaryOf = { ['0001' as ShardId]: 'classic-003' as NodeId }
    await settle(services.store, groupArn('classic'), { observed: { primaryOf } })
    const members = (await one('classic')).NodeGroups![0]!.NodeGroupMembers!
    expect(members.map(member => [member.CacheClusterId, member.CurrentRole])).toEqual([
      ['classic-001', 'replica'],
      ['classic-002', 'replica'],
      ['classic-003', 'primary'],
    ])
  })
})

describe('status', () => {
  it('is computed from what was asked and what was seen', async () => {
    await create('group', { NumCacheClusters: 2 })
    expect(await one('group')).toMatchObject({ Status: 'creating', NodeGroups: [{ Status: 'creating' }] })
    const arn = groupArn('group')
    await settle(services.store, arn, { observed: { everAvailable: false, settled: false } })
    expect((await one('group')).Status).toBe('creating')
    await settle(services.store, arn, { observed: { everAvailable: false, settled: false, failure: 'no disk' } })
    expect(await one('group')).toMatchObject({ Status: 'create-failed', NodeGroups: [{ Status: 'creating' }] })
    await settle(services.store, arn)
    expect(await one('group')).toMatchObject({ Status: 'available', NodeGroups: [{ Status: 'available' }] })
    await settle(services.store, arn, { observed: { settled: false }, nodes: { 'group-002': { status: 'modifying' } } })
    expect(await one('group')).toMatchObject({ Status: 'modifying', NodeGroups: [{ Status: 'modifying' }] })
    await services.store.replicationGroups.requestDelete(arn, new Date())
    expect(await one('group')).toMatchObject({ Status: 'deleting', NodeGroups: [{ Status: 'deleting' }] })
  })
})

describe('listing', () => {
  it('is by name, in pages, and costs one list query', async () => {
    for (let i = 10; i < 35; i++) await create(`group-${i}`)
    const first = await describeGroups({ MaxRecords: 20 })
    const second = await describeGroups({ MaxRecords: 20, Marker: first.Marker })
    expect(first.ReplicationGroups?.[0]?.ReplicationGroupId).toBe('group-10')
    expect(second.ReplicationGroups?.map(group => group.ReplicationGroupId)).toEqual(
      [30, 31, 32, 33, 34].map(i => `group-${i}`),
    )
    expect(second.Marker).toBeUndefined()
    const { replicationGroups, tags } = services.store
    const list = vi.spyOn(replicationGroups, 'list')
    const others = [vi.spyOn(replicationGroups, 'get'), vi.spyOn(replicationGroups, 'find'), vi.spyOn(tags, 'of')]
    expect((await describeGroups()).ReplicationGroups).toHaveLength(25)
    expect(list).toHaveBeenCalledTimes(1)
    for (const other of others) expect(other).not.toHaveBeenCalled()
    expect(await refusal(describeGroups({ MaxRecords: 101 }))).toMatchObject({
      message: 'Invalid value for max records. Must be between 20 and 100',
    })
  })

  it('does not know a group of another region, or one that never was', async () => {
    await create('group')
    const elsewhere = services.clientIn('eu-west-1')
    expect((await elsewhere.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups).toEqual([])
    expect(await refusal(describeGroups({ ReplicationGroupId: 'Missing' }))).toEqual({
      name: 'ReplicationGroupNotFoundFault',
      message: 'ReplicationGroup missing not found.',
      status: 404,
    })
  })
})
