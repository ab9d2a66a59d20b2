import { expect, test } from 'vitest'
import { type NodeType, nodeType } from '../catalog/node-types.ts'
import { requireSnapshotRetention, requireSnapshotsSupported } from './snapshot-retention.ts'

const named = (name: string): NodeType => nodeType(name) as NodeType

test('daily snapshots are kept for 0 to 35 days', () => {
  for (const days of [0, 7, 35]) expect(() => requireSnapshotRetention(days)).not.toThrow()
  for (const days of [-1, 36, 1.5]) expect(() => requireSnapshotRetention(days)).toThrow(/between 0 and 35/)
})

test('Memcached and t1 nodes have no snapshots', () => {
  expect(() => requireSnapshotsSupported('redis', named('cache.t4g.micro'))).not.toThrow()
  const unsupported = expect.objectContaining({ name: 'SnapshotFeatureNotSupportedFault' })
  expect(() => requireSnapshotsSupported('memcached', named('cache.t4g.micro'))).toThrow(unsupported)
  expect(() => requireSnapshotsSupported('redis', named('cache.t1.micro'))).toThrow(unsupported)
})
