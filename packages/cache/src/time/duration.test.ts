import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.ts'
import { type Duration, jittered, milliseconds } from './duration.ts'

test('durations are milliseconds or a number with a unit', () => {
  const cases: [Duration, number][] = [
    [250, 250],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7 d', 604_800_000],
    ['2w', 1_209_600_000],
  ]
  for (const [duration, ms] of cases) expect(milliseconds(duration)).toBe(ms)
})

test('what is not a duration is refused by name', () => {
  for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY, '5', 'soon', '-5m', ''] as Duration[]) {
    expect(() => milliseconds(bad, 'ttl')).toThrow(InvalidOption)
  }
  expect(() => milliseconds(Number.NaN, 'ttl')).toThrow(/^ttl: /)
})

test('jitter stays within its share and never reaches zero', () => {
  expect(jittered(1000, 0.1, () => 0)).toBe(900)
  expect(jittered(1000, 0.1, () => 1)).toBe(1100)
  expect(jittered(1000, 0, () => 1)).toBe(1000)
  expect(jittered(0, 0.1, () => 0)).toBe(1)
})
