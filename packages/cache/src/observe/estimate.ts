// The guide's table, as arithmetic: what a hit rate does to latency, to the database's load and to the bill. Every read
// asks the cache first, so a miss costs both; without a cache a read costs the database alone.
import { InvalidOption } from '../errors.ts'
import { type CacheStats, hitRate } from './stats.ts'

export interface EstimateOptions {
  /** 0 to 1. */
  readonly hitRate: number
  /** Milliseconds of a read from the cache. Default 1. */
  readonly cacheMs?: number
  /** Milliseconds of a read from the database. Default 20. */
  readonly databaseMs?: number
  /** Share of the database's work that is reads. Default 0.8. */
  readonly readShare?: number
  /** Per month, in any currency; with both, the estimate says from which hit rate the cache pays for itself. */
  readonly cacheCost?: number
  readonly databaseCost?: number
}

export interface Estimate {
  readonly hitRate: number
  /** Mean milliseconds of a read. */
  readonly latencyMs: number
  /** How many times faster than the database alone. */
  readonly speedup: number
  /** Share of the reads that still reach the database. */
  readonly databaseReads: number
  /** Share of the database's whole work that remains. */
  readonly databaseLoad: number
  /** Below this hit rate the cache makes reads slower. */
  readonly latencyBreakEven: number
  /** From this hit rate the database saved is worth the cache; undefined without costs, Infinity when it never is. */
  readonly costBreakEven: number | undefined
}

export function estimate(options: EstimateOptions): Estimate {
  const { hitRate: rate, cacheMs = 1, databaseMs = 20, readShare = 0.8, cacheCost, databaseCost } = options
  for (const [name, share] of [
    ['hitRate', rate],
    ['readShare', readShare],
  ] as const) {
    if (!(share >= 0 && share <= 1)) throw new InvalidOption(`${name}: ${share} is not a share between 0 and 1`)
  }
  const latencyMs = rate === 0 ? databaseMs : cacheMs + (1 - rate) * databaseMs
  const needed =
    cacheCost === undefined || databaseCost === undefined ? undefined : cacheCost / (databaseCost * readShare)
  return {
    hitRate: rate,
    latencyMs,
    speedup: databaseMs / latencyMs,
    databaseReads: 1 - rate,
    databaseLoad: 1 - rate * readShare,
    latencyBreakEven: Math.min(1, cacheMs / databaseMs),
    costBreakEven: needed === undefined ? undefined : needed > 1 ? Number.POSITIVE_INFINITY : needed,
  }
}

/** The same from live counters: the hit rate and the load times are measured. undefined before the first read and load. */
export function measuredEstimate(
  stats: Readonly<CacheStats>,
  options: Omit<EstimateOptions, 'hitRate' | 'databaseMs'> = {},
): Estimate | undefined {
  const rate = hitRate(stats)
  if (rate === undefined || stats.loads === 0) return undefined
  return estimate({ ...options, hitRate: rate, databaseMs: stats.loadMs / stats.loads })
}
