/** When changes that were accepted for the maintenance window come into force. Pure. */
import { maintenanceWindowIsOpen, type ReplicationGroupRow } from '@hotshelf/domain'

export const pendingIsDue = ({ pending, desired, deleteRequestedAt }: ReplicationGroupRow, now: Date): boolean =>
  pending !== undefined &&
  Object.keys(pending).length > 0 &&
  deleteRequestedAt === undefined &&
  maintenanceWindowIsOpen(desired.maintenanceWindow, now)
