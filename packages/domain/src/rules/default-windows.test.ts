import { assert, constantFrom, integer, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { chooseWindows } from './default-windows.ts'
import {
  formatSnapshotWindow,
  minutesPerDay,
  parseMaintenanceWindow,
  requireMaintenanceWindow,
  requireSnapshotWindow,
  requireWindowsApart,
} from './windows.ts'

const regions = ['ap-northeast-1', 'us-east-1', 'eu-west-3', 'ap-south-1', 'nowhere-1']

test('windows are lawful, apart, and the same for the same name', () => {
  assert(
    property(constantFrom(...regions), string({ minLength: 1 }), (region, id) => {
      const chosen = chooseWindows({ region, id })
      expect(requireMaintenanceWindow(chosen.maintenance)).toBe(chosen.maintenance)
      expect(requireSnapshotWindow(chosen.snapshot)).toBe(chosen.snapshot)
      requireWindowsApart(chosen.maintenance, chosen.snapshot)
      expect(chooseWindows({ region, id })).toEqual(chosen)
    }),
  )
})

test('a window that was given is kept, and the other one stays away from it', () => {
  const hour = integer({ min: 0, max: minutesPerDay - 1 })
  assert(
    property(hour, integer({ min: 60, max: 20 * 60 }), string(), (start, minutes, id) => {
      const snapshot = formatSnapshotWindow({ start, minutes })
      const chosen = chooseWindows({ region: 'ap-northeast-1', id, snapshot })
      expect(chosen.snapshot).toBe(snapshot)
      requireWindowsApart(chosen.maintenance, chosen.snapshot)
    }),
  )
  const chosen = chooseWindows({ region: 'ap-northeast-1', id: 'a', maintenance: 'mon:13:00-tue:13:00' })
  expect(chosen.maintenance).toBe('mon:13:00-tue:13:00')
})

test('maintenance falls into the quiet hours of the region, and names spread over days and hours', () => {
  const windows = Array.from({ length: 200 }, (_, at) => chooseWindows({ region: 'ap-northeast-1', id: `group-${at}` }))
  const starts = windows.map(({ maintenance }) => parseMaintenanceWindow(maintenance)?.start ?? -1)
  for (const start of starts) {
    expect(start % minutesPerDay).toBeGreaterThanOrEqual(13 * 60)
    expect(start % minutesPerDay).toBeLessThanOrEqual(20 * 60)
  }
  expect(new Set(starts.map(start => Math.floor(start / minutesPerDay))).size).toBe(7)
  expect(new Set(starts.map(start => start % minutesPerDay)).size).toBe(15)
})
