import { describe, expect, it } from 'vitest'
import type { GroupReport } from '@hotshelf/server'
import { isResharded, reshardRequest } from './reshard-request.ts'

const group = (shards: number, clusterMode = 'enabled', status = 'available') =>
  ({
    id: 'orders',
    clusterMode,
    status,
    shards: Array.from({ length: shards }, (_, index) => ({ id: `000${index + 1}`, nodes: [] })),
  }) as unknown as GroupReport

describe('a reshard request', () => {
  it('names only the count when shards are added', () => {
    const asked = { ReplicationGroupId: 'orders', NodeGroupCount: 5, ApplyImmediately: true }
    expect(reshardRequest(group(3), { shards: 5, remove: [] })).toEqual(asked)
  })

  it('lets the last shards leave unless others are named', () => {
    expect(reshardRequest(group(4), { shards: 2, remove: [] })).toMatchObject({ NodeGroupsToRemove: ['0003', '0004'] })
    expect(reshardRequest(group(4), { shards: 3, remove: ['0001'] })).toMatchObject({ NodeGroupsToRemove: ['0001'] })
  })

  it.each([
    ['a group without slots', group(1, 'disabled'), { shards: 2, remove: [] }, /cluster mode disabled/],
    ['what is there already', group(3), { shards: 3, remove: [] }, /has 3 shards already/],
    ['a removal beside an addition', group(3), { shards: 4, remove: ['0001'] }, /--remove is for fewer/],
    ['an unknown shard', group(3), { shards: 2, remove: ['0009'] }, /no shard 0009/],
    ['a count that disagrees', group(3), { shards: 2, remove: ['0001', '0002'] }, /are 1, not 2/],
  ])('is refused for %s', (_, of, wish, message) => expect(() => reshardRequest(of, wish)).toThrow(message))

  it('is done when the count is right and the group is available', () => {
    expect(isResharded(group(3), 3)).toBe(true)
    expect(isResharded(group(3, 'enabled', 'modifying'), 3)).toBe(false)
    expect(isResharded(group(2), 3)).toBe(false)
  })
})
