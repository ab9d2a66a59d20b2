/** What a turn of a snapshot knows: what was asked, and what it is taken or copied from. */
import type { ReplicationGroupRow, SnapshotRow } from '@hotshelf/domain'

export interface SnapshotContext {
  readonly row: SnapshotRow
  /** The group that it is taken of; undefined where that is gone, or nothing is taken. */
  readonly group: ReplicationGroupRow | undefined
  /** False where the group, or the snapshot that is copied, is gone. */
  readonly sourceIsThere: boolean
}
