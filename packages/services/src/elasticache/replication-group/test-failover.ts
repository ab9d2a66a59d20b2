/** Asks for a different primary. Nothing is promoted here: control sees targetPrimary ≠ primary and acts. */
import {
  fault,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
  requireWithinQuota,
  type ShardDesired,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
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
  await requireTestsLeft(call)
  const message = `Test Failover API called for node group ${shard.id}`
  const changed = await changeGroup(group, call, message, desired => ({
    ...desired,
    targetPrimary: { ...desired.targetPrimary, [shard.id]: target },
    testFailovers: [...recentTests(desired, call), { shard: shard.id, at: call.now().toISOString() }],
  }))
  return { ReplicationGroup: renderReplicationGroup(changed) }
}

const dayMs = 24 * 60 * 60 * 1000

const recentTests = (desired: ReplicationGroupDesired, call: Call) =>
  (desired.testFailovers ?? []).filter(test => Date.parse(test.at) > call.now().getTime() - dayMs)

/** API reference: "on up to 15 shards in any rolling 24-hour period", in all groups of the account and region together. */
async function requireTestsLeft(call: Call): Promise<void> {
  const groups = await call.store.replicationGroups.list(scopeOf(call))
  const made = groups.reduce((sum, { desired }) => sum + recentTests(desired, call).length, 0)
  requireWithinQuota('testFailoversPerDay', made + 1)
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
