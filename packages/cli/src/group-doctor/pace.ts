/**
 * How hard a node may be asked. Every bound of the load stands here; a test on real engines holds the doctor to them.
 */

/** SCAN's COUNT: how many hash buckets one call walks, which is a fraction of a millisecond. */
export const scanCount = 100
/** Commands in one write; the node serves others between two of them only when their number is small. */
export const mostInOnePipeline = 100
/** Shards that are looked at at once. */
export const shardsAtOnce = 4
/** Values read to see how they compress: so many of one shard, so many of one pattern, and so much of each. */
export const valuesOfAShard = 200
export const valuesOfAPattern = 8
export const bytesOfAValue = 64 * 1024

const longestPauseMs = 250

/**
 * The pause after a pipeline that took so long, when the fastest answer so far took `bestMs`. A node that answers as it
 * does at its best is asked half of the time; one that has become slower, because others need it, a fifth.
 */
export function pauseAfter(tookMs: number, bestMs: number): number {
  const strained = tookMs > Math.max(5, bestMs * 4)
  return Math.min(longestPauseMs, Math.max(1, tookMs * (strained ? 4 : 1)))
}

/** Keys that are looked at in each shard unless `--sample` says otherwise: a group of many shards gets fewer in each. */
export const sampleOfAShard = (shards: number): number =>
  Math.max(500, Math.min(10_000, Math.floor(200_000 / Math.max(1, shards))))
