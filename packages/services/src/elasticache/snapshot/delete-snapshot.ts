/** Asks for the end of a snapshot: its files go first, its row last. */
import { Bug, fault, isUnderWay, type SnapshotRow, snapshotStatus } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { requireSnapshot, restoredNow, snapshotsIn } from './find.ts'
import { renderSnapshot } from './render.ts'

export const deleteSnapshot: Operation<'DeleteSnapshot'> = async (input, call) => {
  const row = await call.store.transaction(async store => {
    const found = await requireSnapshot(input.SnapshotName, { ...call, store })
    const restored = (await restoredNow(store, scopeOf(call))).has(found.arn)
    const copied = (await snapshotsIn(store).list(scopeOf(call))).some(
      other => isUnderWay(other) && other.desired.work.do !== 'take' && other.desired.work.from === found.arn,
    )
    requireDeletable(found, restored, copied)
    const deleted = await snapshotsIn(store).requestDelete(found.arn, call.now())
    if (!deleted) throw new Bug(`snapshot ${found.name} vanished while its deletion was asked for`)
    return deleted
  })
  call.wake(row.arn)
  return { Snapshot: renderSnapshot(row) }
}

/** One that stands in the way of a group's deletion may be given up, and the group goes without it. The wording is ours. */
function requireDeletable(row: SnapshotRow, restored: boolean, copied: boolean): void {
  const status = snapshotStatus(row, restored)
  const given = row.desired.final && status === 'creating'
  if ((status === 'available' && !copied) || status === 'failed' || given) return
  const why = copied && status === 'available' ? 'it is being copied' : `it is ${status}`
  throw fault('InvalidSnapshotStateFault', `Snapshot ${row.name} cannot be deleted: ${why}.`)
}
