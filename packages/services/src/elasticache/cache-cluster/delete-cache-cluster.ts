/**
 * The end of a cluster without a group, or of one read replica of a group with cluster mode disabled: there the primary
 * and what failover needs stay.
 */
import { fault, usesClusterProtocol } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import { notBuilt } from '../not-built.ts'
import type { Operation } from '../operation.ts'
import { changeGroup } from '../replication-group/change.ts'
import { primaryOf, without, withoutLeaving } from '../replication-group/decrease-replica-count.ts'
import { findMemcached } from './find-cluster.ts'
import { type Member, requireMember } from './find-member.ts'
import { forgetTagsOf } from './member-tags.ts'
import { deleteMemcached } from './memcached/delete.ts'
import { renderMemcached } from './memcached/render.ts'
import { renderMemberCluster } from './render.ts'
import { requireAvailableMember } from './require-available.ts'
import { deleteStandalone } from './standalone/delete.ts'

export const deleteCacheCluster: Operation<'DeleteCacheCluster'> = async (input, call) => {
  const alone = await findMemcached(call.store, scopeOf(call), input.CacheClusterId)
  if (alone)
    return { CacheCluster: renderMemcached(await deleteMemcached(alone, input.FinalSnapshotIdentifier, call), false) }
  const member = await requireMember(call.store, scopeOf(call), input.CacheClusterId)
  const { group, node } = member
  if (group.desired.standalone) {
    const deleted = await deleteStandalone(group, input.FinalSnapshotIdentifier, call)
    return { CacheCluster: renderMemberCluster({ ...member, group: deleted }, false) }
  }
  if (input.FinalSnapshotIdentifier) throw notBuilt('A final snapshot of a member (FinalSnapshotIdentifier)')
  requireDeletable(member)
  requireAvailableMember(member)
  const leaving = new Set<string>([node.id])
  const shards = group.desired.shards.map(shard => without(shard, leaving))
  await changeGroup(
    group,
    call,
    `Deleting cache cluster ${node.id}`,
    desired => ({ ...desired, ...withoutLeaving(desired, shards, leaving) }),
    store => forgetTagsOf(store, group, [node.id]),
  )
  return { CacheCluster: { ...renderMemberCluster(member, false), CacheClusterStatus: 'deleting' } }
}

/** The words are AWS's, but for cluster mode; infrastructure tools stop trying when they read the first two. */
function requireDeletable({ group, shard, node }: Member): void {
  const state = (message: string) => fault('InvalidCacheClusterStateFault', message)
  if (usesClusterProtocol(group.desired))
    throw state(
      `Cache cluster ${node.id} belongs to replication group ${group.name} with cluster mode enabled. Use DecreaseReplicaCount.`,
    )
  if (shard.nodes.length === 1)
    throw state(
      'Cannot delete the cache cluster since it is the only member of a replication group. Delete the replication group instead.',
    )
  if (primaryOf(group, shard) === node.id)
    throw state(
      `Cache cluster ${node.id} is serving as primary for replication group ${group.name} and cannot be deleted. ` +
        'To delete the entire replication group, use DeleteReplicationGroup.',
    )
  if (shard.nodes.length === 2 && (group.desired.automaticFailover || group.pending?.automaticFailover === true))
    throw state(
      `Cannot delete the cache cluster because it is the only read replica for replication group ${group.name} which has ` +
        'autofailover enabled or pending. You can disable autofailover and then delete this cache cluster. ' +
        'Alternatively, to delete the entire replication group, use DeleteReplicationGroup.',
    )
}
