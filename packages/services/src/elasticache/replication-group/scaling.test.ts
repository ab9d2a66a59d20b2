/** The calls that wait for control: what they write, and what they refuse. They are mounted here only. */
import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DecreaseReplicaCountCommand,
  type DecreaseReplicaCountCommandInput,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  IncreaseReplicaCountCommand,
  type IncreaseReplicaCountCommandInput,
  ModifyReplicationGroupShardConfigurationCommand,
  type ModifyReplicationGroupShardConfigurationCommandInput,
  type ReplicationGroup,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache'
import type { NodeId, ShardId } from '@hotshelf/domain'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess({ unmounted: true })
})
afterEach(() => services.close())

async function available(id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) {
  await services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: '',
      CacheNodeType: 'cache.r7g.large',
      ...input,
    }),
  )
  await settle(services.store, groupArn(id))
  services.woken.length = 0
}
const increase = async (id: string, input: Partial<IncreaseReplicaCountCommandInput>) =>
  (
    await services.elasticache.send(
      new IncreaseReplicaCountCommand({ ReplicationGroupId: id, ApplyImmediately: true, ...input }),
    )
  ).ReplicationGroup!
const decrease = async (id: string, input: Partial<DecreaseReplicaCountCommandInput>) =>
  (
    await services.elasticache.send(
      new DecreaseReplicaCountCommand({ ReplicationGroupId: id, ApplyImmediately: true, ...input }),
    )
  ).ReplicationGroup!
const reshard = async (id: string, input: Partial<ModifyReplicationGroupShardConfigurationCommandInput>) =>
  (
    await services.elasticache.send(
      new ModifyReplicationGroupShardConfigurationCommand({
        ReplicationGroupId: id,
        NodeGroupCount: undefined,
        ApplyImmediately: true,
        ...input,
      }),
    )
  ).ReplicationGroup!
const leavingOf = async (id: string) =>
  (await services.store.replicationGroups.get(groupArn(id)))?.desired.shards
    .filter(shard => shard.leaving)
    .map(shard => shard.id)
/** What control does once the shards that leave are empty. */
async function letGo(id: string) {
  await services.store.replicationGroups.change(groupArn(id), desired => ({
    ...desired,
    shards: desired.shards.filter(shard => !shard.leaving),
  }))
  await settle(services.store, groupArn(id))
}
const zonesOf = (group: ReplicationGroup) =>
  group.NodeGroups?.map(shard => shard.NodeGroupMembers?.map(member => member.PreferredAvailabilityZone))

describe('more replicas', () => {
  it('appear at once in every shard, spread over the zones', async () => {
    await available('group', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 })
    const group = await increase('group', { NewReplicaCount: 2 })
    expect(group.Status).toBe('modifying')
    expect(group.MemberClusters).toEqual(
      ['0001', '0002'].flatMap(shard => [1, 2, 3].map(node => `group-${shard}-00${node}`)),
    )
    for (const zones of zonesOf(group)!) expect(new Set(zones).size).toBe(3)
    expect(services.woken).toEqual([groupArn('group')])
  })

  it('go to one shard, in the zones that are named for it', async () => {
    await available('group', { NumNodeGroups: 2, ReplicasPerNodeGroup: 0 })
    const ReplicaConfiguration = [
      { NodeGroupId: '0002', NewReplicaCount: 1, PreferredAvailabilityZones: ['us-east-1b', 'us-east-1b'] },
    ]
    const group = await increase('group', { ReplicaConfiguration })
    expect(group.MemberClusters).toEqual(['group-0001-001', 'group-0002-001', 'group-0002-002'])
    expect(zonesOf(group)![1]![1]).toBe('us-east-1b')
  })

  it('are refused when they are fewer, none, too many, or nobody says how many', async () => {
    await available('group', { NumCacheClusters: 3 })
    expect(await refusal(increase('group', { NewReplicaCount: 2 }))).toMatchObject({ name: 'NoOperationFault' })
    const refused: [Partial<IncreaseReplicaCountCommandInput>, string][] = [
      [{ NewReplicaCount: 1 }, 'InvalidParameterCombinationException'],
      [{ NewReplicaCount: 6 }, 'InvalidParameterValueException'],
      [{}, 'InvalidParameterCombinationException'],
      [{ NewReplicaCount: 3, ApplyImmediately: false }, 'InvalidParameterCombinationException'],
      [{ ReplicaConfiguration: [{ NodeGroupId: '0009', NewReplicaCount: 3 }] }, 'InvalidParameterValueException'],
      [
        { ReplicaConfiguration: [3, 4].map(NewReplicaCount => ({ NodeGroupId: '0001', NewReplicaCount })) },
        'InvalidParameterValueException',
      ],
    ]
    for (const [input, name] of refused) expect(await refusal(increase('group', input))).toMatchObject({ name })
    await increase('group', { NewReplicaCount: 3 })
    expect(await refusal(increase('group', { NewReplicaCount: 4 }))).toMatchObject({
      name: 'InvalidReplicationGroupStateFault',
    })
  })
})

