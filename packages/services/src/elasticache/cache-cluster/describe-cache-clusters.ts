/** Cache clusters, members of replication groups included, sorted by id. Two list queries whatever their number. */
import type { MemcachedClusterRow } from '@hotshelf/domain'
import { pageByMarker } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { clustersIn, findMemcached } from './find-cluster.ts'
import { type Member, membersOf, requireMember } from './find-member.ts'
import { renderMemcached } from './memcached/render.ts'
import { renderMemberCluster } from './render.ts'

export const describeCacheClusters: Operation<'DescribeCacheClusters'> = async (input, call) => {
  const showNodes = input.ShowCacheNodeInfo ?? false
  if (input.CacheClusterId !== undefined) {
    const alone = await findMemcached(call.store, scopeOf(call), input.CacheClusterId)
    if (alone) return { CacheClusters: [renderMemcached(alone, showNodes)] }
    const member = await requireMember(call.store, scopeOf(call), input.CacheClusterId)
    return { CacheClusters: [renderMemberCluster(member, showNodes)] }
  }
  const groups = (await call.store.replicationGroups.list(scopeOf(call))).filter(
    ({ desired }) => desired.standalone || !input.ShowCacheClustersNotInReplicationGroups,
  )
  const all: readonly Shown[] = [
    ...groups.flatMap(membersOf).map(member => ({ id: member.node.id, member })),
    ...(await clustersIn(call.store).list(scopeOf(call))).map(row => ({ id: row.name, row })),
  ]
  const { items, Marker } = pageByMarker(all, input, { keyOf: shown => shown.id })
  const render = (shown: Shown) =>
    'row' in shown ? renderMemcached(shown.row, showNodes) : renderMemberCluster(shown.member, showNodes)
  return { CacheClusters: items.map(render), Marker }
}

type Shown = { readonly id: string } & ({ readonly member: Member } | { readonly row: MemcachedClusterRow })
