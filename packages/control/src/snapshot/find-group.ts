/** The group that a snapshot is of: a replication group, or a node that stands alone among cache clusters. */
import {
  type Arn,
  type CacheClusterDesired,
  type CacheClusterObserved,
  isMemcachedCluster,
  type ReplicationGroupRow,
  type SnapshotDesired,
  type SnapshotObserved,
  type Store,
} from '@hotshelf/domain'

export async function findGroup(store: Store, arn: Arn): Promise<ReplicationGroupRow | undefined> {
  const group = await store.replicationGroups.get(arn)
  if (group) return group
  const alone = await store.repository<CacheClusterDesired, CacheClusterObserved>('cache-cluster').get(arn)
  return alone && !isMemcachedCluster(alone) ? (alone as ReplicationGroupRow) : undefined
}

export const snapshotsIn = (store: Store) => store.repository<SnapshotDesired, SnapshotObserved>('snapshot')