describe('fewer replicas', () => {
  it('leave by the highest number, and never the primary of the moment', async () => {
    await available('group', { NumCacheClusters: 4, SnapshotRetentionLimit: 1 })
    const primaryOf = { ['0001' as ShardId]: 'group-004' as NodeId }
    await settle(services.store, groupArn('group'), { observed: { primaryOf } })
    const group = await decrease('group', { NewReplicaCount: 1 })
    expect(group.MemberClusters).toEqual(['group-001', 'group-004'])
    expect(group.SnapshottingClusterId).toBe('group-004')
    await settle(services.store, groupArn('group'))
    expect((await increase('group', { NewReplicaCount: 2 })).MemberClusters).toEqual([
      'group-001',
      'group-002',
      'group-004',
    ])
  })

  it('leave by name, but not the primary', async () => {
    await available('group', { NumCacheClusters: 3 })
    expect(await refusal(decrease('group', { ReplicasToRemove: ['group-001'] }))).toMatchObject({
      message: 'group-001 is serving as primary for node group 0001 and cannot be removed.',
    })
    expect((await decrease('group', { ReplicasToRemove: ['group-002'] })).MemberClusters).toEqual([
      'group-001',
      'group-003',
    ])
  })

  it('stay where failover or Multi-AZ needs them', async () => {
    const both = { NumCacheClusters: 2, AutomaticFailoverEnabled: true }
    await available('failover', both)
    await available('multi', { ...both, MultiAZEnabled: true })
    for (const [id, message] of [
      ['failover', 'Must have at least 1 replica when cluster mode is disabled with auto failover enabled.'],
      ['multi', 'Must have at least 1 replica for Multi-AZ enabled Replication Group'],
    ] as const)
      expect(await refusal(decrease(id, { NewReplicaCount: 0 }))).toMatchObject({
        name: 'InvalidParameterValueException',
        message,
      })
    expect(await refusal(decrease('failover', { NewReplicaCount: 1 }))).toMatchObject({ name: 'NoOperationFault' })
    expect(await refusal(decrease('failover', { NewReplicaCount: 2 }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
  })
})

describe('resharding', () => {
  it('out: new shards as wide as the narrowest, and slots from all the others', async () => {
    await available('group', { NumNodeGroups: 3, ReplicasPerNodeGroup: 1 })
    const group = await reshard('group', { NodeGroupCount: 4 })
    expect(group.MemberClusters?.slice(6)).toEqual(['group-0004-001', 'group-0004-002'])
    expect(group.NodeGroups?.map(shard => shard.Slots)).toEqual([
      '0-4095',
      '5461-9556',
      '10923-15018',
      '4096-5460,9557-10922,15019-16383',
    ])
  })

  it('in: the named shards leave, or those that are not retained', async () => {
    await available('group', { NumNodeGroups: 3 })
    await reshard('group', { NodeGroupCount: 2, NodeGroupsToRemove: ['0002'] })
    expect(await leavingOf('group')).toEqual(['0002'])
    await letGo('group')
    await reshard('group', { NodeGroupCount: 1, NodeGroupsToRetain: ['0003'] })
    expect(await leavingOf('group')).toEqual(['0001'])
    const row = await services.store.replicationGroups.get(groupArn('group'))
    expect(row?.desired.shards.map(shard => [shard.id, shard.slots])).toEqual([
      ['0001', ''],
      ['0003', '0-16383'],
    ])
  })

  it('shows shards and slots as they are while slots move, and how far that is', async () => {
    await available('group', { NumNodeGroups: 2 })
    const at = (slots: Record<string, string>) =>
      settle(services.store, groupArn('group'), {
        upToDate: false,
        observed: { settled: false, slots: slots as Record<ShardId, string>, resharding: { slots: 8192 } },
      })
    const shown = async () => {
      const describe = new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'group' })
      const { Status, NodeGroups, PendingModifiedValues } = (await services.elasticache.send(describe))
        .ReplicationGroups![0]!
      const slots = NodeGroups?.map(shard => [shard.NodeGroupId, shard.Slots])
      return { Status, slots, part: PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage }
    }
    await settle(services.store, groupArn('group'), {
      observed: { slots: { '0001': '0-8191', '0002': '8192-16383' } as Record<ShardId, string> },
    })
    expect((await shown()).part).toBeUndefined()
    const answer = await reshard('group', { NodeGroupCount: 1, NodeGroupsToRemove: ['0002'] })
    expect(answer.PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage).toBe(0)
    await at({ '0001': '0-10239', '0002': '10240-16383' })
    const slots = [
      ['0001', '0-10239'],
      ['0002', '10240-16383'],
    ]
    expect(await shown()).toEqual({ Status: 'modifying', slots, part: 25 })
    await at({ '0001': '0-16383', '0002': '' })
    expect(await shown()).toMatchObject({ Status: 'modifying', part: 100 })
    await letGo('group')
    expect(await shown()).toMatchObject({ Status: 'available', slots: [['0001', '0-16383']] })
  })

  it('is refused without names on the way in, without cluster mode, or past the quota', async () => {
    await available('group', { NumNodeGroups: 3 })
    await available('classic')
    const refused: [string, Partial<ModifyReplicationGroupShardConfigurationCommandInput>, string][] = [
      ['group', { NodeGroupCount: 3 }, 'InvalidParameterCombinationException'],
      ['group', { NodeGroupCount: 2 }, 'InvalidParameterCombinationException'],
      ['group', { NodeGroupCount: 2, NodeGroupsToRemove: ['0001', '0002'] }, 'InvalidParameterCombinationException'],
      ['group', { NodeGroupCount: 2, NodeGroupsToRemove: ['0009'] }, 'InvalidParameterValueException'],
      ['group', { NodeGroupCount: 2_000_000_000 }, 'NodeGroupsPerReplicationGroupQuotaExceededFault'],
      ['group', { NodeGroupCount: 0 }, 'InvalidParameterValueException'],
      ['classic', { NodeGroupCount: 2 }, 'InvalidParameterCombinationException'],
    ]
    for (const [id, input, name] of refused)
      expect(await refusal(reshard(id, input)), JSON.stringify(input)).toMatchObject({ name })
  })
})

describe('a tested failover', () => {
  const test = (id: string, NodeGroupId: string) =>
    services.elasticache.send(new TestFailoverCommand({ ReplicationGroupId: id, NodeGroupId }))

  it('asks for a replica that is in sync, and tells the events first', async () => {
    await available('group', { NumCacheClusters: 3, AutomaticFailoverEnabled: true })
    await settle(services.store, groupArn('group'), { nodes: { 'group-002': { status: 'modifying' } } })
    await test('group', '0001')
    const row = await services.store.replicationGroups.get(groupArn('group'))
    expect(row?.desired.targetPrimary).toEqual({ '0001': 'group-003' })
    expect(services.woken).toEqual([groupArn('group')])
    const { Events } = await services.elasticache.send(new DescribeEventsCommand({ SourceType: 'replication-group' }))
    expect(Events?.at(-1)?.Message).toBe('Test Failover API called for node group 0001')
  })

  it('is allowed on fifteen shards within 24 hours', async () => {
    await available('group', { NumCacheClusters: 3, AutomaticFailoverEnabled: true })
    const tested = (count: number, at: Date) =>
      services.store.replicationGroups.change(groupArn('group'), desired => ({
        ...desired,
        testFailovers: Array.from({ length: count }, () => ({ shard: '0001' as ShardId, at: at.toISOString() })),
      }))
    await tested(15, new Date(Date.now() - 60_000))
    await settle(services.store, groupArn('group'))
    expect(await refusal(test('group', '0001'))).toMatchObject({ name: 'APICallRateForCustomerExceededFault' })
    await tested(15, new Date(0))
    await settle(services.store, groupArn('group'))
    await test('group', '0001')
  })

  it('needs a shard, failover, and a replica', async () => {
    await available('single')
    await available('lonely', { NumNodeGroups: 2 })
    expect(await refusal(test('lonely', '0009'))).toMatchObject({ name: 'NodeGroupNotFoundFault', status: 404 })
    expect(await refusal(test('single', '0001'))).toMatchObject({ name: 'InvalidReplicationGroupStateFault' })
    expect(await refusal(test('lonely', '0001'))).toMatchObject({ name: 'TestFailoverNotAvailableFault' })
  })
})
