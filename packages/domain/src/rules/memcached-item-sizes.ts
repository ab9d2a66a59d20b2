/**
 * Memcached refuses to split items oddly: AWS lets CreateCacheCluster and ModifyCacheCluster fail when these do not fit
 * (version management notes, from 1.4.33 on). The wording is ours.
 */
import type { ParameterValues } from '../catalog/parameters/definition.ts'
import { memcachedItemMegabytes } from '../catalog/parameters/memcached-arguments.ts'
import { type Fault, fault } from '../faults.ts'

/** `values` include the node type's. */
export function requireMemcachedItemSizes(values: ParameterValues): void {
  const item = Number(values['max_item_size'])
  const chunk = Number(values['slab_chunk_max'])
  if (Number.isNaN(item) || Number.isNaN(chunk)) return
  if (chunk > item) throw refuse('slab_chunk_max must not be larger than max_item_size.')
  if (item % chunk !== 0) throw refuse('max_item_size must be a multiple of slab_chunk_max.')
  if (item > (memcachedItemMegabytes(values) * 2 ** 20) / 4) {
    throw refuse('max_item_size must not be larger than a quarter of the memory for items.')
  }
}

const refuse = (message: string): Fault => fault('InvalidParameterCombinationException', message)
