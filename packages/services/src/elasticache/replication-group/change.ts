/** Writes a group's desired state, tells its events, and rings the doorbell: what every imperative call on a group comes down to. */
import { Bug, type ReplicationGroupDesired, type ReplicationGroupRow } from '@hotshelf/domain'
import type { Call } from '../../call.ts'
import { tellGroup } from './events.ts'
import { requireUnchanged } from './require.ts'

export async function changeGroup(
  group: ReplicationGroupRow,
  call: Call,
  message: string,
  change: (desired: ReplicationGroupDesired) => ReplicationGroupDesired,
): Promise<ReplicationGroupRow> {
  const changed = await call.store.transaction(async store => {
    const row = await store.replicationGroups.change(group.arn, (desired, now) => {
      requireUnchanged(group, now)
      return change(desired)
    })
    if (!row) throw new Bug(`replication group ${group.name} vanished while it was changed`)
    await tellGroup(store, row, [message], call.now())
    return row
  })
  call.wake(group.arn)
  return changed
}
