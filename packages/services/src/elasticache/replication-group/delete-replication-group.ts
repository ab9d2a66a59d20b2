/**
 * Asks for the end of a group, in whatever state it is: a group that cannot be made must be deletable too. It shows
 * `deleting` at once and is gone when control has taken the last node away.
 */
import {
  allNodes,
  Bug,
  fault,
  nodeType,
  type ReplicationGroupRow,
  replicationGroupStatus,
  requireSnapshotName,
  requireSnapshotsSupported,
  type Store,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { forgetTagsOf } from '../cache-cluster/member-tags.ts'
import { notBuilt } from '../not-built.ts'
import type { Operation } from '../operation.ts'
import { tellGroup } from './events.ts'
import { renderReplicationGroup } from './render.ts'
import { requireReplicationGroup } from './require.ts'
import { insertSnapshot, requireFreeName, takenNow } from '../snapshot/find.ts'
import { newSnapshot } from '../snapshot/new-snapshot.ts'

export const deleteReplicationGroup: Operation<'DeleteReplicationGroup'> = async (input, call) => {
  const row = await requireReplicationGroup(input.ReplicationGroupId, call)
  if (row.deleteRequestedAt)
    throw fault(
      'InvalidReplicationGroupStateFault',
      `Replication group ${row.name} has status deleting which is not valid for deletion.`,
    )
  if (input.RetainPrimaryCluster) throw notBuilt('Keeping the primary as a cache cluster (RetainPrimaryCluster)')
  const finalName = input.FinalSnapshotIdentifier
    ? requireSnapshotName('FinalSnapshotIdentifier', input.FinalSnapshotIdentifier)
    : undefined
  const deleted = await call.store.transaction(async store => {
    await requireNoSnapshot(store, row)
    if (finalName !== undefined) await askForFinalSnapshot(store, row, finalName, call)
    const marked = await store.replicationGroups.requestDelete(row.arn, call.now())
    if (!marked) throw new Bug(`replication group ${row.name} vanished while its deletion was asked for`)
    await forgetMemberTags(store, marked)
    await tellGroup(store, marked, [`Deleting replication group ${row.name}`], call.now())
    return marked
  })
  call.wake(row.arn)
  if (deleted.desired.finalSnapshot) call.wake(deleted.desired.finalSnapshot)
  return { ReplicationGroup: renderReplicationGroup(deleted) }
}

/** The wording is AWS's but for the state; infrastructure tools try again. */
async function requireNoSnapshot(store: Store, row: ReplicationGroupRow): Promise<void> {
  if ((await takenNow(store, row)).length === 0) return
  throw fault(
    'InvalidReplicationGroupStateFault',
    `Replication group ${row.name} has status snapshotting which is not valid for deletion.`,
  )
}

/** Only of a group that serves: of one that was never made, or that cannot be repaired, no last word can be had. */
async function askForFinalSnapshot(store: Store, row: ReplicationGroupRow, name: string, call: Call): Promise<void> {
  const { desired } = row
  const type = nodeType(desired.nodeType)
  if (type) requireSnapshotsSupported(desired.engine, type)
  if (!row.observation?.observed.everAvailable)
    throw fault(
      'InvalidReplicationGroupStateFault',
      `Replication group ${row.name} has status ${replicationGroupStatus(row)}: there is nothing to take a final snapshot of.`,
    )
  await requireFreeName(store, scopeOf(call), name)
  const snapshot = await newSnapshot(store, row, { name, member: undefined, kmsKeyId: undefined, final: true })
  const inserted = await insertSnapshot(store, scopeOf(call), { desired: snapshot, createdAt: call.now() })
  await store.replicationGroups.change(row.arn, now => ({ ...now, finalSnapshot: inserted.arn }))
}

/** The group's own tags go with its row; its members have no rows. */
const forgetMemberTags = (store: Store, group: ReplicationGroupRow): Promise<void> =>
  forgetTagsOf(
    store,
    group,
    allNodes(group.desired).map(node => node.id),
  )
