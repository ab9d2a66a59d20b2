/** Control, faked for snapshots: writes the observation of one that is stored. */
import type { ShardId, SnapshotDesired, SnapshotObserved, SnapshotPart, Store } from '@hotshelf/domain'
import { scope } from './in-process.ts'

export async function makeSnapshot(
  store: Store,
  name: string,
  part: Partial<SnapshotPart> = {},
  observed: Partial<SnapshotObserved> = {},
): Promise<void> {
  const row = await store.repository<SnapshotDesired, SnapshotObserved>('snapshot').find(scope, name)
  if (!row) throw new Error(`no snapshot ${name}`)
  const stored = {
    bytes: 10,
    sha256: 'aa',
    format: 10,
    usedMemoryBytes: 5 << 20,
    at: '2026-03-01T12:00:00.000Z',
    from: 'n',
  }
  const parts = Object.fromEntries(row.desired.shards.map(shard => [shard.id, { ...stored, ...part }]))
  const whole: SnapshotObserved = {
    state: 'available',
    parts: parts as Record<ShardId, SnapshotPart>,
    bytesUnderWay: 0,
    failure: undefined,
    ...observed,
  }
  await store.observations.put(row.arn, { generation: 1, observed: whole, conditions: [], seenAt: new Date() })
}
