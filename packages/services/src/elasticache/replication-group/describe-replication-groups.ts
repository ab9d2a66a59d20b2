/** Replication groups by name: one list query for a page and rendering, whatever their number. */
import type { ReplicationGroupRow } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
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
    asked => listGroups(call, asked),
    row => row.name,
  )
  return { ReplicationGroups: page.records.map(renderReplicationGroup), Marker: page.Marker }
}

/** Cache clusters without a group are among the rows and are not shown: the page is filled with what comes after them. */
async function listGroups(
  call: Call,
  { limit, after }: { readonly after?: string; readonly limit: number },
): Promise<readonly ReplicationGroupRow[]> {
  const shown: ReplicationGroupRow[] = []
  let from = after
  for (;;) {
    const rows = await call.store.replicationGroups.list(scopeOf(call), {
      limit,
      ...(from !== undefined && { after: from }),
    })
    shown.push(...rows.filter(row => !row.desired.standalone))
    from = rows.at(-1)?.name
    if (rows.length < limit || shown.length >= limit) return shown.slice(0, limit)
  }
}
