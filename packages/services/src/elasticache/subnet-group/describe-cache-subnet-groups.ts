/** Subnet groups by name. */
import { scopeOf } from '../../call.ts'
import { fetchPage } from '../../describe.ts'
import type { Operation } from '../operation.ts'
import { requireSubnetGroup } from './find.ts'
import { renderSubnetGroup } from './render.ts'

export const describeCacheSubnetGroups: Operation<'DescribeCacheSubnetGroups'> = async (input, call) => {
  if (input.CacheSubnetGroupName !== undefined)
    return { CacheSubnetGroups: [renderSubnetGroup(await requireSubnetGroup(input.CacheSubnetGroupName, call))] }
  const page = await fetchPage(
    input,
    asked => call.store.subnetGroups.list(scopeOf(call), asked),
    row => row.name,
  )
  return { CacheSubnetGroups: page.records.map(renderSubnetGroup), Marker: page.Marker }
}
