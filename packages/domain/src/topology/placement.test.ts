import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeNodes } from './placement.ts'

const anywhere = (nodes: number): readonly undefined[] => Array.from({ length: nodes }, () => undefined)
const fresh = (shards: number, nodes: number) =>
  Array.from({ length: shards }, () => ({ existing: [], wanted: anywhere(nodes) }))

describe('placing nodes', () => {
  it('gives three nodes of a shard three zones, and three first nodes three zones', () => {
    expect(placeNodes(['a', 'b', 'c'], fresh(3, 3))).toEqual([
      ['a', 'b', 'c'],
      ['b', 'a', 'c'],
      ['c', 'a', 'b'],
    ])
  })

  it('keeps what was asked for and spreads the rest around it', () => {
    const placed = placeNodes(['a', 'b', 'c'], [{ existing: [], wanted: ['c', undefined, undefined, 'c'] }])
    expect(placed).toEqual([['c', 'a', 'b', 'c']])
  })

  it('puts a further replica where the shard has fewest nodes', () => {
    expect(placeNodes(['a', 'b', 'c'], [{ existing: ['a', 'b', 'a'], wanted: anywhere(2) }])).toEqual([['c', 'b']])
  })

  it('works with one zone', () => {
    expect(placeNodes(['a'], fresh(2, 2))).toEqual([
      ['a', 'a'],
      ['a', 'a'],
    ])
  })

  it('keeps every shard level, first nodes level, and a primary and its replica apart', () => {
    assert(
      property(integer({ min: 2, max: 4 }), integer({ min: 1, max: 40 }), integer({ min: 2, max: 6 }), (z, s, n) => {
        const zones = ['a', 'b', 'c', 'd'].slice(0, z)
        const placed = placeNodes(zones, fresh(s, n))
        const spread = (used: readonly string[]): number => {
          const counts = zones.map(zone => used.filter(one => one === zone).length)
          return Math.max(...counts) - Math.min(...counts)
        }
        for (const shard of placed) {
          expect(spread(shard)).toBeLessThanOrEqual(1)
          expect(shard[0]).not.toBe(shard[1])
        }
        expect(spread(placed.map(shard => shard[0]!))).toBeLessThanOrEqual(1)
      }),
    )
  })
})
