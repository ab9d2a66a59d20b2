/**
 * Which slots each shard should own when shards come or go: as even as can be, every slot exactly once, and no slot moves
 * that could have stayed. Slots are taken from the end of a shard's ranges and handed on in order, so that what moves
 * stays in few, long ranges.
 */
import type { SlotRange } from '../ports/cache-engine.ts'
import { normalise, slotCount, totalSlots } from './slot-ranges.ts'

export interface ShardSlots {
  readonly slots: readonly SlotRange[]
  /** False for a shard that must end up empty. */
  readonly stays: boolean
}

/** One list of ranges per shard, in the order given; empty for those that go. */
export function slotTargets(shards: readonly ShardSlots[]): readonly (readonly SlotRange[])[] {
  const counts = targetCounts(shards)
  const kept = shards.map((shard, index) => split(normalise(shard.slots), counts[index] ?? 0))
  let loose = kept.flatMap(({ rest }) => rest)
  return kept.map(({ first }, index) => {
    const { first: gained, rest } = split(loose, (counts[index] ?? 0) - slotCount(first))
    loose = [...rest]
    return normalise([...first, ...gained])
  })
}

/** 16384 over the shards that stay; what does not divide goes to those that own most, so that fewest slots move. */
function targetCounts(shards: readonly ShardSlots[]): readonly number[] {
  const staying = shards.flatMap((shard, index) => (shard.stays ? [{ index, owned: slotCount(shard.slots) }] : []))
  const even = Math.floor(totalSlots / staying.length)
  const richest = staying.toSorted((a, b) => b.owned - a.owned)
  const oneMore = new Set(richest.slice(0, totalSlots % staying.length).map(({ index }) => index))
  return shards.map((shard, index) => (shard.stays ? even + Number(oneMore.has(index)) : 0))
}

/** The first `count` slots of the ranges, and the rest. */
function split(
  ranges: readonly SlotRange[],
  count: number,
): { readonly first: readonly SlotRange[]; readonly rest: readonly SlotRange[] } {
  const first: SlotRange[] = []
  const rest: SlotRange[] = []
  let left = Math.max(0, count)
  for (const { from, to } of ranges) {
    const taken = Math.min(left, to - from + 1)
    if (taken > 0) first.push({ from, to: from + taken - 1 })
    if (from + taken <= to) rest.push({ from: from + taken, to })
    left -= taken
  }
  return { first, rest }
}
