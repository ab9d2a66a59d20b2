/**
 * Asks for the end of a group, in whatever state it is: a group that cannot be made must be deletable too. It shows
 * `deleting` at once and is gone when control has taken the last node away.
 */
import { allNodes, Bug, fault, type ReplicationGroupRow, type Store } from '@hotshelf/domain'
import { forgetTagsOf } from '../cache-cluster/member-tags.ts'
import { notBuilt } from '../not-built.ts'
import type { Operation } from '../operation.ts'
import { tellGroup } from './events.ts'
import { renderReplicationGroup } from './render.ts'
import { requireReplicationGroup } from './require.ts'

export const deleteReplicationGroup: Operation<'DeleteReplicationGroup'> = async (input, call) => {
  const row = await requireReplicationGroup(input.ReplicationGroupId, call)
  if (row.deleteRequestedAt)
    throw fault(
      'InvalidReplicationGroupStateFault',
      `Replication group ${row.name} has status deleting which is not valid for deletion.`,
    )
  if (input.RetainPrimaryCluster) throw notBuilt('Keeping the primary as a cache cluster (RetainPrimaryCluster)')
  if (input.FinalSnapshotIdentifier) throw notBuilt('A final snapshot (FinalSnapshotIdentifier)')
  const deleted = await call.store.transaction(async store => {
    const marked = await store.replicationGroups.requestDelete(row.arn, call.now())
    if (!marked) throw new Bug(`replication group ${row.name} vanished while its deletion was asked for`)
    await forgetMemberTags(store, marked)
    await tellGroup(store, marked, [`Deleting replication group ${row.name}`], call.now())
    return marked
  })
  call.wake(row.arn)
  return { ReplicationGroup: renderReplicationGroup(deleted) }
}

/** The group's own tags go with its row; its members have no rows. */
const forgetMemberTags = (store: Store, group: ReplicationGroupRow): Promise<void> =>
  forgetTagsOf(
    store,
    group,
    allNodes(group.desired).map(node => node.id),
  )
