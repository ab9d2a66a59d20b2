import { expect, test } from 'vitest'
import { type NodeType, nodeType } from '../node-types.ts'
import { effectiveParameters } from './family-parameters.ts'
import { memcachedArguments, memcachedItemMegabytes } from './memcached-arguments.ts'
import type { MemcachedFamily } from './families.ts'

const large = nodeType('cache.m5.large') as NodeType
const args = (overrides: Record<string, string>, family: MemcachedFamily = 'memcached1.6'): readonly string[] =>
  memcachedArguments(effectiveParameters(family, overrides, large))
const after = (flag: string, list: readonly string[]): string | undefined => list[list.indexOf(flag) + 1]
const options = (list: readonly string[]): readonly string[] => after('-o', list)?.split(',') ?? []

test('items get the memory of the node less what connections need, as the user guide computes for m5.large', () => {
  expect(memcachedItemMegabytes(effectiveParameters('memcached1.6', {}, large))).toBe(6437)
  expect(after('-m', args({ memcached_connections_overhead: '37' }))).toBe('6500')
  expect(memcachedItemMegabytes({ max_cache_memory: '512', memcached_connections_overhead: '100000' })).toBe(1)
})

test('values become flags, switches only when on', () => {
  const list = args({ max_item_size: '2097152', chunk_size: '96', cas_disabled: '1' })
  expect(after('-I', list)).toBe('2097152')
  expect(after('-n', list)).toBe('96')
  expect(after('-t', list)).toBe('2')
  expect(list).toContain('-C')
  expect(list).not.toContain('-F')
  expect(args({ disable_flush_all: '1' })).toContain('-F')
})

test('connections stay within what the machine allows, or Memcached would not start', () => {
  const values = effectiveParameters('memcached1.6', {}, large)
  expect(after('-c', memcachedArguments(values))).toBe('65000')
  expect(after('-c', memcachedArguments(values, 4096))).toBe('4096')
})

test('the classic defaults come first and single features over them', () => {
  expect(options(args({}))).toEqual(expect.arrayContaining(['no_modern', 'no_slab_reassign', 'hash_algorithm=jenkins']))
  expect(options(args({}))[0]).toBe('no_modern')
  expect(options(args({ slab_reassign: '1' }))).toContain('slab_reassign')
})

test('with no_modern off the modern features are on, but hash and automove follow their own parameters', () => {
  const list = options(args({ no_modern: '0', slab_automove: '2', hash_algorithm: 'murmur3' }))
  expect(list).toEqual(
    expect.arrayContaining([
      'modern',
      'slab_reassign',
      'lru_maintainer',
      'maxconns_fast',
      'slab_automove=2',
      'hash_algorithm=murmur3',
    ]),
  )
})

test('in the 1.4 family modern is its own switch', () => {
  expect(options(args({}, 'memcached1.4'))[0]).toBe('modern')
  expect(options(args({ modern: '0' }, 'memcached1.4'))[0]).toBe('no_modern')
})

test('chunks are bytes to AWS and kilobytes to the engine', () => {
  expect(options(args({ slab_chunk_max: '262144' }))).toContain('slab_chunk_max=256')
})
