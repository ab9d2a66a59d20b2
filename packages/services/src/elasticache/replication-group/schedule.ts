/** Windows and snapshot retention. Windows that nobody named follow from the group's name and stay apart from those given. */
import {
  chooseWindows,
  type ReplicationGroupDesired,
  requireMaintenanceWindow,
  requireSnapshotRetention,
  requireSnapshotWindow,
  requireWindowsApart,
} from '@hotshelf/domain'

type Schedule = Pick<ReplicationGroupDesired, 'maintenanceWindow' | 'snapshotWindow' | 'snapshotRetentionDays'>

interface ScheduleInput {
  readonly PreferredMaintenanceWindow?: string | undefined
  readonly SnapshotWindow?: string | undefined
  readonly SnapshotRetentionLimit?: number | undefined
}

interface Given {
  readonly maintenance: string | undefined
  readonly snapshot: string | undefined
}

function readWindows({ PreferredMaintenanceWindow: maintenance, SnapshotWindow: snapshot }: ScheduleInput): Given {
  return {
    maintenance: maintenance ? requireMaintenanceWindow(maintenance) : undefined,
    snapshot: snapshot ? requireSnapshotWindow(snapshot) : undefined,
  }
}

export function decideSchedule(name: { readonly id: string; readonly region: string }, input: ScheduleInput): Schedule {
  const windows = chooseWindows({ ...name, ...readWindows(input) })
  requireWindowsApart(windows.maintenance, windows.snapshot)
  const days = input.SnapshotRetentionLimit ?? 0
  requireSnapshotRetention(days)
  return { maintenanceWindow: windows.maintenance, snapshotWindow: windows.snapshot, snapshotRetentionDays: days }
}

export function changeSchedule(present: Schedule, input: ScheduleInput): Schedule {
  const given = readWindows(input)
  const maintenanceWindow = given.maintenance ?? present.maintenanceWindow
  const snapshotWindow = given.snapshot ?? present.snapshotWindow
  requireWindowsApart(maintenanceWindow, snapshotWindow)
  const days = input.SnapshotRetentionLimit ?? present.snapshotRetentionDays
  requireSnapshotRetention(days)
  return { maintenanceWindow, snapshotWindow, snapshotRetentionDays: days }
}
