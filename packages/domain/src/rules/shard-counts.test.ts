import { expect, test } from 'vitest'
import { requireClusterCount, requireNodeCount, requireReplicaCount, requireShardCount } from './shard-counts.ts'

test('a shard has up to five replicas, a group at least one shard', () => {
  for (const replicas of [0, 5]) expect(() => requireReplicaCount(replicas)).not.toThrow()
  for (const replicas of [-1, 6, 0.5]) expect(() => requireReplicaCount(replicas)).toThrow(/within 0 and 5/)
  for (const clusters of [1, 6]) expect(() => requireClusterCount(clusters)).not.toThrow()
  for (const clusters of [0, 7]) expect(() => requireClusterCount(clusters)).toThrow(/between 1 and 6/)
  expect(() => requireShardCount(1)).not.toThrow()
  expect(() => requireShardCount(0)).toThrow(/at least 1/)
})

test('a cache cluster has one node, or up to forty of Memcached', () => {
  expect(() => requireNodeCount(1, 'redis')).not.toThrow()
  expect(() => requireNodeCount(2, 'redis')).toThrow('NumCacheNodes should be 1 if engine is redis')
  expect(() => requireNodeCount(40, 'memcached')).not.toThrow()
  expect(() => requireNodeCount(41, 'memcached')).toThrow(
    expect.objectContaining({ name: 'NodeQuotaForClusterExceededFault' }),
  )
  expect(() => requireNodeCount(0, 'memcached')).toThrow(/at least 1/)
})
