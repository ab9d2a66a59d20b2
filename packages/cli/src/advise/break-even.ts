/**
 * Whether the cache pays. Two ways to count, because databases are paid for in two ways: by load (each read that the
 * cache answers is saved), and by size, where each step down halves both the price and the load that it carries. Pure.
 */
import type { Needs } from './needs.ts'

/** Milliseconds, from the guide's section 1: a cache answers within one, a relational database within 5 to 20. */
export const latencyMs = { cache: 1, database: 20 } as const

export interface Sum {
  readonly savedUsd: number
  readonly pays: boolean
}

export interface BreakEven {
  readonly hitRate: number
  readonly readShare: number
  /** Part of the database's load that stays, 0 to 1. */
  readonly loadLeft: number
  readonly averageReadMs: number
  /** Undefined where nobody said what the database costs. */
  readonly databaseUsd: number | undefined
  readonly byLoad: Sum | undefined
  readonly bySize: (Sum & { readonly stepsDown: number }) | undefined
  /** The hit rate from which it pays by load; undefined where none does, or the database's cost is not known. */
  readonly hitRateNeeded: number | undefined
  /** The database's monthly cost from which it pays by load; undefined where the cache answers nothing. */
  readonly databaseUsdNeeded: number | undefined
}

export function breakEven(needs: Needs, cacheUsd: number): BreakEven {
  const { hitRate, readShare, databaseUsd } = needs
  const taken = hitRate * readShare
  const sum = (savedUsd: number): Sum => ({ savedUsd, pays: savedUsd >= cacheUsd })
  const stepsDown = stepsOf(1 - taken)
  const needed =
    databaseUsd === undefined || databaseUsd * readShare === 0 ? undefined : cacheUsd / (databaseUsd * readShare)
  return {
    hitRate,
    readShare,
    loadLeft: 1 - taken,
    averageReadMs: hitRate * latencyMs.cache + (1 - hitRate) * latencyMs.database,
    databaseUsd,
    byLoad: databaseUsd === undefined ? undefined : sum(databaseUsd * taken),
    bySize: databaseUsd === undefined ? undefined : { ...sum(databaseUsd * (1 - 2 ** -stepsDown)), stepsDown },
    hitRateNeeded: needed !== undefined && needed <= 1 ? needed : undefined,
    databaseUsdNeeded: taken === 0 ? undefined : cacheUsd / taken,
  }
}

/** Half of the load fits in the next smaller size, a quarter in the one below; nobody goes further down than six. */
const stepsOf = (loadLeft: number): number => {
  let steps = 0
  while (steps < 6 && loadLeft <= 2 ** -(steps + 1) + 1e-9) steps += 1
  return steps
}
