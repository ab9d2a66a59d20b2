/** Writes a cluster's desired state, tells its events, and rings the doorbell. */
import { Bug, type MemcachedClusterDesired, type MemcachedClusterRow, type Store } from '@hotshelf/domain'
import type { Call } from '../../../call.ts'
import { clustersIn } from '../find-cluster.ts'
import { notAvailable } from './refusals.ts'

export async function tellCluster(
  store: Store,
  row: MemcachedClusterRow,
  messages: readonly string[],
  at: Date,
): Promise<void> {
  for (const message of messages)
    await store.events.append(row, { sourceType: 'cache-cluster', sourceId: row.name, arn: row.arn, message, at })
}

export async function changeCluster(
  found: MemcachedClusterRow,
  call: Call,
  messages: readonly string[],
  change: (desired: MemcachedClusterDesired, generation: number) => MemcachedClusterDesired,
  pending?: { readonly is: Partial<MemcachedClusterDesired> | undefined },
): Promise<MemcachedClusterRow> {
  const changed = await call.store.transaction(async store => {
    if (pending) await clustersIn(store).setPending(found.arn, pending.is)
    const row = await clustersIn(store).change(found.arn, (desired, { generation }) => {
      if (generation !== found.generation) throw notAvailable(found.name)
      return change(desired, generation)
    })
    if (!row) throw new Bug(`cache cluster ${found.name} vanished while it was changed`)
    await tellCluster(store, row, messages, call.now())
    return row
  })
  call.wake(found.arn)
  return changed
}
