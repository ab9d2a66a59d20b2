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
  if (!row || row.desired.standalone)
    throw fault('ReplicationGroupNotFoundFault', `ReplicationGroup ${name} not found.`)
  return row
}

/** The wording is AWS's, and infrastructure tools wait and try again when they read it. */
export function requireAvailable(row: ReplicationGroupRow): void {
  if (replicationGroupStatus(row) !== 'available') throw notAvailable()
}

/** Two requests that both found the group available must not both change it: the second finds it changed. */
export function requireUnchanged(found: ReplicationGroupRow, now: ReplicationGroupRow): void {
  if (found.generation !== now.generation) throw notAvailable()
}

const notAvailable = () =>
  fault('InvalidReplicationGroupStateFault', 'Replication group must be in available state to modify.')
