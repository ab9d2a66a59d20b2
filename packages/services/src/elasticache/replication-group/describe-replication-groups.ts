/** Replication groups by name: one list query and rendering, whatever their number. */
import { scopeOf } from '../../call.ts'
import { fetchPage } from '../../describe.ts'
import type { Operation } from '../operation.ts'
import { renderReplicationGroup } from './render.ts'
import { requireReplicationGroup } from './require.ts'

export const describeReplicationGroups: Operation<'DescribeReplicationGroups'> = async (input, call) => {
  if (input.ReplicationGroupId !== undefined)
    return {
      ReplicationGroups: [renderReplicationGroup(await requireReplicationGroup(input.ReplicationGroupId, call))],
    }
  const page = await fetchPage(
    input,
    asked => call.store.replicationGroups.list(scopeOf(call), asked),
    row => row.name,
  )
  return { ReplicationGroups: page.records.map(renderReplicationGroup), Marker: page.Marker }
}
