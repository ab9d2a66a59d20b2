/** More replicas in every shard, or in those that are named. New members are there at once, as `creating`. */
import {
  fault,
  nodeId,
  type NodeDesired,
  placeNodes,
  type ReplicationGroupDesired,
  requireGroupSize,
  type ShardDesired,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { requireSubnetGroupForCache } from '../subnet-group/find.ts'
import { memberIds } from '../cache-cluster/find-member.ts'
import { changeGroup } from './change.ts'
import { renderReplicationGroup } from './render.ts'
import { nothingToDo, readReplicaCounts, type ReplicaCount } from './replica-counts.ts'
import { requireNotCompatible } from './change-cluster-mode.ts'
import { requireAvailable, requireReplicationGroup } from './require.ts'

export const increaseReplicaCount: Operation<'IncreaseReplicaCount'> = async (input, call) => {
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  const counts = readReplicaCounts(input, group.desired)
  if (!counts)
    throw fault(
      'InvalidParameterCombinationException',
      'One of NewReplicaCount or ReplicaConfiguration must be provided.',
    )
  requireAvailable(group)
  requireNotCompatible(group.desired)
  requireMore(group.desired, counts)
  const subnetGroup = await requireSubnetGroupForCache(group.desired.subnetGroup, call)
  const zones = [...new Set(subnetGroup.desired.subnets.map(subnet => subnet.availabilityZone))]
  const taken = await memberIds(call.store, group)
  const grown = grow(group.desired, counts, { zones, taken, createdAt: call.now() })
  const changed = await changeGroup(group, call, 'Increasing number of requested nodes', desired => ({
    ...desired,
    shards: grown,
  }))
  return { ReplicationGroup: renderReplicationGroup(changed) }
}

function requireMore(desired: ReplicationGroupDesired, counts: readonly ReplicaCount[]): void {
  const fewer = counts.find(({ shard, replicas }) => replicas < shard.nodes.length - 1)
  if (fewer)
    throw fault(
      'InvalidParameterCombinationException',
      `Node group ${fewer.shard.id} has ${fewer.shard.nodes.length - 1} replicas. Use DecreaseReplicaCount for fewer.`,
    )
  if (counts.every(({ shard, replicas }) => replicas === shard.nodes.length - 1)) throw nothingToDo()
  const wanted = new Map(counts.map(({ shard, replicas }) => [shard.id, replicas + 1]))
  const sizes = desired.shards.map(shard => wanted.get(shard.id) ?? shard.nodes.length)
  requireGroupSize(desired.engine, desired.engineVersion, sizes)
}

interface Growing {
  readonly zones: readonly string[]
  /** Ids of clusters, of this group and all others. */
  readonly taken: ReadonlySet<string>
  readonly createdAt: Date
}

function grow(
  desired: ReplicationGroupDesired,
  counts: readonly ReplicaCount[],
  { zones, ...rest }: Growing,
): readonly ShardDesired[] {
  const wishes = desired.shards.map(shard => {
    const count = counts.find(one => one.shard.id === shard.id)
    const added = count ? count.replicas + 1 - shard.nodes.length : 0
    return Array.from({ length: added }, (_, index) => count?.zones[shard.nodes.length + index])
  })
  const strange = wishes.flat().find(zone => zone !== undefined && !zones.includes(zone))
  if (strange !== undefined)
    throw fault('InvalidParameterValueException', `${strange} is not an availability zone of the cache subnet group.`)
  const placed = placeNodes(
    zones,
    desired.shards.map((shard, index) => ({
      existing: shard.nodes.map(node => node.availabilityZone),
      wanted: wishes[index] ?? [],
    })),
  )
  return desired.shards.map((shard, index) => addNodes(desired, shard, placed[index] ?? [], rest))
}

/** New nodes take the lowest free numbers; nodes stay in the order of their ids, behind them those that customers named. */
function addNodes(
  desired: ReplicationGroupDesired,
  shard: ShardDesired,
  zones: readonly string[],
  { taken, createdAt }: Omit<Growing, 'zones'>,
): ShardDesired {
  const idOf = (position: number) => nodeId(desired.id, shard.id, position, usesClusterProtocol(desired))
  let position = 1
  const added = zones.map((availabilityZone): NodeDesired => {
    while (taken.has(idOf(position))) position++
    const id = idOf(position++)
    return { id, availabilityZone, rebootGeneration: 0, createdAt: createdAt.toISOString() }
  })
  const numbered = (node: NodeDesired): boolean =>
    node.id.startsWith(`${desired.id}-`) && /^(\d{4}-)?\d{3}$/.test(node.id.slice(desired.id.length + 1))
  const all = [...shard.nodes, ...added]
  const nodes = [
    ...all.filter(numbered).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ...all.filter(node => !numbered(node)),
  ]
  return { ...shard, nodes }
}
