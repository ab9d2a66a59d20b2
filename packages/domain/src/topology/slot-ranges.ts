/** Sets of hash slots as sorted, inclusive, non-touching ranges; `0-5460,9000` is how AWS and the engines write them. */
import type { SlotRange } from '../ports/cache-engine.ts'

export const totalSlots = 16_384

export function parseSlotRanges(text: string): readonly SlotRange[] {
  if (text.trim() === '') return []
  const ranges = text.split(',').map(part => {
    const [from, to = from] = part.trim().split('-')
    return { from: Number(from), to: Number(to) }
  })
  return normalise(ranges)
}

export const formatSlotRanges = (ranges: readonly SlotRange[]): string =>
  ranges.map(range => (range.from === range.to ? String(range.from) : `${range.from}-${range.to}`)).join(',')

export const slotCount = (ranges: readonly SlotRange[]): number =>
  ranges.reduce((count, range) => count + range.to - range.from + 1, 0)

export function normalise(ranges: readonly SlotRange[]): readonly SlotRange[] {
  const merged: { from: number; to: number }[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && range.from <= last.to + 1) last.to = Math.max(last.to, range.to)
    else merged.push({ ...range })
  }
  return merged
}

/** What is in `all` and not in `taken`. */
export function subtractSlots(all: readonly SlotRange[], taken: readonly SlotRange[]): readonly SlotRange[] {
  let rest = normalise(all)
  for (const cut of normalise(taken)) {
    rest = rest.flatMap(range => [
      ...(range.from < cut.from ? [{ from: range.from, to: Math.min(range.to, cut.from - 1) }] : []),
      ...(range.to > cut.to ? [{ from: Math.max(range.from, cut.to + 1), to: range.to }] : []),
    ])
  }
  return rest
}

/** Divides all slots over `shards`: contiguous, rounded at each border as the engines' own tools do (three: 0-5460, 5461-10922, 10923-16383). */
export function evenSlots(shards: number): readonly SlotRange[] {
  const border = (position: number): number => Math.round((position * totalSlots) / shards)
  return Array.from({ length: shards }, (_, position) => ({ from: border(position), to: border(position + 1) - 1 }))
}
