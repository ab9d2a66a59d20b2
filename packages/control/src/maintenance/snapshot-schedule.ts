/**
 * Daily snapshots: one for each group that keeps any, while its window is open, and the end of those that are older than its
 * retention or whose group is gone ("Scheduling automatic backups" and "Deleting backups" in the user guide). What is due is
 * decided here without I/O; `snapshot-keeper.ts` carries it out.
 */
import {
  type Arn,
  automaticSnapshotName,
  type ReplicationGroupRow,
  replicationGroupStatus,
  type SnapshotRow,
  snapshotWindowOpenedAt,
  takes,
} from '@hotshelf/domain'

const dayMs = 24 * 60 * 60 * 1000

/** The name of the snapshot that is to be taken now. At most one in a window, however it ended. */
export function snapshotDue(
  group: ReplicationGroupRow,
  snapshots: readonly SnapshotRow[],
  now: Date,
): string | undefined {
  const { desired } = group
  if (desired.snapshotRetentionDays === 0 || group.deleteRequestedAt) return undefined
  const opened = snapshotWindowOpenedAt(desired.snapshotWindow, now)
  if (!opened || replicationGroupStatus(group) !== 'available') return undefined
  const taken = snapshots.some(row => isAutomatic(row, group.arn) && row.createdAt >= opened)
  if (taken) return undefined
  return automaticSnapshotName(desired.snapshottingNode ?? desired.id, now)
}

/** Those that are kept no longer. Retention that was turned off ends the taking, and what is there stays for a day. */
export function snapshotsOutlived(
  groups: readonly ReplicationGroupRow[],
  snapshots: readonly SnapshotRow[],
  now: Date,
): readonly Arn[] {
  const byArn = new Map(groups.map(group => [group.arn, group]))
  return snapshots
    .filter(row => {
      const { work, origin } = row.desired
      if (origin !== 'automated' || work.do !== 'take' || row.deleteRequestedAt) return false
      const days = byArn.get(work.group)?.desired.snapshotRetentionDays
      if (days === undefined) return true
      return now.getTime() - row.createdAt.getTime() > Math.max(1, days) * dayMs
    })
    .map(row => row.arn)
}

const isAutomatic = (row: SnapshotRow, group: Arn): boolean => row.desired.origin === 'automated' && takes(row, group)
