import { expect, test } from 'vitest'
import { type NodeType, nodeType } from '../node-types.ts'
import { effectiveParameters } from './family-parameters.ts'
import { maxmemoryFor, nodeTypeParameters, nodeTypeValues } from './node-type-parameters.ts'
import type { ParameterFamily } from './families.ts'

const named = (name: string): NodeType => nodeType(name) as NodeType
const valueOf = (family: ParameterFamily, parameter: string, type: string): string | undefined =>
  nodeTypeParameters(family)
    .find(({ name }) => name === parameter)
    ?.values.find(({ nodeType }) => nodeType === type)?.value

test('replicas are called slaves before Redis 5', () => {
  expect(nodeTypeParameters('redis2.8').map(({ name }) => name)).toEqual([
    'client-output-buffer-limit-slave-hard-limit',
    'client-output-buffer-limit-slave-soft-limit',
    'maxmemory',
  ])
  expect(nodeTypeParameters('valkey8').map(({ name }) => name)).toEqual([
    'client-output-buffer-limit-replica-hard-limit',
    'client-output-buffer-limit-replica-soft-limit',
    'maxmemory',
  ])
  expect(nodeTypeParameters('memcached1.6').map(({ name }) => name)).toEqual(['max_cache_memory', 'num_threads'])
})

test.each([
  ['redis2.8', 'maxmemory', 'cache.m4.xlarge', '15328501760'],
  ['redis2.8', 'client-output-buffer-limit-slave-hard-limit', 'cache.m4.10xlarge', '16604761424'],
  ['redis7', 'maxmemory', 'cache.r7g.large', '14037181030'],
  ['valkey8', 'maxmemory', 'cache.r8g.large', '15222495510'],
  ['memcached1.6', 'max_cache_memory', 'cache.m5.large', '6537'],
  ['memcached1.6', 'num_threads', 'cache.m5.24xlarge', '96'],
] as const)('%s: %s of %s is %s', (family, parameter, type, value) => {
  expect(valueOf(family, parameter, type)).toBe(value)
})

test('a family lists only the types that run one of its versions, sorted', () => {
  expect(valueOf('redis2.8', 'maxmemory', 'cache.r7g.large')).toBeUndefined()
  expect(valueOf('redis7', 'maxmemory', 'cache.r8g.large')).toBeUndefined()
  expect(valueOf('valkey8', 'maxmemory', 'cache.m3.large')).toBeUndefined()
  expect(valueOf('memcached1.6', 'max_cache_memory', 'cache.r6gd.xlarge')).toBeUndefined()
  expect(valueOf('memcached1.4', 'max_cache_memory', 'cache.m6g.large')).toBeUndefined()
  expect(valueOf('memcached1.5', 'max_cache_memory', 'cache.m6g.large')).toBe('6537')
  const types = nodeTypeParameters('redis7')[0]?.values.map(({ nodeType }) => nodeType) ?? []
  expect(types.length).toBeGreaterThan(60)
  expect(types).toEqual([...types].sort())
})

test('memory for data follows what the parameter group reserves', () => {
  const micro = named('cache.t3.micro')
  expect(maxmemoryFor(micro, effectiveParameters('redis7', {}, micro))).toBe(402653184)
  expect(maxmemoryFor(micro, effectiveParameters('valkey8', { 'reserved-memory-percent': '50' }, micro))).toBe(
    268435456,
  )
  expect(maxmemoryFor(micro, effectiveParameters('redis2.8', {}, micro))).toBe(536870912)
  expect(maxmemoryFor(micro, effectiveParameters('redis2.8', { 'reserved-memory': '36870912' }, micro))).toBe(500000000)
})

test('small types take fewer clients', () => {
  expect(nodeTypeValues('redis7', named('cache.t3.small'))).toMatchObject({ maxclients: '46000' })
  expect(nodeTypeValues('redis7', named('cache.r7g.large'))).toMatchObject({ maxclients: '65000' })
  expect(nodeTypeValues('memcached1.6', named('cache.t3.small'))).not.toHaveProperty('maxclients')
})
