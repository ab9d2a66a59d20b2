/** ModifyReplicationGroup where control rolls the nodes: engine, TLS, primary, durability, and what waits for the window. */
import {
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DeleteCacheParameterGroupCommand,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupCommandInput,
} from '@aws-sdk/client-elasticache'
import type { NodeId, ShardId } from '@hotshelf/domain'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

type Create = Partial<CreateReplicationGroupCommandInput>
type Modify = Partial<ModifyReplicationGroupCommandInput>

const create = async (id: string, input: Create = {}) =>
  (
    await services.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: '',
        CacheNodeType: 'cache.r7g.large',
        ...input,
      }),
    )
  ).ReplicationGroup!
async function available(id: string, input: Create = {}) {
  await create(id, input)
  await settle(services.store, groupArn(id))
}
const modify = async (id: string, input: Modify) =>
  (await services.elasticache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ...input })))
    .ReplicationGroup!
/** At once, and carried out. */
async function applied(id: string, input: Modify) {
  const group = await modify(id, { ApplyImmediately: true, ...input })
  await settle(services.store, groupArn(id))
  return group
}
const described = async (id: string) =>
  (await services.elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })))
    .ReplicationGroups![0]!
const member = async (id: string) =>
  (await services.elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: id }))).CacheClusters![0]!
const row = async (id: string) => (await services.store.replicationGroups.get(groupArn(id)))!
const parameterGroup = (CacheParameterGroupName: string, CacheParameterGroupFamily: string) =>
  services.elasticache.send(
    new CreateCacheParameterGroupCommand({ CacheParameterGroupName, CacheParameterGroupFamily, Description: '' }),
  )
const events = async () =>
  (await services.elasticache.send(new DescribeEventsCommand({ SourceType: 'replication-group' }))).Events!.map(
    event => event.Message!,
  )

