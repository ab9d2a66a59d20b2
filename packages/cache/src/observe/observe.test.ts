import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.ts'
import { estimate, measuredEstimate } from './estimate.ts'
import { prometheusText } from './prometheus.ts'
import { hitRate, newStats } from './stats.ts'

test("the guide's table of hit rates, within its rounding", () => {
  const table: [number, number, number][] = [
    [0, 20, 1],
    [0.5, 10, 0.5],
    [0.8, 4, 0.2],
    [0.9, 2, 0.1],
    [0.95, 1.5, 0.05],
    [0.99, 1.2, 0.01],
  ]
  for (const [rate, latency, load] of table) {
    const { latencyMs, databaseReads } = estimate({ hitRate: rate, readShare: 1 })
    // The guide writes "about": it leaves the look-up of a miss out.
    expect(Math.abs(latencyMs - latency)).toBeLessThanOrEqual(1)
    expect(databaseReads).toBeCloseTo(load)
  }
})

test('when the cache pays for itself, and when it never does', () => {
  expect(estimate({ hitRate: 0.9, cacheCost: 300, databaseCost: 500 }).costBreakEven).toBeCloseTo(0.75)
  expect(estimate({ hitRate: 0.9, cacheCost: 700, databaseCost: 500 }).costBreakEven).toBe(Number.POSITIVE_INFINITY)
  expect(estimate({ hitRate: 0.9 }).latencyBreakEven).toBe(0.05)
  expect(() => estimate({ hitRate: 90 })).toThrow(InvalidOption)
})

test('measured: hit rate and load time come from the counters', () => {
  const stats = { ...newStats(), hits: 90, misses: 10, loads: 10, loadMs: 500 }
  expect(hitRate(stats)).toBe(0.9)
  expect(measuredEstimate(stats)).toMatchObject({ hitRate: 0.9, latencyMs: expect.closeTo(6) })
  expect(measuredEstimate(newStats())).toBe(undefined)
})

test('Prometheus text names each cache and escapes its name', () => {
  const text = prometheusText({
    users: { stats: { ...newStats(), hits: 3, loadMs: 1500 } },
    'a"b': { stats: newStats() },
  })
  expect(text).toContain(
    '# TYPE cache_hits_total counter\ncache_hits_total{cache="users"} 3\ncache_hits_total{cache="a\\"b"} 0\n',
  )
  expect(text).toContain('cache_load_seconds_total{cache="users"} 1.5')
})
