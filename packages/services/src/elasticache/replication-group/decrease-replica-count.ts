/** Fewer replicas, by number or by name. Never the primary of the moment, and never below what failover needs. */
import {
  fault,
  type NodeDesired,
  type NodeId,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
  type ShardDesired,
  usesClusterProtocol,
  withoutNodes,
} from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { changeGroup } from './change.ts'
import { renderReplicationGroup } from './render.ts'
import { nothingToDo, readReplicaCounts, type ReplicaCount } from './replica-counts.ts'
import { requireNotCompatible } from './change-cluster-mode.ts'
import { requireAvailable, requireReplicationGroup } from './require.ts'

export const decreaseReplicaCount: Operation<'DecreaseReplicaCount'> = async (input, call) => {
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  const counts = readReplicaCounts(input, group.desired)
  const named = (input.ReplicasToRemove ?? []).map(id => id.toLowerCase())
  if (!counts && named.length === 0)
    throw combination('One of NewReplicaCount, ReplicaConfiguration or ReplicasToRemove must be provided.')
  requireAvailable(group)
  requireNotCompatible(group.desired)
  const leaving = counts ? leavingByCount(group, counts, named) : leavingByName(group, named)
  if (leaving.size === 0) throw nothingToDo()
  requireEnough(withoutNodes(group.desired, leaving))
  const changed = await changeGroup(group, call, 'Decreasing number of requested nodes', desired =>
    withoutNodes(desired, leaving),
  )
  return { ReplicationGroup: renderReplicationGroup(changed) }
}

export const primaryOf = (group: ReplicationGroupRow, shard: ShardDesired): NodeId | undefined =>
  group.observation?.observed.primaryOf[shard.id] ?? shard.nodes[0]?.id

/** Those that were named go first, then the highest numbers. */
function leavingByCount(
  group: ReplicationGroupRow,
  counts: readonly ReplicaCount[],
  named: readonly string[],
): ReadonlySet<string> {
  const leaving = counts.flatMap(({ shard, replicas }) => {
    const surplus = shard.nodes.length - 1 - replicas
    if (surplus < 0) throw combination(`Node group ${shard.id} has fewer replicas. Use IncreaseReplicaCount for more.`)
    const candidates = shard.nodes.filter(node => node.id !== primaryOf(group, shard))
    const preference = (node: NodeDesired): number => (named.includes(node.id) ? 0 : 1)
    const inOrder = candidates.toReversed().toSorted((a, b) => preference(a) - preference(b))
    return inOrder.slice(0, surplus).map(node => node.id)
  })
  return new Set(leaving)
}

function leavingByName(group: ReplicationGroupRow, named: readonly string[]): ReadonlySet<string> {
  for (const id of named) {
    const shard = group.desired.shards.find(one => one.nodes.some(node => node.id === id))
    if (!shard) throw fault('InvalidParameterValueException', `${id} is not a member of ${group.name}.`)
    if (primaryOf(group, shard) === id)
      throw combination(`${id} is serving as primary for node group ${shard.id} and cannot be removed.`)
  }
  return new Set(named)
}

/** The words are AWS's. */
function requireEnough(desired: ReplicationGroupDesired): void {
  if (desired.shards.every(shard => shard.nodes.length > 1)) return
  if (desired.multiAz)
    throw fault('InvalidParameterValueException', 'Must have at least 1 replica for Multi-AZ enabled Replication Group')
  if (desired.automaticFailover && !usesClusterProtocol(desired))
    throw fault(
      'InvalidParameterValueException',
      'Must have at least 1 replica when cluster mode is disabled with auto failover enabled.',
    )
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
