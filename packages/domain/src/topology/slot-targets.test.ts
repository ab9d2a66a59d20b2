import { array, assert, boolean, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evenSlots, formatSlotRanges, normalise, slotCount, subtractSlots, totalSlots } from './slot-ranges.ts'
import { slotTargets } from './slot-targets.ts'

const shards = (count: number) => evenSlots(count).map(range => ({ slots: [range], stays: true }))
const empty = { slots: [], stays: true }

describe('slot targets', () => {
  it('give a new shard a share of every other', () => {
    const targets = slotTargets([...shards(3), empty])
    expect(targets.map(slotCount)).toEqual([4096, 4096, 4096, 4096])
    expect(formatSlotRanges(targets[0]!)).toBe('0-4095')
    expect(formatSlotRanges(targets[3]!)).toBe('4096-5460,9557-10922,15019-16383')
  })

  it('hand the slots of a leaving shard to those that stay', () => {
    const [first, second, third] = shards(3)
    const targets = slotTargets([first!, { ...second!, stays: false }, third!])
    expect(targets.map(slotCount)).toEqual([8192, 0, 8192])
  })

  it('move nothing when all is even', () => {
    expect(slotTargets(shards(5))).toEqual(shards(5).map(shard => shard.slots))
  })

  it('cover every slot once, evenly, and move no more than they must', () => {
    assert(
      property(
        integer({ min: 1, max: 60 }),
        integer({ min: 0, max: 20 }),
        array(boolean(), { minLength: 60, maxLength: 60 }),
        (present, added, leaving) => {
          const world = [
            ...shards(present).map((shard, index) => ({ ...shard, stays: index === 0 || !leaving[index] })),
            ...Array.from({ length: added }, () => empty),
          ]
          const targets = slotTargets(world)
          const all = targets.flat()
          expect(slotCount(all)).toBe(totalSlots)
          expect(slotCount(normalise(all))).toBe(totalSlots)
          const staying = targets.filter((_, index) => world[index]!.stays).map(slotCount)
          expect(Math.max(...staying) - Math.min(...staying)).toBeLessThanOrEqual(1)
          for (const [index, target] of targets.entries()) {
            const before = world[index]!.slots
            const lost = slotCount(subtractSlots(before, target))
            expect(lost).toBe(Math.max(0, slotCount(before) - slotCount(target)))
          }
        },
      ),
    )
  })
})
