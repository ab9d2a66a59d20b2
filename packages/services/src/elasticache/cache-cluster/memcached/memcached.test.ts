import {
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ListTagsForResourceCommand,
  ModifyCacheClusterCommand,
  type ModifyCacheClusterCommandInput,
} from '@aws-sdk/client-elasticache'
import type { Arn, MemcachedClusterObserved, MemcachedClusterRow } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engines, type InProcess, refusal, scope, startInProcess } from '../../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess({
    engines: [...engines, { kind: 'memcached', version: '1.6.18', path: '/usr/bin/memcached' }],
  })
})
afterEach(() => services.close())

const arn = `arn:aws:elasticache:${scope.region}:${scope.account}:cluster:mem` as Arn
const create = (input: Partial<CreateCacheClusterCommandInput> = {}) =>
  services.elasticache.send(
    new CreateCacheClusterCommand({
      CacheClusterId: 'mem',
      Engine: 'memcached',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 2,
      ...input,
    }),
  )
const modify = (input: Partial<ModifyCacheClusterCommandInput>) =>
  services.elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId: 'mem', ...input }))
const describeAll = async (input = {}) =>
  (await services.elasticache.send(new DescribeCacheClustersCommand(input))).CacheClusters!

/** Control, faked: all that was asked for is true. */
async function settle(): Promise<void> {
  const row = (await services.store.repository('cache-cluster').get(arn)) as unknown as MemcachedClusterRow
  const observed = {
    everAvailable: true,
    settled: true,
    nodes: Object.fromEntries(
      row.desired.nodes.map((node, at) => [
        node.id,
        { status: 'available', endpoint: { host: `127.0.1.${at + 1}`, port: 11211 }, parametersInSync: true },
      ]),
    ),
    configuration: { host: '127.0.1.99', port: 11211 },
  } as unknown as MemcachedClusterObserved
  await services.store.observations.put(arn, {
    generation: row.generation,
    observed,
    conditions: [],
    seenAt: new Date(),
  })
}

