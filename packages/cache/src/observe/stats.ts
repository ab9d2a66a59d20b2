// Counters of one cache since it was made. Plain numbers, because they are counted on every hit.

export interface CacheStats {
  hits: number
  /** Of the hits, those answered from this process's memory. */
  memoryHits: number
  /** Of the hits, those past their ttl, served within a `stale…` window. */
  staleHits: number
  misses: number
  loads: number
  loadFailures: number
  /** Sum of the time spent in loaders, milliseconds. */
  loadMs: number
  stores: number
  storedBytes: number
  readBytes: number
  fenced: number
  errors: number
}

export function newStats(): CacheStats {
  return {
    hits: 0,
    memoryHits: 0,
    staleHits: 0,
    misses: 0,
    loads: 0,
    loadFailures: 0,
    loadMs: 0,
    stores: 0,
    storedBytes: 0,
    readBytes: 0,
    fenced: 0,
    errors: 0,
  }
}

/** Share of reads answered from the cache, 0 to 1; undefined before the first read. */
export function hitRate(stats: Readonly<CacheStats>): number | undefined {
  const reads = stats.hits + stats.misses
  return reads === 0 ? undefined : stats.hits / reads
}
