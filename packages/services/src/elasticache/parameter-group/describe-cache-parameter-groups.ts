/** Parameter groups by name, the default groups of every family among them. */
import { defaultParameterGroups, elasticacheArn } from '@hotshelf/domain'
import { pageByMarker } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { requireDescribed } from './find.ts'
import { renderParameterGroup } from './render.ts'

export const describeCacheParameterGroups: Operation<'DescribeCacheParameterGroups'> = async (input, call) => {
  const scope = scopeOf(call)
  if (input.CacheParameterGroupName !== undefined) {
    const group = await requireDescribed(call.store, scope, input.CacheParameterGroupName)
    return { CacheParameterGroups: [renderParameterGroup(group)] }
  }
  const defaults = defaultParameterGroups.map(desired => ({
    arn: elasticacheArn(scope, 'parametergroup', desired.name),
    desired,
  }))
  const groups = [...defaults, ...(await call.store.parameterGroups.list(scope))]
  const { items, Marker } = pageByMarker(groups, input, { keyOf: group => group.desired.name })
  return { CacheParameterGroups: items.map(renderParameterGroup), Marker }
}
