/** DeleteCacheCluster for a single node: in whatever state it is, since what cannot be made must be deletable too. */
import { Bug, fault, type ReplicationGroupRow } from '@hotshelf/domain'
import type { Call } from '../../../call.ts'
import { tellGroup } from '../../replication-group/events.ts'
import { forgetTagsOf } from '../member-tags.ts'

export async function deleteStandalone(row: ReplicationGroupRow, call: Call): Promise<ReplicationGroupRow> {
  const { id } = row.desired
  if (row.deleteRequestedAt)
    throw fault(
      'InvalidCacheClusterStateFault',
      `Cache cluster ${id} has status deleting which is not valid for deletion.`,
    )
  const deleted = await call.store.transaction(async store => {
    const marked = await store.replicationGroups.requestDelete(row.arn, call.now())
    // Between looking and asking it may have become a group's primary, which is not deleted like this.
    if (!marked?.desired.standalone) throw new Bug(`cache cluster ${id} vanished while its deletion was asked for`)
    await forgetTagsOf(store, marked, [id])
    await tellGroup(store, marked, [`Deleting cache cluster ${id}`], call.now())
    return marked
  })
  call.wake(row.arn)
  return deleted
}
