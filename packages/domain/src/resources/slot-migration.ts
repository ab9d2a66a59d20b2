/** How far a reshard has come, from what was asked and what was seen: the same number for the API, the CLI and conditions. */
import { parseSlotRanges, slotCount, subtractSlots } from '../topology/slot-ranges.ts'
import type { ReplicationGroupRow } from './replication-group.ts'

export interface SlotMigration {
  readonly moved: number
  readonly total: number
}

/** Undefined where no slots are on their way: not a cluster, not made yet, or everything in its place. */
export function slotMigration(row: Pick<ReplicationGroupRow, 'desired' | 'observation'>): SlotMigration | undefined {
  const seen = row.observation?.observed
  const owned = seen?.slots
  if (!seen?.everAvailable || !owned) return undefined
  const { shards } = row.desired
  const missing = shards.map(shard =>
    slotCount(subtractSlots(parseSlotRanges(shard.slots ?? ''), parseSlotRanges(owned[shard.id] ?? ''))),
  )
  const left = missing.reduce((sum, count) => sum + count, 0)
  if (left === 0 && !shards.some(shard => shard.leaving)) return undefined
  const total = Math.max(left, seen.resharding?.slots ?? 0)
  return { moved: total - left, total }
}
