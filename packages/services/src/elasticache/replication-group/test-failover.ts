/** Asks for a different primary. Nothing is promoted here: control sees targetPrimary ≠ primary and acts. */
import { fault, type ReplicationGroupRow, type ShardDesired } from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { changeGroup } from './change.ts'
import { renderReplicationGroup } from './render.ts'
import { requireShard } from './replica-counts.ts'
import { requireAvailable, requireReplicationGroup } from './require.ts'

export const testFailover: Operation<'TestFailover'> = async (input, call) => {
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  const shard = requireShard(group.desired, input.NodeGroupId, 'NodeGroupNotFoundFault')
  requireAvailable(group)
  if (!group.desired.automaticFailover)
    throw fault(
      'InvalidReplicationGroupStateFault',
      'Automatic failover must be enabled for the replication group to test it.',
    )
  const target = nextPrimary(group, shard)
  const message = `Test Failover API called for node group ${shard.id}`
  const changed = await changeGroup(group, call, message, desired => ({
    ...desired,
    targetPrimary: { ...desired.targetPrimary, [shard.id]: target },
  }))
  return { ReplicationGroup: renderReplicationGroup(changed) }
}

/** The first replica that is in sync; which one holds most of the stream is for control to judge at the moment it acts. */
function nextPrimary({ observation }: ReplicationGroupRow, shard: ShardDesired): string {
  const primary = observation?.observed.primaryOf[shard.id]
  const replica = shard.nodes.find(
    node => node.id !== primary && observation?.observed.nodes[node.id]?.status === 'available',
  )
  if (!replica)
    throw fault('TestFailoverNotAvailableFault', `Node group ${shard.id} has no replica that could take over.`)
  return replica.id
}
