/** DeleteCacheCluster for Memcached: in whatever state it is, since what cannot be made must be deletable too. */
import { Bug, fault, type MemcachedClusterRow } from '@hotshelf/domain'
import type { Call } from '../../../call.ts'
import { clustersIn } from '../find-cluster.ts'
import { tellCluster } from './change.ts'
import { combination } from './refusals.ts'

export async function deleteMemcached(
  row: MemcachedClusterRow,
  finalSnapshot: string | undefined,
  call: Call,
): Promise<MemcachedClusterRow> {
  if (finalSnapshot !== undefined) throw combination('FinalSnapshotIdentifier is not supported for engine memcached.')
  if (row.deleteRequestedAt)
    throw fault(
      'InvalidCacheClusterStateFault',
      `Cache cluster ${row.name} has status deleting which is not valid for deletion.`,
    )
  const deleted = await clustersIn(call.store).requestDelete(row.arn, call.now())
  if (!deleted) throw new Bug(`cache cluster ${row.name} vanished while its deletion was asked for`)
  await tellCluster(call.store, row, [`Deleting cache cluster ${row.name}`], call.now())
  call.wake(row.arn)
  return deleted
}
