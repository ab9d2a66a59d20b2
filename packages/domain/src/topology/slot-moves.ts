/**
 * Which slots go from which shard to which, given who owns them and who should. Every slot that is not where it should be
 * moves once, straight to its place; no other slot moves. The same world gives the same moves in the same order.
 */
import type { SlotRange } from '../ports/cache-engine.ts'
import type { ShardId } from '../resources/node.ts'
import { normalise, subtractSlots } from './slot-ranges.ts'

export interface ShardChange {
  readonly shard: ShardId
  readonly owned: readonly SlotRange[]
  readonly wanted: readonly SlotRange[]
}

export interface ShardMove {
  readonly from: ShardId
  readonly to: ShardId
  readonly ranges: readonly SlotRange[]
}

/** A slot that nobody owns moves nowhere: it has to be handed out. */
export function slotMoves(shards: readonly ShardChange[]): readonly ShardMove[] {
  return shards.flatMap(source => {
    const surplus = subtractSlots(source.owned, source.wanted)
    if (surplus.length === 0) return []
    return shards
      .filter(target => target !== source)
      .map(target => ({ from: source.shard, to: target.shard, ranges: commonSlots(surplus, target.wanted) }))
      .filter(move => move.ranges.length > 0)
  })
}

export function commonSlots(some: readonly SlotRange[], others: readonly SlotRange[]): readonly SlotRange[] {
  const mine = normalise(some)
  return subtractSlots(mine, subtractSlots(mine, others))
}
