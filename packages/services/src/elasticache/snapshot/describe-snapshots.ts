/** Snapshots of the region, by name: all of them, those of a group or cluster, or those of one origin. */
import { fault, type SnapshotRow } from '@hotshelf/domain'
import { pageByMarker } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { requireSnapshot, restoredNow, snapshotsIn } from './find.ts'
import { renderSnapshot } from './render.ts'

type Describe = Input<'DescribeSnapshots'>

/** API reference: 20 to 50, 50 by default. */
const mostRecords = 50

export const describeSnapshots: Operation<'DescribeSnapshots'> = async (input, call) => {
  const found = input.SnapshotName
    ? [await requireSnapshot(input.SnapshotName, call)]
    : await snapshotsIn(call.store).list(scopeOf(call))
  const restored = await restoredNow(call.store, scopeOf(call))
  const chosen = found.filter(row => isWanted(row, input))
  const { items, Marker } = pageByMarker(chosen, input, { keyOf: row => row.name, max: mostRecords })
  const configuration = input.ShowNodeGroupConfig ?? false
  return {
    Snapshots: items.map(row => renderSnapshot(row, { configuration, restored: restored.has(row.arn) })),
    Marker,
  }
}

function isWanted({ desired }: SnapshotRow, input: Describe): boolean {
  const { ReplicationGroupId: group, CacheClusterId: cluster, SnapshotSource: origin } = input
  if (group && desired.source.group !== group.toLowerCase()) return false
  if (cluster && !members(desired).includes(cluster.toLowerCase())) return false
  if (!origin) return true
  return originOf(origin) === desired.origin
}

/** A group that was saved as a whole was saved at the member that it is usually taken from. */
const members = ({ source, shards }: SnapshotRow['desired']): readonly string[] =>
  [source.cluster, ...shards.map(shard => shard.node)].filter(id => id !== undefined)

function originOf(asked: string): SnapshotRow['desired']['origin'] {
  if (asked === 'system' || asked === 'automated') return 'automated'
  if (asked === 'user' || asked === 'manual') return 'manual'
  throw fault('InvalidParameterValueException', 'SnapshotSource must be one of: system, user.')
}