describe('a Memcached cluster', () => {
  it('is there as `creating` at once, is no replication group, and has its tags', async () => {
    const { CacheCluster } = await create({ AZMode: 'cross-az', Tags: [{ Key: 'a', Value: 'b' }] })
    expect(CacheCluster).toMatchObject({
      CacheClusterId: 'mem',
      CacheClusterStatus: 'creating',
      Engine: 'memcached',
      EngineVersion: '1.6.22',
      NumCacheNodes: 2,
      PreferredAvailabilityZone: 'Multiple',
      CacheParameterGroup: { CacheParameterGroupName: 'default.memcached1.6' },
    })
    expect(CacheCluster).not.toHaveProperty('ReplicationGroupId')
    expect(services.woken).toContain(arn)
    const groups = await services.elasticache.send(new DescribeReplicationGroupsCommand({}))
    expect(groups.ReplicationGroups).toEqual([])
    const tags = await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName: arn }))
    expect(tags.TagList).toEqual([{ Key: 'a', Value: 'b' }])
    expect(await describeAll({ ShowCacheClustersNotInReplicationGroups: true })).toHaveLength(1)
  })

  it('shows every node and the configuration endpoint once control has seen them', async () => {
    await create()
    await settle()
    const [shown] = await describeAll({ ShowCacheNodeInfo: true })
    expect(shown).toMatchObject({
      CacheClusterStatus: 'available',
      ConfigurationEndpoint: { Address: '127.0.1.99', Port: 11211 },
      CacheNodes: [
        { CacheNodeId: '0001', CacheNodeStatus: 'available' },
        { CacheNodeId: '0002', CacheNodeStatus: 'available' },
      ],
    })
  })

  it('keeps a change of its nodes for the maintenance window, unless it is to be applied at once', async () => {
    await create()
    await settle()
    const waiting = await modify({ NumCacheNodes: 1, CacheNodeIdsToRemove: ['0001'] })
    expect(waiting.CacheCluster).toMatchObject({
      NumCacheNodes: 2,
      PendingModifiedValues: { NumCacheNodes: 1, CacheNodeIdsToRemove: ['0001'] },
    })
    const now = await modify({ NumCacheNodes: 3, ApplyImmediately: true })
    expect(now.CacheCluster).toMatchObject({
      CacheClusterStatus: 'modifying',
      NumCacheNodes: 3,
      PendingModifiedValues: {},
    })
  })

  it.each<[Partial<CreateCacheClusterCommandInput>, string, string]>([
    [{ NumCacheNodes: 41 }, 'NodeQuotaForClusterExceededFault', 'in a single cluster: 40'],
    [{ NumCacheNodes: 0 }, 'InvalidParameterValueException', 'at least 1'],
    [{ Port: 80 }, 'InvalidParameterValueException', 'between 1150 and 65535'],
    [{ NumCacheNodes: 1, AZMode: 'cross-az' }, 'InvalidParameterCombinationException', 'at least two cache nodes'],
    [
      { PreferredAvailabilityZones: ['us-east-1a'] },
      'InvalidParameterCombinationException',
      'Must specify the same number of preferred availability zones as requested number of nodes.',
    ],
    [{ CacheParameterGroupName: 'nobodys' }, 'CacheParameterGroupNotFoundFault', 'nobodys'],
    [{ CacheNodeType: 'cache.huge' }, 'InvalidParameterValueException', 'Invalid Cache Node Type'],
    [{ PreferredAvailabilityZone: 'mars-1a' }, 'InvalidParameterValueException', 'mars-1a is not'],
    [{ CacheParameterGroupName: 'default.redis7' }, 'InvalidParameterCombinationException', 'family memcached1.6'],
    [{ AuthToken: 'ThisIsA-Good-Token-1' }, 'InvalidParameterCombinationException', 'AuthToken is not supported'],
    [{ SnapshotRetentionLimit: 1 }, 'InvalidParameterCombinationException', 'SnapshotRetentionLimit'],
    [{ EngineVersion: '1.6.6', TransitEncryptionEnabled: true }, 'InvalidParameterCombinationException', '1.6.12'],
    [
      { Engine: 'redis', NumCacheNodes: 3 },
      'InvalidParameterValueException',
      'NumCacheNodes should be 1 if engine is redis',
    ],
    [{ Engine: 'mongo' }, 'InvalidParameterValueException', 'Invalid engine'],
  ])('is refused as %j', async (input, name, message) => {
    expect(await refusal(create(input))).toMatchObject({ name, message: expect.stringContaining(message) })
  })

  it('is refused encryption in transit, by the program’s name, where the program has none', async () => {
    const plain = await startInProcess({
      engines: [{ kind: 'memcached', version: '1.6.18', path: '/opt/memcached', lacksTls: true }],
    })
    const input = { CacheClusterId: 'mem', Engine: 'memcached', CacheNodeType: 'cache.t4g.micro', NumCacheNodes: 1 }
    const send = (TransitEncryptionEnabled: boolean) =>
      plain.elasticache.send(new CreateCacheClusterCommand({ ...input, TransitEncryptionEnabled }))
    expect(await refusal(send(true))).toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: expect.stringContaining('memcached 1.6.18 at /opt/memcached was built without TLS'),
    })
    expect((await send(false)).CacheCluster?.CacheClusterStatus).toBe('creating')
    await plain.close()
  })

  it('changes only as far as the request is whole, and only while it is available', async () => {
    await create()
    expect(await refusal(modify({ NumCacheNodes: 3 }))).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
    await settle()
    const refused: [Partial<ModifyCacheClusterCommandInput>, string][] = [
      [{}, 'No modifications were requested'],
      [
        { NumCacheNodes: 1 },
        'current number of cache nodes is 2, requested number of cache nodes is 1 and CacheNodeIdsToRemove supplied are 0',
      ],
      [{ NumCacheNodes: 1, CacheNodeIdsToRemove: ['0009'] }, 'Cache node 0009 does not exist'],
      [
        { NumCacheNodes: 4, NewAvailabilityZones: ['us-east-1a'] },
        'Must specify the same number of preferred availability zones',
      ],
      [{ EngineVersion: '1.5.16' }, 'Cannot downgrade'],
    ]
    for (const [input, message] of refused) expect((await refusal(modify(input))).message).toContain(message)
  })

  it('has an id that nobody else may have, and is deletable in whatever state', async () => {
    await create()
    expect(await refusal(create())).toMatchObject({ name: 'CacheClusterAlreadyExistsFault' })
    const remove = () => services.elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: 'mem' }))
    expect((await remove()).CacheCluster?.CacheClusterStatus).toBe('deleting')
    expect(await refusal(remove())).toMatchObject({ name: 'InvalidCacheClusterStateFault' })
  })
})
