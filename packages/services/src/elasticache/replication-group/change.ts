/** Writes a group's desired state, tells its events, and rings the doorbell: what every imperative call on a group comes down to. */
import { Bug, type ReplicationGroupDesired, type ReplicationGroupRow, type Store } from '@hotshelf/domain'
import type { Call } from '../../call.ts'
import { tellGroup } from './events.ts'
import { requireUnchanged } from './require.ts'

export async function changeGroup(
  group: ReplicationGroupRow,
  call: Call,
  message: string,
  change: (desired: ReplicationGroupDesired, row: ReplicationGroupRow) => ReplicationGroupDesired,
  /** What must become true together with the change. */
  beside: (store: Store) => Promise<void> = async () => {},
): Promise<ReplicationGroupRow> {
  const changed = await call.store.transaction(async store => {
    const row = await store.replicationGroups.change(group.arn, (desired, now) => {
      requireUnchanged(group, now)
      return change(desired, now)
    })
    if (!row) throw new Bug(`replication group ${group.name} vanished while it was changed`)
    await beside(store)
    await tellGroup(store, row, [message], call.now())
    return row
  })
  call.wake(group.arn)
  return changed
}
