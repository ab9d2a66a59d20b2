/** PrimaryClusterId of a modification: a replica that a person chose becomes the primary. Control carries it out. */
import { fault, type NodeId, type ReplicationGroupRow, shardOf, usesClusterProtocol } from '@hotshelf/domain'
import type { Modification } from './modification.ts'

/** "Promoting a read replica to primary" in the user guide; the words of the refusals are ours. */
export const changePrimary: Modification = (input, group) => {
  if (!input.PrimaryClusterId) return undefined
  const { desired, observation } = group
  const id = input.PrimaryClusterId.toLowerCase() as NodeId
  const shard = shardOf(desired, id)
  if (!shard) throw fault('CacheClusterNotFoundFault', `CacheCluster not found: ${id}`)
  // Primary already: nothing to do, and a promotion that waits is taken back.
  if (observation?.observed.primaryOf[shard.id] === id) return { deferrable: { targetPrimary: desired.targetPrimary } }
  if (usesClusterProtocol(desired))
    throw combination('PrimaryClusterId cannot be used for a replication group with cluster mode enabled.')
  if ((input.AutomaticFailoverEnabled ?? desired.automaticFailover) || (input.MultiAZEnabled ?? desired.multiAz))
    throw combination(
      'A replica cannot be promoted while automatic failover or Multi-AZ is enabled. Disable both, promote, and enable them again.',
    )
  requireInSync(group, id)
  return { deferrable: { targetPrimary: { ...desired.targetPrimary, [shard.id]: id } } }
}

function requireInSync({ observation }: ReplicationGroupRow, id: NodeId): void {
  if (observation?.observed.nodes[id]?.status === 'available') return
  throw fault('InvalidCacheClusterStateFault', `Cache cluster ${id} is not in available state.`)
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
