/** What an adviser has to know of a cache-to-be: the answers of the interview, or flags. */

/** What the data is to its owner; it decides what may be evicted. */
export type Use = 'cache' | 'sessions' | 'mixed' | 'no-loss'
export type Environment = 'development' | 'production'

export interface Needs {
  /** Lists, sets, hashes, sorted sets, streams, Pub/Sub, scripts: more than strings by key. */
  readonly structures: boolean
  readonly use: Use
  /** The data must survive a restart. */
  readonly persistence: boolean
  /** Replicas that take over. */
  readonly failover: boolean
  /** Which keys are worth keeping: those used lately, or those used often. */
  readonly popularity: 'recent' | 'frequent'
  readonly dataBytes: number
  /** It will outgrow one node, or its writes will. */
  readonly grows: boolean
  readonly environment: Environment
  /** Part of the reads that the cache answers, 0 to 1. */
  readonly hitRate: number
  /** Part of the database's load that is reads, 0 to 1. */
  readonly readShare: number
  /** What the database behind costs in a month; undefined where nobody said. */
  readonly databaseUsd: number | undefined
  /** Which of the two that speak Redis's protocol. */
  readonly engine: 'redis' | 'valkey'
  /** Id of what the commands create. */
  readonly id: string
}

export const defaultNeeds: Needs = {
  structures: false,
  use: 'cache',
  persistence: false,
  failover: true,
  popularity: 'recent',
  dataBytes: 1024 ** 3,
  grows: false,
  environment: 'production',
  hitRate: 0.9,
  readShare: 0.8,
  databaseUsd: undefined,
  engine: 'redis',
  id: 'my-cache',
}

/** Data that must not be lost, or that stands beside a cache, has to survive whatever else was answered. */
export const survives = (needs: Pick<Needs, 'persistence' | 'use'>): boolean =>
  needs.persistence || needs.use === 'mixed' || needs.use === 'no-loss'
