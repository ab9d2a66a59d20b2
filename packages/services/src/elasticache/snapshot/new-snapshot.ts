/** A snapshot of a group as it is to be made: what is kept of the group, which shards, and where it goes. */
import { randomBytes } from 'node:crypto'
import {
  type NodeId,
  type ReplicationGroupRow,
  requireWithinQuota,
  type Scope,
  type SnapshotDesired,
  snapshotPlace,
  snapshotShards,
  snapshotSource,
  type Store,
  takes,
} from '@hotshelf/domain'
import { snapshotsIn } from './find.ts'

export interface Asked {
  readonly name: string
  /** The member that was named, where cluster mode is disabled. */
  readonly member: NodeId | undefined
  readonly kmsKeyId: string | undefined
  readonly final?: true
}

export async function newSnapshot(
  store: Store,
  group: ReplicationGroupRow,
  { name, member, kmsKeyId, final }: Asked,
): Promise<SnapshotDesired> {
  const { desired } = group
  const alone = desired.clusterMode === 'disabled'
  const cluster = member ?? (alone && desired.standalone ? desired.shards[0]?.nodes[0]?.id : undefined)
  const subnetGroup = desired.subnetGroup && (await store.subnetGroups.find(group, desired.subnetGroup))
  const about = { cluster, vpcId: (subnetGroup || undefined)?.desired.vpcId, createdAt: group.createdAt.toISOString() }
  return {
    name,
    origin: 'manual',
    work: { do: 'take', group: group.arn },
    source: snapshotSource(desired, about),
    shards: snapshotShards(desired, cluster ?? desired.snapshottingNode),
    place: newPlace(group, name),
    sealed: desired.atRestEncryption || kmsKeyId !== undefined,
    kmsKeyId: kmsKeyId ?? desired.kmsKeyId,
    ...(final && { final }),
  }
}

export const newPlace = (scope: Scope, name: string): string =>
  snapshotPlace(scope, name, randomBytes(6).toString('hex'))

const dayMs = 24 * 60 * 60 * 1000

/** "No more than 20 per node in 24 hours", of those that were asked for. */
export async function requireSnapshotsLeft(store: Store, group: ReplicationGroupRow, now: Date): Promise<void> {
  const recent = (await snapshotsIn(store).list(group)).filter(
    row => takes(row, group.arn) && row.desired.origin === 'manual' && row.createdAt.getTime() > now.getTime() - dayMs,
  )
  requireWithinQuota('manualSnapshotsPerNodeAndDay', recent.length + 1)
}
