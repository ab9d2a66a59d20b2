/**
 * Cache clusters, members of replication groups included, sorted by id. One list query whatever their number.
 * Every cluster belongs to a group today, so ShowCacheClustersNotInReplicationGroups answers an empty list.
 */
import { pageByMarker } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { membersOf, requireMember } from './find-member.ts'
import { renderMemberCluster } from './render.ts'

export const describeCacheClusters: Operation<'DescribeCacheClusters'> = async (input, call) => {
  const showNodes = input.ShowCacheNodeInfo ?? false
  if (input.CacheClusterId !== undefined) {
    const member = await requireMember(call.store, scopeOf(call), input.CacheClusterId)
    return { CacheClusters: [renderMemberCluster(member, showNodes)] }
  }
  const groups = input.ShowCacheClustersNotInReplicationGroups
    ? []
    : await call.store.replicationGroups.list(scopeOf(call))
  const { items, Marker } = pageByMarker(groups.flatMap(membersOf), input, { keyOf: member => member.node.id })
  return { CacheClusters: items.map(member => renderMemberCluster(member, showNodes)), Marker }
}
