/**
 * The weekly maintenance window (`sun:23:00-mon:01:30`) and the daily snapshot window (`05:00-09:00`), both in UTC.
 * Both last at least an hour and at most a day, may pass midnight or the end of the week, and never meet.
 */
import { type Fault, fault } from '../faults.ts'

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export const minutesPerDay = 24 * 60
export const minutesPerWeek = 7 * minutesPerDay
const shortest = 60

/** `start` counts from midnight, of Sunday for a weekly window; the end is `start + minutes`, modulo day or week. */
export interface Window {
  readonly start: number
  readonly minutes: number
}

/** In AWS's form: lower case. Wording after RDS's twin of the rule; the example is the service model's. */
export function requireMaintenanceWindow(text: string): string {
  const window = parseMaintenanceWindow(text)
  if (!window) {
    throw invalid(
      `Invalid maintenance window format: ${text}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi ` +
        '(24H Clock UTC). Example: sun:23:00-mon:01:30',
    )
  }
  requireLength('maintenance', window)
  return formatMaintenanceWindow(window)
}

export function requireSnapshotWindow(text: string): string {
  const window = parseSnapshotWindow(text)
  if (!window) {
    throw invalid(
      `Invalid snapshot window format: ${text}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). ` +
        'Example: 05:00-09:00',
    )
  }
  requireLength('snapshot', window)
  return formatSnapshotWindow(window)
}

function requireLength(kind: string, { minutes }: Window): void {
  if (minutes < shortest) throw invalid(`The ${kind} window must be at least ${shortest} minutes.`)
  if (minutes > minutesPerDay) throw invalid(`The ${kind} window must be at most 24 hours.`)
}

/** Both as the `require…` functions above returned them. The wording is AWS's. */
export function requireWindowsApart(maintenance: string, snapshot: string): void {
  const [weekly, daily] = [parseMaintenanceWindow(maintenance), parseSnapshotWindow(snapshot)]
  if (weekly && daily && windowsMeet(weekly, daily)) {
    throw invalid('The snapshot window and maintenance window must not overlap.')
  }
}

export function windowsMeet(weekly: Window, daily: Window): boolean {
  return days.some((_, day) =>
    intervalsMeet(weekly, { start: day * minutesPerDay + daily.start, minutes: daily.minutes }),
  )
}

/** On the circle of the week: one begins while the other is open. Touching ends do not meet. */
const intervalsMeet = (a: Window, b: Window): boolean => contains(a, b.start) || contains(b, a.start)

const contains = ({ start, minutes }: Window, minute: number): boolean =>
  modulo(minute - start, minutesPerWeek) < minutes

const modulo = (value: number, by: number): number => ((value % by) + by) % by

/** Undefined when the text is not a window. Days in any case; hours with one digit or two. */
export function parseMaintenanceWindow(text: string): Window | undefined {
  const match = /^([a-z]{3}):(\d{1,2}):(\d{2})-([a-z]{3}):(\d{1,2}):(\d{2})$/i.exec(text.trim())
  if (!match) return undefined
  const start = minuteOfWeek(match[1], match[2], match[3])
  const end = minuteOfWeek(match[4], match[5], match[6])
  if (start === undefined || end === undefined) return undefined
  return { start, minutes: modulo(end - start, minutesPerWeek) }
}

function minuteOfWeek(day = '', hours = '', minutes = ''): number | undefined {
  const index = days.indexOf(day.toLowerCase() as (typeof days)[number])
  const minute = minuteOfDay(hours, minutes)
  return index === -1 || minute === undefined ? undefined : index * minutesPerDay + minute
}

export function parseSnapshotWindow(text: string): Window | undefined {
  const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text.trim())
  if (!match) return undefined
  const [start, end] = [minuteOfDay(match[1], match[2]), minuteOfDay(match[3], match[4])]
  if (start === undefined || end === undefined) return undefined
  return { start, minutes: modulo(end - start, minutesPerDay) }
}

function minuteOfDay(hours = '', minutes = ''): number | undefined {
  const [hour, minute] = [Number(hours), Number(minutes)]
  return hour < 24 && minute < 60 ? hour * 60 + minute : undefined
}

const clock = (minute: number): string => {
  const [hours, minutes] = [Math.floor(minute / 60) % 24, minute % 60]
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

const dayAndClock = (minute: number): string => `${days[Math.floor(minute / minutesPerDay) % 7]}:${clock(minute)}`

export const formatMaintenanceWindow = ({ start, minutes }: Window): string =>
  `${dayAndClock(start)}-${dayAndClock(start + minutes)}`

export const formatSnapshotWindow = ({ start, minutes }: Window): string => `${clock(start)}-${clock(start + minutes)}`

/** Whether the window is open at this moment. */
export function maintenanceWindowIsOpen(window: string, at: Date): boolean {
  const weekly = parseMaintenanceWindow(window)
  const minute = at.getUTCDay() * minutesPerDay + at.getUTCHours() * 60 + at.getUTCMinutes()
  return weekly !== undefined && contains(weekly, minute)
}

/** When the window opened that is open at this moment; undefined while it is closed. */
export function snapshotWindowOpenedAt(window: string, at: Date): Date | undefined {
  const daily = parseSnapshotWindow(window)
  if (!daily) return undefined
  const since = modulo(at.getUTCHours() * 60 + at.getUTCMinutes() - daily.start, minutesPerDay)
  if (since >= daily.minutes) return undefined
  const minute = Math.floor(at.getTime() / 60_000) * 60_000
  return new Date(minute - since * 60_000)
}

export function snapshotWindowIsOpen(window: string, at: Date): boolean {
  const daily = parseSnapshotWindow(window)
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes()
  return daily !== undefined && modulo(minute - daily.start, minutesPerDay) < daily.minutes
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
