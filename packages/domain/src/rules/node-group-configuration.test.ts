import { array, assert, integer, property, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { parseSlotRanges, slotCount, totalSlots } from '../topology/slot-ranges.ts'
import { replicasOf, requireDistinctNodeGroups, requireNodeGroupId, requireSlots } from './node-group-configuration.ts'

const group = (slots: string | undefined, id?: string) => ({ id, slots, replicaCount: undefined, replicaZones: [] })

test('slots of all shards together are every slot, in the form of AWS', () => {
  const groups = [group('0-5460'), group('5461-10922'), group('10923-16383')]
  expect(requireSlots(groups, true)).toEqual(['0-5460', '5461-10922', '10923-16383'])
  expect(requireSlots([group('0-99, 200-16383'), group('100-150,151-199')], true)).toEqual([
    '0-99,200-16383',
    '100-199',
  ])
})

test('without slots the choice is left to ElastiCache', () => {
  expect(requireSlots([group(undefined), group('')], true)).toBeUndefined()
  expect(requireSlots([group(undefined)], false)).toBeUndefined()
})

test.each([
  [['0-5460', '5461-16382'], 'each slot once'],
  [['0-8191', '8191-16383'], 'each slot once'],
  [['0-8191,0-8191'], 'each slot once'],
  [['0-16384'], 'within 0 and 16383'],
  [['100-0', '101-16383'], 'within 0 and 16383'],
  [['all'], 'cannot be read'],
  [['0-100-200'], 'cannot be read'],
  [['0-16383', undefined], 'for every node group or for none'],
])('slots %j are refused: %s', (slots, message) => {
  const groups = slots.map(text => group(text))
  expect(() => requireSlots(groups, true)).toThrow(message)
})

test('slots without cluster mode are refused', () => {
  expect(() => requireSlots([group('0-16383')], false)).toThrow(/cluster mode enabled/)
})

test('any way of cutting the slots into shards is lawful, and taking any slot away is not', () => {
  const cuts = uniqueArray(integer({ min: 1, max: totalSlots - 1 }), { minLength: 1, maxLength: 20 })
  assert(
    property(cuts, integer({ min: 0, max: 1000 }), (points, at) => {
      const borders = [0, ...points.toSorted((a, b) => a - b), totalSlots]
      const texts = borders.slice(1).map((to, index) => `${borders[index]}-${to - 1}`)
      const kept = requireSlots(
        texts.map(text => group(text)),
        true,
      )
      expect(kept?.reduce((sum, text) => sum + slotCount(parseSlotRanges(text)), 0)).toBe(totalSlots)
      const without = texts.toSpliced(at % texts.length, 1)
      expect(() =>
        requireSlots(
          without.map(text => group(text)),
          true,
        ),
      ).toThrow(/each slot once/)
    }),
  )
})

test('replicas are what a shard says, else what all have, else one per named zone', () => {
  const zones = (replicaCount: number | undefined, ...replicaZones: string[]) => ({
    ...group(undefined),
    replicaCount,
    replicaZones,
  })
  expect(replicasOf(zones(2), 1)).toBe(2)
  expect(replicasOf(zones(undefined), 1)).toBe(1)
  expect(replicasOf(zones(undefined, 'a', 'b'), undefined)).toBe(2)
  expect(replicasOf(zones(undefined), undefined)).toBe(0)
  expect(() => replicasOf(zones(2, 'a'), undefined)).toThrow(/ReplicaAvailabilityZones must equal/)
  expect(() => replicasOf(zones(undefined, 'a'), 2)).toThrow(/ReplicaAvailabilityZones must equal/)
  expect(() => replicasOf(zones(6), undefined)).toThrow(/within 0 and 5/)
})

test('ids are four digits, padded, and named once', () => {
  expect(requireNodeGroupId('7')).toBe('0007')
  assert(
    property(array(integer({ min: 1, max: 9999 })), ids =>
      ids.every(id => requireNodeGroupId(String(id)).length === 4),
    ),
  )
  for (const id of ['0', '0000', '12345', 'a', ''])
    expect(() => requireNodeGroupId(id)).toThrow(/not a valid NodeGroupId/)
  expect(() => requireDistinctNodeGroups([group(undefined, '1'), group(undefined, '0002')])).not.toThrow()
  expect(() => requireDistinctNodeGroups([group(undefined, '1'), group(undefined, '0001')])).toThrow(/0001 twice/)
})
