/**
 * Restarts a member. It shows `rebooting cluster nodes` at once; control restarts it, and what needed a restart is in
 * force then. AWS loses what the node held and fails nobody over; what happens here is control's business.
 */
import { fault, usesClusterProtocol } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { changeGroup } from '../replication-group/change.ts'
import { findMemcached } from './find-cluster.ts'
import { requireMember } from './find-member.ts'
import { rebootMemcached } from './memcached/reboot.ts'
import { renderMemcached } from './memcached/render.ts'
import { renderMemberCluster } from './render.ts'
import { requireAvailableMember } from './require-available.ts'

export const rebootCacheCluster: Operation<'RebootCacheCluster'> = async (input, call) => {
  const alone = await findMemcached(call.store, scopeOf(call), input.CacheClusterId)
  if (alone) {
    const rebooted = await rebootMemcached(alone, input.CacheNodeIdsToReboot ?? [], call)
    return { CacheCluster: renderMemcached(rebooted, true) }
  }
  const member = await requireMember(call.store, scopeOf(call), input.CacheClusterId)
  const { group, node } = member
  requireNodeIds(input.CacheNodeIdsToReboot ?? [], node.id)
  // The sentence stands in AWS's reference of the operation.
  if (usesClusterProtocol(group.desired))
    throw fault(
      'InvalidCacheClusterStateFault',
      'Rebooting is not supported on Valkey or Redis OSS (cluster mode enabled) clusters.',
    )
  requireAvailableMember(member)
  const changed = await changeGroup(group, call, `Rebooting cache cluster ${node.id}`, (desired, { generation }) => ({
    ...desired,
    shards: desired.shards.map(shard => ({
      ...shard,
      nodes: shard.nodes.map(one =>
        one.id === node.id
          ? { ...one, rebootGeneration: one.rebootGeneration + 1, rebootAskedAt: generation + 1 }
          : one,
      ),
    })),
  }))
  return { CacheCluster: renderMemberCluster({ ...member, group: changed }, true) }
}

/** A member of Redis or Valkey has the one node 0001. */
function requireNodeIds(ids: readonly string[], cluster: string): void {
  if (ids.length === 0)
    throw fault('InvalidParameterValueException', 'At least one cache node id must be given in CacheNodeIdsToReboot.')
  const strange = ids.find(id => id !== '0001')
  if (strange !== undefined)
    throw fault('InvalidParameterValueException', `Cache node ${strange} does not exist in cache cluster ${cluster}.`)
}
