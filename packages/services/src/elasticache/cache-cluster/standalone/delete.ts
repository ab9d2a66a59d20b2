/** DeleteCacheCluster for a single node: in whatever state it is, since what cannot be made must be deletable too. */
import {
  Bug,
  fault,
  type ReplicationGroupRow,
  requireSnapshotName,
  standaloneStatus,
  type Store,
} from '@hotshelf/domain'
import type { Call } from '../../../call.ts'
import { askForFinalSnapshot } from '../../replication-group/delete-replication-group.ts'
import { tellGroup } from '../../replication-group/events.ts'
import { takenNow } from '../../snapshot/find.ts'
import { forgetTagsOf } from '../member-tags.ts'

export async function deleteStandalone(
  row: ReplicationGroupRow,
  finalSnapshot: string | undefined,
  call: Call,
): Promise<ReplicationGroupRow> {
  const { id } = row.desired
  if (row.deleteRequestedAt) throw notValid(id, 'deleting')
  const finalName = finalSnapshot ? requireSnapshotName('FinalSnapshotIdentifier', finalSnapshot) : undefined
  const deleted = await call.store.transaction(async store => {
    await requireNoSnapshot(store, row)
    if (finalName !== undefined) {
      requireServed(row)
      await askForFinalSnapshot(store, row, finalName, call)
    }
    const marked = await store.replicationGroups.requestDelete(row.arn, call.now())
    // Between looking and asking it may have become a group's primary, which is not deleted like this.
    if (!marked?.desired.standalone) throw new Bug(`cache cluster ${id} vanished while its deletion was asked for`)
    await forgetTagsOf(store, marked, [id])
    await tellGroup(store, marked, [`Deleting cache cluster ${id}`], call.now())
    return marked
  })
  call.wake(row.arn)
  if (deleted.desired.finalSnapshot) call.wake(deleted.desired.finalSnapshot)
  return deleted
}

async function requireNoSnapshot(store: Store, row: ReplicationGroupRow): Promise<void> {
  if ((await takenNow(store, row)).length > 0) throw notValid(row.desired.id, 'snapshotting')
}

/** Of a node that was never made no last word can be had. */
function requireServed(row: ReplicationGroupRow): void {
  if (row.observation?.observed.everAvailable) return
  const status = standaloneStatus(row)
  throw fault(
    'InvalidCacheClusterStateFault',
    `Cache cluster ${row.desired.id} has status ${status}: there is nothing to take a final snapshot of.`,
  )
}

const notValid = (id: string, status: string) =>
  fault('InvalidCacheClusterStateFault', `Cache cluster ${id} has status ${status} which is not valid for deletion.`)
