/** The group that a snapshot is of; a cache cluster without a group is one of one node. */
import type { Arn, ReplicationGroupRow, SnapshotDesired, SnapshotObserved, Store } from '@hotshelf/domain'

export const findGroup = (store: Store, arn: Arn): Promise<ReplicationGroupRow | undefined> =>
  store.replicationGroups.get(arn)

export const snapshotsIn = (store: Store) => store.repository<SnapshotDesired, SnapshotObserved>('snapshot')
