/**
 * The end of a cluster without a group, or of one read replica of a group with cluster mode disabled: there the primary
 * and what failover needs stay.
 */
import {
  fault,
  type NodeDesired,
  nodeType,
  requireSnapshotName,
  requireSnapshotsSupported,
  usesClusterProtocol,
  withoutNodes,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { changeGroup } from '../replication-group/change.ts'
import { primaryOf } from '../replication-group/decrease-replica-count.ts'
import { insertSnapshot, requireFreeName, snapshotArn, takenNow } from '../snapshot/find.ts'
import { newSnapshot } from '../snapshot/new-snapshot.ts'
import { findMemcached } from './find-cluster.ts'
import { type Member, requireMember } from './find-member.ts'
import { forgetTagsOf } from './member-tags.ts'
import { deleteMemcached } from './memcached/delete.ts'
import { renderMemcached } from './memcached/render.ts'
import { renderMemberCluster } from './render.ts'
import { notAvailable, requireAvailableMember } from './require-available.ts'
import { deleteStandalone } from './standalone/delete.ts'

export const deleteCacheCluster: Operation<'DeleteCacheCluster'> = async (input, call) => {
  const alone = await findMemcached(call.store, scopeOf(call), input.CacheClusterId)
  if (alone)
    return { CacheCluster: renderMemcached(await deleteMemcached(alone, input.FinalSnapshotIdentifier, call), false) }
  const member = await requireMember(call.store, scopeOf(call), input.CacheClusterId)
  const { group } = member
  if (group.desired.standalone) {
    const deleted = await deleteStandalone(group, input.FinalSnapshotIdentifier, call)
    return { CacheCluster: renderMemberCluster({ ...member, group: deleted }, false) }
  }
  const name = input.FinalSnapshotIdentifier
  const finalName = name ? requireSnapshotName('FinalSnapshotIdentifier', name) : undefined
  requireDeletable(member)
  requireAvailableMember(member)
  if (finalName === undefined) await letGo(member, call)
  else await letGoOnceSaved(member, finalName, call)
  return { CacheCluster: { ...renderMemberCluster(member, false), CacheClusterStatus: 'deleting' } }
}

const letGo = ({ group, node }: Member, call: Call) =>
  changeGroup(
    group,
    call,
    deleting(node),
    desired => withoutNodes(desired, new Set([node.id])),
    store => forgetTagsOf(store, group, [node.id]),
  )

/** It stays until the snapshot is whole; control takes it out of the group then. */
async function letGoOnceSaved({ group, node }: Member, name: string, call: Call): Promise<void> {
  const type = nodeType(group.desired.nodeType)
  if (type) requireSnapshotsSupported(group.desired.engine, type)
  const scope = scopeOf(call)
  const desired = await newSnapshot(call.store, group, { name, member: node.id, kmsKeyId: undefined, final: true })
  const arn = snapshotArn(scope, name)
  const leaving = (one: NodeDesired): NodeDesired => (one.id === node.id ? { ...one, leavesAfter: arn } : one)
  await changeGroup(
    group,
    call,
    deleting(node),
    now => ({ ...now, shards: now.shards.map(shard => ({ ...shard, nodes: shard.nodes.map(leaving) })) }),
    async store => {
      if ((await takenNow(store, group)).length > 0) throw notAvailable(node.id)
      await requireFreeName(store, scope, name)
      await insertSnapshot(store, scope, { desired, createdAt: call.now() })
      await forgetTagsOf(store, group, [node.id])
    },
  )
  call.wake(arn)
}

const deleting = ({ id }: NodeDesired): string => `Deleting cache cluster ${id}`

/** The words are AWS's, but for cluster mode; infrastructure tools stop trying when they read the first two. */
function requireDeletable({ group, shard, node }: Member): void {
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

const state = (message: string) => fault('InvalidCacheClusterStateFault', message)
