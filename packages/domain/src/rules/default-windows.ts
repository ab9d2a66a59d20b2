/**
 * The windows of a group whose owner named none: an hour each, within the eight quiet hours that AWS publishes for the
 * region, chosen from the group's name. The same name always gets the same windows, so a plan repeated is no change.
 */
import {
  formatMaintenanceWindow,
  formatSnapshotWindow,
  minutesPerDay,
  parseMaintenanceWindow,
  parseSnapshotWindow,
  type Window,
  windowsMeet,
} from './windows.ts'

/** When a region's quiet hours begin, in minutes after midnight UTC ("Managing maintenance"); regions not listed: 03:00. */
const quietHoursBegin: Readonly<Record<string, number>> = {
  'af-south-1': 13 * 60,
  'ap-east-1': 13 * 60,
  'ap-northeast-1': 13 * 60,
  'ap-northeast-2': 12 * 60,
  'ap-northeast-3': 12 * 60,
  'ap-south-1': 17 * 60 + 30,
  'ap-southeast-1': 14 * 60,
  'ap-southeast-2': 12 * 60,
  'ap-southeast-3': 14 * 60,
  'cn-north-1': 14 * 60,
  'cn-northwest-1': 14 * 60,
  'eu-central-1': 23 * 60,
  'eu-south-1': 21 * 60,
  'eu-west-1': 22 * 60,
  'eu-west-2': 23 * 60,
  'eu-west-3': 23 * 60 + 30,
  'me-central-1': 13 * 60,
  'me-south-1': 13 * 60,
  'sa-east-1': 60,
  'us-east-1': 3 * 60,
  'us-east-2': 4 * 60,
  'us-gov-west-1': 6 * 60,
  'us-west-1': 6 * 60,
  'us-west-2': 6 * 60,
}

const step = 30
const hour = 60
/** Starting points within eight hours that leave a whole hour. */
const places = (8 * hour - hour) / step + 1

export interface WindowQuestion {
  readonly region: string
  /** The resource's name: what the choice follows from. */
  readonly id: string
  /** Given windows are kept, in the form that requireMaintenanceWindow and requireSnapshotWindow return. */
  readonly maintenance?: string | undefined
  readonly snapshot?: string | undefined
}

/** Always apart from each other, and from the one that was given. */
export function chooseWindows({ region, id, maintenance, snapshot }: WindowQuestion): {
  readonly maintenance: string
  readonly snapshot: string
} {
  const begin = quietHoursBegin[region] ?? 3 * hour
  const seed = hash(`${region}/${id}`)
  const givenDaily = snapshot === undefined ? undefined : parseSnapshotWindow(snapshot)
  const weekly =
    (maintenance === undefined ? undefined : parseMaintenanceWindow(maintenance)) ??
    firstApart(weeklyPlaces(begin, seed), candidate => givenDaily === undefined || !windowsMeet(candidate, givenDaily))
  const daily = givenDaily ?? firstApart(dailyPlaces(begin, seed), candidate => !windowsMeet(weekly, candidate))
  return {
    maintenance: maintenance ?? formatMaintenanceWindow(weekly),
    snapshot: snapshot ?? formatSnapshotWindow(daily),
  }
}

/** When a given window fills the whole day nothing is apart; then the first place is as good as any. */
function firstApart(candidates: readonly Window[], apart: (candidate: Window) => boolean): Window {
  return candidates.find(apart) ?? (candidates[0] as Window)
}

const weeklyPlaces = (begin: number, seed: number): readonly Window[] =>
  dailyPlaces(begin, seed).map(({ start, minutes }) => ({ start: (seed % 7) * minutesPerDay + start, minutes }))

/** The quiet hours from a seeded place on, then the rest of the day. */
function dailyPlaces(begin: number, seed: number): readonly Window[] {
  const quiet = Array.from({ length: places }, (_, index) => ((Math.floor(seed / 7) + index) % places) * step)
  const rest = Array.from({ length: minutesPerDay / step }, (_, index) => index * step)
  return [...quiet, ...rest].map(offset => ({ start: (begin + offset) % minutesPerDay, minutes: hour }))
}

/** FNV-1a, 32 bit: spreads similar names over the places. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}
