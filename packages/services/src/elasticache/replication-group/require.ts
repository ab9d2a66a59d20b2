/** The group that a request names, or AWS's fault. */
import { fault, type ReplicationGroupRow, replicationGroupStatus, type Store } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'

export async function requireReplicationGroup(
  id: string | undefined,
  call: Call,
  store: Store = call.store,
): Promise<ReplicationGroupRow> {
  const name = (id ?? '').toLowerCase()
  const row = await store.replicationGroups.find(scopeOf(call), name)
  if (!row) throw fault('ReplicationGroupNotFoundFault', `ReplicationGroup ${name} not found.`)
  return row
}

/** The wording is AWS's, and infrastructure tools wait and try again when they read it. */
export function requireAvailable(row: ReplicationGroupRow): void {
  if (replicationGroupStatus(row) === 'available') return
  throw fault('InvalidReplicationGroupStateFault', 'Replication group must be in available state to modify.')
}
