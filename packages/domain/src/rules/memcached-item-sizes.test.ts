import { expect, test } from 'vitest'
import { effectiveParameters } from '../catalog/parameters/family-parameters.ts'
import { type NodeType, nodeType } from '../catalog/node-types.ts'
import { requireMemcachedItemSizes } from './memcached-item-sizes.ts'

const micro = nodeType('cache.t4g.micro') as NodeType
const check = (overrides: Record<string, string>) => () =>
  requireMemcachedItemSizes(effectiveParameters('memcached1.6', overrides, micro))

test('the defaults fit', () => {
  expect(check({})).not.toThrow()
})

test.each([
  [{ slab_chunk_max: '2097152' }, 'slab_chunk_max must not be larger'],
  [{ max_item_size: '1500000' }, 'multiple of slab_chunk_max'],
  [{ max_item_size: String(256 * 2 ** 20) }, 'quarter of the memory'],
])('%j is refused: %s', (overrides, message) => {
  expect(check(overrides)).toThrow(message)
})
