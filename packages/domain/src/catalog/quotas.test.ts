import { expect, test } from 'vitest'
import { nodesPerReplicationGroup, quotas, type QuotaName, requireGroupSize, requireWithinQuota } from './quotas.ts'

test.each(Object.keys(quotas) as QuotaName[])('%s allows its limit and answers one more with its own fault', name => {
  const { limit, fault } = quotas[name]
  expect(() => requireWithinQuota(name, limit)).not.toThrow()
  expect(() => requireWithinQuota(name, limit + 1)).toThrow(expect.objectContaining({ name: fault }))
})

test('the fault names the limit', () => {
  expect(() => requireWithinQuota('subnetGroups', 301)).toThrow(
    'The request cannot be processed because it would exceed the allowed number of cache subnet groups: 300.',
  )
})

test.each([
  ['redis', '5.0.5', 250],
  ['redis', '5.0.6', 500],
  ['redis', '7.1', 500],
  ['valkey', '7.2', 500],
] as const)('a group of %s %s has up to %i nodes', (engine, version, limit) => {
  expect(nodesPerReplicationGroup(engine, version)).toBe(limit)
})

test('shards and nodes of a group are counted apart', () => {
  expect(() => requireGroupSize('valkey', '8.0', [6, 6, 6])).not.toThrow()
  expect(() =>
    requireGroupSize(
      'valkey',
      '8.0',
      Array.from({ length: 501 }, () => 1),
    ),
  ).toThrow(/node groups \(shards\)/)
  expect(() =>
    requireGroupSize(
      'valkey',
      '8.0',
      Array.from({ length: 100 }, () => 6),
    ),
  ).toThrow(/cache nodes/)
})
