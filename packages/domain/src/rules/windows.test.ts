import { assert, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatMaintenanceWindow,
  formatSnapshotWindow,
  maintenanceWindowIsOpen,
  minutesPerDay,
  minutesPerWeek,
  parseMaintenanceWindow,
  parseSnapshotWindow,
  requireMaintenanceWindow,
  requireSnapshotWindow,
  requireWindowsApart,
  snapshotWindowIsOpen,
  windowsMeet,
} from './windows.ts'

test.each([
  ['Mon:05:00-Mon:06:00', 'mon:05:00-mon:06:00'],
  ['sun:23:00-mon:01:30', 'sun:23:00-mon:01:30'],
  ['SAT:23:30-sun:00:30', 'sat:23:30-sun:00:30'],
  ['tue:3:00-tue:04:00', 'tue:03:00-tue:04:00'],
  ['wed:05:00-thu:05:00', 'wed:05:00-thu:05:00'],
])('the maintenance window %s is kept as %s', (given, kept) => {
  expect(requireMaintenanceWindow(given)).toBe(kept)
})

test.each([
  ['mon:05:00-mon:05:59', 'The maintenance window must be at least 60 minutes.'],
  ['mon:05:00-mon:05:00', 'The maintenance window must be at least 60 minutes.'],
  ['mon:05:00-tue:05:01', 'The maintenance window must be at most 24 hours.'],
  ['mon:06:00-mon:05:00', 'The maintenance window must be at most 24 hours.'],
  ['mon:05:00', 'Invalid maintenance window format: mon:05:00.'],
  ['05:00-06:00', 'Invalid maintenance window format: 05:00-06:00.'],
  ['xyz:05:00-mon:06:00', 'Invalid maintenance window format'],
  ['mon:24:00-tue:01:00', 'Invalid maintenance window format'],
  ['mon:05:60-mon:07:00', 'Invalid maintenance window format'],
])('the maintenance window %s is refused: %s', (given, message) => {
  expect(() => requireMaintenanceWindow(given)).toThrow(
    expect.objectContaining({ name: 'InvalidParameterValueException', message: expect.stringContaining(message) }),
  )
})

test.each([
  ['03:00-05:00', '03:00-05:00'],
  ['23:30-00:30', '23:30-00:30'],
  ['5:00-6:00', '05:00-06:00'],
])('the snapshot window %s is kept as %s', (given, kept) => {
  expect(requireSnapshotWindow(given)).toBe(kept)
})

test.each([
  ['03:00-03:59', 'The snapshot window must be at least 60 minutes.'],
  ['03:00-03:00', 'The snapshot window must be at least 60 minutes.'],
  ['03:00', 'Invalid snapshot window format: 03:00.'],
  ['25:00-26:00', 'Invalid snapshot window format'],
  ['mon:03:00-mon:05:00', 'Invalid snapshot window format'],
])('the snapshot window %s is refused: %s', (given, message) => {
  expect(() => requireSnapshotWindow(given)).toThrow(message)
})

test.each([
  ['mon:05:00-mon:06:00', '03:00-05:00', false],
  ['mon:05:00-mon:06:00', '06:00-07:00', false],
  ['mon:05:00-mon:06:00', '05:59-06:59', true],
  ['mon:05:00-mon:06:00', '04:00-08:00', true],
  ['mon:04:00-mon:08:00', '05:00-06:00', true],
  ['sat:23:30-sun:00:30', '23:00-23:31', true],
  ['sat:23:30-sun:00:30', '00:00-01:00', true],
  ['sun:00:00-sun:01:00', '23:30-00:30', true],
  ['sun:01:00-sun:02:00', '23:30-00:30', false],
  ['mon:05:00-tue:05:00', '12:00-13:00', true],
])('%s and %s meet: %s', (maintenance, snapshot, meet) => {
  const check = () => requireWindowsApart(maintenance, snapshot)
  if (meet) expect(check).toThrow('The snapshot window and maintenance window must not overlap.')
  else expect(check).not.toThrow()
})

const weekly = record({
  start: integer({ min: 0, max: minutesPerWeek - 1 }),
  minutes: integer({ min: 60, max: minutesPerDay }),
})
const daily = record({
  start: integer({ min: 0, max: minutesPerDay - 1 }),
  minutes: integer({ min: 60, max: minutesPerDay - 1 }),
})

test('every window survives being written and read', () => {
  assert(
    property(weekly, daily, (a, b) => {
      expect(parseMaintenanceWindow(formatMaintenanceWindow(a))).toEqual(a)
      expect(parseSnapshotWindow(formatSnapshotWindow(b))).toEqual(b)
    }),
  )
})

test('two windows meet exactly when some minute of the week is in both', () => {
  assert(
    property(weekly, daily, (a, b) => {
      const inWeekly = (minute: number) => (minute - a.start + minutesPerWeek) % minutesPerWeek < a.minutes
      const inDaily = (minute: number) => (minute - b.start + minutesPerWeek) % minutesPerDay < b.minutes
      const minutes = Array.from({ length: minutesPerWeek }, (_, minute) => minute)
      expect(windowsMeet(a, b)).toBe(minutes.some(minute => inWeekly(minute) && inDaily(minute)))
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['sun:23:00-mon:01:30', '2026-03-01T22:59:59Z', false],
  ['sun:23:00-mon:01:30', '2026-03-01T23:00:00Z', true],
  ['sun:23:00-mon:01:30', '2026-03-02T01:29:59Z', true],
  ['sun:23:00-mon:01:30', '2026-03-02T01:30:00Z', false],
  ['sat:23:30-sun:00:30', '2026-03-01T00:15:00Z', true],
])('the maintenance window %s at %s is open: %s', (window, at, open) => {
  expect(maintenanceWindowIsOpen(window, new Date(at))).toBe(open)
})

test.each([
  ['03:00-05:00', '2026-03-01T03:00:00Z', true],
  ['03:00-05:00', '2026-03-01T05:00:00Z', false],
  ['23:30-00:30', '2026-03-01T00:29:00Z', true],
])('the snapshot window %s at %s is open: %s', (window, at, open) => {
  expect(snapshotWindowIsOpen(window, new Date(at))).toBe(open)
})
