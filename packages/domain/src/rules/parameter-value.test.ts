import { expect, test } from 'vitest'
import { parameterFamilies } from '../catalog/parameters/families.ts'
import { familyParameter, familyParameters } from '../catalog/parameters/family-parameters.ts'
import type { ParameterDefinition } from '../catalog/parameters/definition.ts'
import { requireParameterChanges, requireParameterResets, requireParameterValue } from './parameter-value.ts'

const definition = (name: string, family = 'redis7'): ParameterDefinition =>
  familyParameter(family, name) as ParameterDefinition
const allows = (name: string, value: string, family?: string) => () =>
  requireParameterValue(definition(name, family), value)

test.each([
  ['maxmemory-policy', 'allkeys-lru'],
  ['maxmemory-policy', 'volatile-lfu'],
  ['notify-keyspace-events', 'Ex'],
  ['notify-keyspace-events', 'AKE'],
  ['notify-keyspace-events', ''],
  ['timeout', '300'],
  ['timeout', '0'],
  ['timeout', '20'],
  ['tcp-keepalive', '60'],
  ['slowlog-log-slower-than', '-1'],
  ['reserved-memory-percent', '0'],
  ['reserved-memory-percent', '100'],
  ['client-query-buffer-limit', '1048576'],
  ['repl-backlog-size', '16384'],
  ['rename-commands', 'flushall blocked'],
  ['cluster-enabled', 'yes'],
])('%s may be %j', (name, value) => {
  expect(allows(name, value)).not.toThrow()
})

test.each([
  ['maxmemory-policy', 'allkeys-fifo'],
  ['maxmemory-policy', 'Allkeys-lru'],
  ['maxmemory-policy', ''],
  ['notify-keyspace-events', 'Eq'],
  ['timeout', '19'],
  ['timeout', '-1'],
  ['timeout', 'never'],
  ['timeout', '30.5'],
  ['timeout', ' 30'],
  ['timeout', ''],
  ['reserved-memory-percent', '101'],
  ['client-query-buffer-limit', '1048575'],
  ['client-query-buffer-limit', '1073741825'],
  ['repl-backlog-size', '16383'],
  ['activedefrag', 'true'],
  ['rename-commands', 'flushall'],
])('%s may not be %j', (name, value) => {
  expect(allows(name, value)).toThrow(
    expect.objectContaining({ name: 'InvalidParameterValueException', message: expect.stringContaining(name) }),
  )
})

test.each([
  ['list-max-ziplist-size', '-5', true],
  ['list-max-ziplist-size', '-6', false],
  ['list-max-ziplist-size', '0', false],
  ['list-max-ziplist-size', '128', true],
  ['lua-time-limit', '5000', true],
  ['lua-time-limit', '4999', false],
])('in redis5.0 %s may be %s: %s', (name, value, allowed) => {
  if (allowed) expect(allows(name, value, 'redis5.0')).not.toThrow()
  else expect(allows(name, value, 'redis5.0')).toThrow(/Allowed values/)
})

test.each([
  ['chunk_size_growth_factor', '1.5', true],
  ['chunk_size_growth_factor', '2.1', false],
  ['binding_protocol', 'ascii', true],
  ['cas_disabled', '1', true],
  ['cas_disabled', 'yes', false],
  ['slab_automove', '2', true],
  ['slab_automove', '3', false],
])('in memcached1.6 %s may be %s: %s', (name, value, allowed) => {
  if (allowed) expect(allows(name, value, 'memcached1.6')).not.toThrow()
  else expect(allows(name, value, 'memcached1.6')).toThrow()
})

test('every default is a value that its own definition allows, but for the zero of cluster-databases', () => {
  for (const family of parameterFamilies) {
    for (const each of familyParameters(family).filter(({ name }) => name !== 'cluster-databases')) {
      expect(() => requireParameterValue(each, each.value ?? ''), `${family} ${each.name}`).not.toThrow()
    }
  }
})

const redis7 = { family: 'redis7', inUse: false }

test('a change keeps the text exactly as it was given', () => {
  const changes = [
    { name: 'timeout', value: '0300' },
    { name: 'notify-keyspace-events', value: 'Ex' },
  ]
  expect(requireParameterChanges(changes, redis7)).toEqual({ timeout: '0300', 'notify-keyspace-events': 'Ex' })
})

test.each([
  [[{ name: 'nonsense', value: '1' }], 'InvalidParameterValueException', "Parameter nonsense doesn't exist"],
  [
    [{ name: 'reserved-memory', value: '1' }],
    'InvalidParameterValueException',
    "Parameter reserved-memory doesn't exist",
  ],
  [
    [{ name: 'maxclients', value: '100' }],
    'InvalidParameterValueException',
    'The parameter maxclients cannot be modified.',
  ],
  [[{ name: 'timeout', value: undefined }], 'InvalidParameterValueException', 'must be provided'],
  [[], 'InvalidParameterValueException', 'must be provided'],
  [
    Array.from({ length: 21 }, () => ({ name: 'timeout', value: '300' })),
    'InvalidParameterCombinationException',
    'Cannot modify more than 20 parameters in a single request',
  ],
])('%j is refused as %s', (changes, name, message) => {
  expect(() => requireParameterChanges(changes, redis7)).toThrow(
    expect.objectContaining({ name, message: expect.stringContaining(message) }),
  )
})

test('what is fixed when a node is made can be changed only while nobody uses the group', () => {
  const changes = [{ name: 'cluster-enabled', value: 'yes' }]
  expect(requireParameterChanges(changes, redis7)).toEqual({ 'cluster-enabled': 'yes' })
  expect(() => requireParameterChanges(changes, { ...redis7, inUse: true })).toThrow(
    /while the parameter group is in use/,
  )
  expect(() => requireParameterChanges([{ name: 'timeout', value: '60' }], { ...redis7, inUse: true })).not.toThrow()
})

test('resetting follows the same names and limits', () => {
  expect(requireParameterResets(['timeout', 'Tcp-Keepalive'], redis7)).toEqual(['timeout', 'tcp-keepalive'])
  expect(() => requireParameterResets(['reserved-memory'], redis7)).toThrow("Parameter reserved-memory doesn't exist")
  expect(() =>
    requireParameterResets(
      Array.from({ length: 21 }, () => 'timeout'),
      redis7,
    ),
  ).toThrow(/more than 20/)
})
