import { array, assert, boolean, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shardId } from '../resources/node.ts'
import { slotMoves } from './slot-moves.ts'
import { evenSlots, formatSlotRanges, normalise, slotCount, subtractSlots } from './slot-ranges.ts'
import { slotTargets } from './slot-targets.ts'

/** A group of `present` shards that gains `added` and loses some, as the API asks for it. */
const worlds = [
  integer({ min: 1, max: 40 }),
  integer({ min: 0, max: 20 }),
  array(boolean(), { minLength: 40, maxLength: 40 }),
] as const

function changesOf(present: number, added: number, leaving: readonly boolean[]) {
  const owned = [...evenSlots(present).map(range => [range]), ...Array.from({ length: added }, () => [])]
  const targets = slotTargets(owned.map((slots, i) => ({ slots, stays: i === 0 || i >= present || !leaving[i] })))
  return owned.map((slots, i) => ({ shard: shardId(i + 1), owned: slots, wanted: targets[i]! }))
}

describe('slot moves', () => {
  it('give a fourth shard what the other three own too much', () => {
    const moves = slotMoves(changesOf(3, 1, []))
    expect(moves.map(({ from, to, ranges }) => `${from}>${to} ${formatSlotRanges(ranges)}`)).toEqual([
      '0001>0004 4096-5460',
      '0002>0004 9557-10922',
      '0003>0004 15019-16383',
    ])
  })

  it('bring every slot to its place, each once, and touch no other', () => {
    assert(
      property(...worlds, (present, added, leaving) => {
        const changes = changesOf(present, added, leaving)
        const moves = slotMoves(changes)
        for (const { shard, owned, wanted } of changes) {
          const gone = moves.filter(move => move.from === shard).flatMap(move => move.ranges)
          const come = moves.filter(move => move.to === shard).flatMap(move => move.ranges)
          expect(normalise([...subtractSlots(owned, gone), ...come])).toEqual(normalise(wanted))
          expect(slotCount(gone)).toBe(slotCount(subtractSlots(owned, wanted)))
        }
        const moved = moves.flatMap(move => move.ranges)
        expect(slotCount(normalise(moved))).toBe(slotCount(moved))
      }),
    )
  })

  it('are done when they are done, also half of them', () => {
    assert(
      property(...worlds, integer({ min: 0, max: 60 }), (present, added, leaving, done) => {
        const changes = changesOf(present, added, leaving)
        const first = slotMoves(changes).slice(0, done)
        const later = changes.map(change => ({
          ...change,
          owned: normalise([
            ...subtractSlots(
              change.owned,
              first.filter(move => move.from === change.shard).flatMap(move => move.ranges),
            ),
            ...first.filter(move => move.to === change.shard).flatMap(move => move.ranges),
          ]),
        }))
        expect(slotMoves(later)).toEqual(slotMoves(changes).slice(done))
      }),
    )
  })

  it('leave alone what nobody owns', () => {
    const nobody = [{ shard: shardId(1), owned: [], wanted: [{ from: 0, to: 9 }] }]
    expect(slotMoves(nobody)).toEqual([])
  })
})