describe('the engine', () => {
  it('goes up, takes the default parameter group of the new family along, and says what serves it', async () => {
    await available('group', { EngineVersion: '6.2' })
    expect(await applied('group', { EngineVersion: '7.1' })).toMatchObject({ Status: 'modifying', Engine: 'redis' })
    expect(await member('group-001')).toMatchObject({
      EngineVersion: '7.1.0',
      CacheParameterGroup: { CacheParameterGroupName: 'default.redis7' },
    })
    await applied('group', { Engine: 'valkey', EngineVersion: '8.0' })
    expect(await member('group-001')).toMatchObject({
      Engine: 'valkey',
      EngineVersion: '8.0.1',
      CacheParameterGroup: { CacheParameterGroupName: 'default.valkey8' },
    })
    expect(await events()).toContain('valkey 8.0.1 serves valkey 8.0')
  })

  it('keeps the default parameter group with cluster mode on', async () => {
    await available('group', { NumNodeGroups: 2, CacheParameterGroupName: 'default.redis7.cluster.on' })
    await applied('group', { Engine: 'valkey', EngineVersion: '7.2' })
    expect((await row('group')).desired.parameterGroup).toBe('default.valkey7.cluster.on')
  })

  it('does not go down, but for the one way back from Valkey 7.2', async () => {
    await available('group')
    expect(await refusal(modify('group', { EngineVersion: '6.2' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: 'Cannot modify redis from 7.1 to 6.2',
    })
    expect(await refusal(modify('group', { EngineVersion: '8.0' }))).toMatchObject({
      message: 'Cannot find version 8.0 for redis',
    })
    expect(await refusal(modify('group', { EngineVersion: '7.1.0' }))).toMatchObject({
      message: "Specific version selection is not allowed for '7.1.0', please use '7.1'",
    })
    expect(await refusal(modify('group', { Engine: 'valkey', EngineVersion: '9.0' }))).toMatchObject({
      message: expect.stringMatching(/^No installed engine can serve valkey 9.0/),
    })
    await applied('group', { Engine: 'valkey', EngineVersion: '7.2' })
    await applied('group', { Engine: 'redis', EngineVersion: '7.1' })
    expect((await row('group')).desired).toMatchObject({ engine: 'redis', parameterGroup: 'default.redis7' })
  })

  it("asks for a parameter group of the new family where the group has a customer's own", async () => {
    await parameterGroup('mine', 'redis7')
    await parameterGroup('next', 'valkey8')
    await available('group', { CacheParameterGroupName: 'mine' })
    const upgrade = { Engine: 'valkey', EngineVersion: '8.0', ApplyImmediately: true }
    expect(await refusal(modify('group', upgrade))).toMatchObject({
      message: 'Expected a parameter group of family valkey8 but found one of family redis7',
    })
    expect(await refusal(modify('group', { ...upgrade, CacheParameterGroupName: 'default.redis7' }))).toMatchObject({
      message: 'redis parameter group is not applicable to engine valkey',
    })
    expect(await refusal(modify('group', { CacheParameterGroupName: 'next' }))).toMatchObject({
      message: 'valkey parameter group is not applicable to engine redis',
    })
    await modify('group', { ...upgrade, CacheParameterGroupName: 'next' })
    expect((await row('group')).desired).toMatchObject({ engineVersion: '8.0', parameterGroup: 'next' })
  })
})

describe('encryption in transit', () => {
  it('comes on through preferred, goes off the same way, and each step shows', async () => {
    await available('group')
    const on = await applied('group', { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' })
    expect(on).toMatchObject({ TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' })
    expect(await applied('group', { TransitEncryptionMode: 'required' })).toMatchObject({
      TransitEncryptionMode: 'required',
    })
    expect(await refusal(modify('group', { TransitEncryptionEnabled: false }))).toMatchObject({
      message: 'To disable encryption-in-transit, first set TransitEncryptionMode to preferred.',
    })
    await applied('group', { TransitEncryptionMode: 'preferred' })
    expect(await applied('group', { TransitEncryptionEnabled: false })).toMatchObject({
      TransitEncryptionEnabled: false,
    })
  })

  it('is refused in the words of AWS', async () => {
    await available('plain')
    await available('old', { EngineVersion: '6.2' })
    await available('guarded', { TransitEncryptionEnabled: true, AuthToken: 'ThisIsA-Good-Token-1' })
    const refused: [string, Modify, string][] = [
      ['plain', { TransitEncryptionMode: 'preferred' }, 'To modify transit encryption mode, set encryption-in-transit'],
      ['plain', { TransitEncryptionEnabled: true }, 'To enable encryption-in-transit of an existing'],
      [
        'old',
        { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' },
        'It is available from version 7.0.',
      ],
      ['guarded', { TransitEncryptionMode: 'preferred' }, 'not supported for access control enabled clusters.'],
    ]
    for (const [id, input, message] of refused)
      expect(await refusal(modify(id, input))).toMatchObject({
        name: 'InvalidParameterCombinationException',
        message: expect.stringContaining(message),
      })
  })
})

describe('a chosen primary', () => {
  it('is asked of control, and is pending until it serves', async () => {
    await available('group', { NumCacheClusters: 3 })
    const group = await modify('group', { PrimaryClusterId: 'GROUP-003', ApplyImmediately: true })
    expect(group).toMatchObject({ Status: 'modifying', PendingModifiedValues: { PrimaryClusterId: 'group-003' } })
    expect((await row('group')).desired.targetPrimary).toEqual({ '0001': 'group-003' })
    const primaryOf = { ['0001' as ShardId]: 'group-003' as NodeId }
    await settle(services.store, groupArn('group'), { observed: { primaryOf } })
    expect((await described('group')).PendingModifiedValues).toEqual({})
    expect((await modify('group', { PrimaryClusterId: 'group-003' })).Status).toBe('available')
  })

  it('waits for the window otherwise, and naming the present one takes it back', async () => {
    await available('group', { NumCacheClusters: 2 })
    expect(await modify('group', { PrimaryClusterId: 'group-002' })).toMatchObject({
      Status: 'available',
      PendingModifiedValues: { PrimaryClusterId: 'group-002' },
    })
    await modify('group', { PrimaryClusterId: 'group-001' })
    expect((await row('group')).pending).toBeUndefined()
  })

  it('is an available replica of a group without failover, Multi-AZ and cluster mode', async () => {
    await available('failover', { NumCacheClusters: 2, AutomaticFailoverEnabled: true })
    await available('clustered', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 })
    await available('group', { NumCacheClusters: 2 })
    const refused: [string, string, string][] = [
      ['failover', 'failover-002', 'InvalidParameterCombinationException'],
      ['clustered', 'clustered-0001-002', 'InvalidParameterCombinationException'],
      ['group', 'group-009', 'CacheClusterNotFoundFault'],
    ]
    for (const [id, PrimaryClusterId, name] of refused)
      expect(await refusal(modify(id, { PrimaryClusterId }))).toMatchObject({ name })
    await settle(services.store, groupArn('group'), { nodes: { 'group-002': { status: 'modifying' } } })
    expect(await refusal(modify('group', { PrimaryClusterId: 'group-002' }))).toMatchObject({
      name: 'InvalidCacheClusterStateFault',
    })
    const both = { PrimaryClusterId: 'failover-002', AutomaticFailoverEnabled: false, ApplyImmediately: true }
    expect(await modify('failover', both)).toMatchObject({
      AutomaticFailover: 'disabled',
      PendingModifiedValues: { PrimaryClusterId: 'failover-002' },
    })
  })
})

describe('durability', () => {
  it('is kept, shown, encrypts at rest, and the events say what AWS would ask for', async () => {
    expect(await create('group', { Durability: 'sync' })).toMatchObject({
      Durability: 'sync',
      EffectiveDurability: 'sync',
      AtRestEncryptionEnabled: true,
    })
    await settle(services.store, groupArn('group'))
    expect(await events()).toContain(
      'Durability sync is kept by the append-only file of each node; AWS offers it only with Valkey 9.0, cluster mode, ' +
        'Multi-AZ, encryption in-transit',
    )
    expect(await applied('group', { Durability: 'async' })).toMatchObject({ EffectiveDurability: 'async' })
    expect((await modify('group', { Durability: 'default' })).Status).toBe('available')
    expect(await applied('group', { Durability: 'disabled' })).toMatchObject({ EffectiveDurability: 'disabled' })
    expect(await create('plain', { Durability: 'default' })).not.toHaveProperty('Durability')
  })
})

describe('what waits for the window', () => {
  it('shows at the group and at its members, and the group stays as it is', async () => {
    await available('group', { NumCacheClusters: 2 })
    const group = await modify('group', {
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'preferred',
      Engine: 'valkey',
      EngineVersion: '8.0',
      CacheNodeType: 'cache.r7g.xlarge',
    })
    const encryption = { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' }
    expect(group).toMatchObject({
      Status: 'available',
      Engine: 'redis',
      AutomaticFailover: 'disabled',
      TransitEncryptionEnabled: false,
      CacheNodeType: 'cache.r7g.large',
    })
    expect(group.PendingModifiedValues).toEqual({ AutomaticFailoverStatus: 'enabled', ...encryption })
    expect(await member('group-002')).toMatchObject({
      Engine: 'redis',
      EngineVersion: '7.1.0',
      PendingModifiedValues: { EngineVersion: '8.0', CacheNodeType: 'cache.r7g.xlarge', ...encryption },
      CacheParameterGroup: { CacheParameterGroupName: 'default.redis7' },
    })
    expect((await row('group')).pending).toMatchObject({ engine: 'valkey', parameterGroup: 'default.valkey8' })
  })

  it('is replaced by a newer wish, and taken back by the value in force', async () => {
    await available('group')
    await modify('group', { CacheNodeType: 'cache.r7g.xlarge', Engine: 'valkey', EngineVersion: '7.2' })
    await modify('group', { CacheNodeType: 'cache.r7g.2xlarge' })
    expect((await row('group')).pending).toMatchObject({ nodeType: 'cache.r7g.2xlarge', engine: 'valkey' })
    await modify('group', { CacheNodeType: 'cache.r7g.large' })
    expect((await row('group')).pending).toEqual({
      engine: 'valkey',
      engineVersion: '7.2',
      parameterGroup: 'default.valkey7',
    })
    await modify('group', { Engine: 'redis', EngineVersion: '7.1' })
    expect((await row('group')).pending).toBeUndefined()
  })

  it('all comes into force with the next ApplyImmediately, and the newer wish wins', async () => {
    await available('group', { NumCacheClusters: 2 })
    await modify('group', { CacheNodeType: 'cache.r7g.xlarge', AutomaticFailoverEnabled: true })
    const group = await modify('group', { CacheNodeType: 'cache.r7g.2xlarge', ApplyImmediately: true })
    expect(group).toMatchObject({ CacheNodeType: 'cache.r7g.2xlarge', AutomaticFailover: 'enabled' })
    expect(group.PendingModifiedValues).toEqual({})
    expect((await row('group')).pending).toBeUndefined()
  })

  it('holds the parameter group that it names', async () => {
    await parameterGroup('next', 'valkey8')
    await available('group')
    await modify('group', { Engine: 'valkey', EngineVersion: '8.0', CacheParameterGroupName: 'next' })
    const remove = new DeleteCacheParameterGroupCommand({ CacheParameterGroupName: 'next' })
    expect(await refusal(services.elasticache.send(remove))).toMatchObject({
      name: 'InvalidCacheParameterGroupStateFault',
    })
  })

  it('keeps both of two wishes that come at once', async () => {
    await available('group', { NumCacheClusters: 2 })
    await Promise.all([
      modify('group', { CacheNodeType: 'cache.r7g.xlarge' }),
      modify('group', { AutomaticFailoverEnabled: true }),
    ])
    expect((await row('group')).pending).toMatchObject({ nodeType: 'cache.r7g.xlarge', automaticFailover: true })
  })
})
