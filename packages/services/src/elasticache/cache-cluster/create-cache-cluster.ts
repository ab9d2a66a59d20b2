/**
 * With ReplicationGroupId: one more read replica of a group with cluster mode disabled, under the name that the customer
 * chose. It is a member from the first moment, as `creating`. Without one: a Memcached cluster, or a single node of Redis or
 * Valkey.
 */
import type { CacheCluster } from '@aws-sdk/client-elasticache'
import {
  elasticacheArn,
  fault,
  type NodeId,
  nodesPerShard,
  placeNodes,
  type ReplicationGroupRow,
  requireIdentifier,
  usesClusterProtocol,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { notBuilt } from '../not-built.ts'
import type { Input, Operation } from '../operation.ts'
import { changeGroup } from '../replication-group/change.ts'
import { requireAvailable, requireReplicationGroup } from '../replication-group/require.ts'
import { cacheSecurityGroupsNotPermitted } from '../security-group/describe-cache-security-groups.ts'
import { requireSubnetGroupForCache } from '../subnet-group/find.ts'
import { readTags } from '../tag/tags.ts'
import { memberIds, membersOf } from './find-member.ts'
import { differing, requireMemberRequest } from './group-settings.ts'
import { createMemcached } from './memcached/create.ts'
import { renderMemcached } from './memcached/render.ts'
import { renderMemberCluster } from './render.ts'
import { createStandalone } from './standalone/create.ts'

type Create = Input<'CreateCacheCluster'>

export const createCacheCluster: Operation<'CreateCacheCluster'> = async (input, call) => {
  const id = requireIdentifier('CacheClusterId', input.CacheClusterId) as NodeId
  if (!input.ReplicationGroupId) return { CacheCluster: await createAlone(id, input, call) }
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  const ids = await memberIds(call.store, scopeOf(call))
  if (ids.has(id)) throw fault('CacheClusterAlreadyExistsFault', `Cache cluster with the id ${id} already exists.`)
  requireRequest(input, group)
  const tags = readTags(input.Tags)
  requireAvailable(group)
  requireRoom(group)
  const node = {
    id,
    availabilityZone: await chooseZone(input.PreferredAvailabilityZone, group, call),
    rebootGeneration: 0,
    createdAt: call.now().toISOString(),
  }
  const changed = await changeGroup(
    group,
    call,
    `Adding cache cluster ${id}`,
    desired => ({ ...desired, shards: desired.shards.map(shard => ({ ...shard, nodes: [...shard.nodes, node] })) }),
    store => store.tags.set(elasticacheArn(group, 'cluster', id), tags),
  )
  const [shard] = changed.desired.shards
  return { CacheCluster: shard && renderMemberCluster({ group: changed, shard, node }, false) }
}

async function createAlone(id: NodeId, input: Create, call: Call): Promise<CacheCluster | undefined> {
  const engine = input.Engine?.toLowerCase()
  if (engine === 'memcached') return renderMemcached(await createMemcached(id, input, call), false)
  // A snapshot names its engine itself.
  if (engine === undefined && !input.SnapshotName)
    throw fault('InvalidParameterValueException', 'The parameter Engine must be provided.')
  if (engine !== undefined && engine !== 'redis' && engine !== 'valkey')
    throw fault('InvalidParameterValueException', `Invalid engine: ${input.Engine}`)
  const [member] = membersOf(await createStandalone(id, input, call))
  return member && renderMemberCluster(member, false)
}

function requireRequest(input: Create, { name, desired }: ReplicationGroupRow): void {
  if (usesClusterProtocol(desired))
    throw combination(
      `Replication group ${name} has cluster mode enabled: replicas are added to it with IncreaseReplicaCount.`,
    )
  requireMemberRequest(input, desired)
  if (input.CacheSecurityGroupNames?.length) throw cacheSecurityGroupsNotPermitted()
  if (input.SnapshotName !== undefined || input.SnapshotArns?.length)
    throw combination('A read replica takes its data from the primary: it cannot be restored from a snapshot.')
  if (input.PreferredOutpostArn !== undefined || input.PreferredOutpostArns?.length || input.OutpostMode)
    throw notBuilt('Placement on Outposts')
  const others = differing(input, desired)
  if (others.length > 0)
    throw combination(`Replication group ${name} decides ${others.join(', ')}: leave out what its replicas share.`)
}

function requireRoom({ desired }: ReplicationGroupRow): void {
  if ((desired.shards[0]?.nodes.length ?? 0) < nodesPerShard) return
  throw fault(
    'NodeQuotaForClusterExceededFault',
    `The request cannot be processed because it would exceed the allowed number of cache nodes in a replication group: ${nodesPerShard}.`,
  )
}

async function chooseZone(asked: string | undefined, { desired }: ReplicationGroupRow, call: Call): Promise<string> {
  const subnetGroup = await requireSubnetGroupForCache(desired.subnetGroup, call)
  const zones = [...new Set(subnetGroup.desired.subnets.map(subnet => subnet.availabilityZone))]
  if (asked !== undefined && !zones.includes(asked))
    throw fault('InvalidParameterValueException', `${asked} is not an availability zone of the cache subnet group.`)
  const existing = desired.shards[0]?.nodes.map(node => node.availabilityZone) ?? []
  return placeNodes(zones, [{ existing, wanted: [asked] }])[0]?.[0] ?? ''
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
