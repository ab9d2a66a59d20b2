/**
 * Settings of one cluster. A member shares all of them with its replication group: in a group of one node they are changed
 * there; in a larger group, or with cluster mode, ModifyReplicationGroup is the call for all members at once.
 */
import { Fault, fault, usesClusterProtocol } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { modifyGroup, noModifications } from '../replication-group/modify-replication-group.ts'
import { cacheSecurityGroupsNotPermitted } from '../security-group/describe-cache-security-groups.ts'
import { findMemcached } from './find-cluster.ts'
import { type Member, requireMember } from './find-member.ts'
import { differing, requireMemberRequest } from './group-settings.ts'
import { modifyMemcached } from './memcached/modify.ts'
import { renderMemcached } from './memcached/render.ts'
import { renderMemberCluster } from './render.ts'
import { notAvailable, requireAvailableMember } from './require-available.ts'

type Modify = Input<'ModifyCacheCluster'>

export const modifyCacheCluster: Operation<'ModifyCacheCluster'> = async (input, call) => {
  const { CacheClusterId: _id, ApplyImmediately: _now, ...asked } = input
  const nothing = Object.values(asked).every(value => value === undefined)
  const memcached = await findMemcached(call.store, scopeOf(call), input.CacheClusterId)
  if (memcached && nothing) throw noModifications()
  if (memcached) return { CacheCluster: renderMemcached(await modifyMemcached(memcached, input, call), false) }
  const member = await requireMember(call.store, scopeOf(call), input.CacheClusterId)
  if (nothing) throw noModifications()
  requireMemberRequest(input, member.group.desired)
  if (input.CacheSecurityGroupNames?.length) throw cacheSecurityGroupsNotPermitted()
  requireAvailableMember(member)
  const group = alone(member) ? await changeAlone(member, input, call) : sameAsGroup(member, input)
  return { CacheCluster: renderMemberCluster({ ...member, group }, false) }
}

const alone = ({ group, shard }: Member): boolean => !usesClusterProtocol(group.desired) && shard.nodes.length === 1

function sameAsGroup({ group, node }: Member, input: Modify) {
  const others = [
    ...differing(input, group.desired),
    ...(input.NotificationTopicStatus === 'inactive' ? ['NotificationTopicStatus'] : []),
  ]
  if (others.length > 0)
    throw fault(
      'InvalidParameterCombinationException',
      `Cache cluster ${node.id} is a member of replication group ${group.name}, which decides ${others.join(', ')}. ` +
        'Use ModifyReplicationGroup.',
    )
  return group
}

/** A cluster's request in the words of its group. */
async function changeAlone({ group, node }: Member, input: Modify, call: Call) {
  const { CacheClusterId: _id, NumCacheNodes: _count, ...settings } = input
  const request = { ...settings, ReplicationGroupId: group.name }
  return modifyGroup(group, request, call).catch((error: unknown) => {
    throw isState(error) ? notAvailable(node.id) : error
  })
}

/** The operation on a cluster declares the cluster's fault, not the group's. */
const isState = (error: unknown): boolean =>
  error instanceof Fault && error.name === 'InvalidReplicationGroupStateFault'
