import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evenSlots, formatSlotRanges, parseSlotRanges, slotCount, subtractSlots, totalSlots } from './slot-ranges.ts'

describe('slot ranges', () => {
  it('divides three shards as the engines do', () => {
    expect(formatSlotRanges(evenSlots(3))).toBe('0-5460,5461-10922,10923-16383')
  })

  it('covers every slot once, whatever the number of shards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), shards => {
        const ranges = evenSlots(shards)
        expect(ranges).toHaveLength(shards)
        expect(slotCount(ranges)).toBe(totalSlots)
        expect(
          ranges.every((range, i) => range.to >= range.from && (i === 0 || ranges[i - 1]!.to + 1 === range.from)),
        ).toBe(true)
        const sizes = ranges.map(range => range.to - range.from)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('reads what it writes', () => {
    expect(formatSlotRanges(parseSlotRanges('9000-9010, 0-5,7,6'))).toBe('0-7,9000-9010')
    expect(parseSlotRanges('')).toEqual([])
  })

  it('subtracts as sets do', () => {
    const range = fc.tuple(fc.nat(300), fc.nat(40)).map(([from, size]) => ({ from, to: from + size }))
    const members = (ranges: readonly { from: number; to: number }[]): Set<number> =>
      new Set(ranges.flatMap(r => Array.from({ length: r.to - r.from + 1 }, (_, i) => r.from + i)))
    fc.assert(
      fc.property(fc.array(range), fc.array(range), (all, taken) => {
        const gone = members(taken)
        const expected = [...members(all)].filter(slot => !gone.has(slot)).toSorted((a, b) => a - b)
        expect([...members(subtractSlots(all, taken))].toSorted((a, b) => a - b)).toEqual(expected)
      }),
    )
  })
})
