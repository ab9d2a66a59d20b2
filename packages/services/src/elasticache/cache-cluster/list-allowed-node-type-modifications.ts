/** The node types that a group may scale to, by the group's id or by a member's. */
import { allowedScaleDowns, allowedScaleUps, fault, nodeType, type ReplicationGroupRow } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { requireReplicationGroup } from '../replication-group/require.ts'
import { requireMember } from './find-member.ts'

export const listAllowedNodeTypeModifications: Operation<'ListAllowedNodeTypeModifications'> = async (input, call) => {
  const { desired } = await groupOf(input, call)
  const type = nodeType(desired.nodeType)
  if (!type) return { ScaleUpModifications: [], ScaleDownModifications: [] }
  const running = { engine: desired.engine, version: desired.engineVersion }
  return {
    ScaleUpModifications: [...allowedScaleUps(type, running)],
    ScaleDownModifications: [...allowedScaleDowns(type, running)],
  }
}

async function groupOf(
  { CacheClusterId: cluster, ReplicationGroupId: group }: Input<'ListAllowedNodeTypeModifications'>,
  call: Call,
): Promise<ReplicationGroupRow> {
  if (cluster !== undefined && group !== undefined)
    throw combination('Only one of CacheClusterId or ReplicationGroupId can be provided.')
  if (group !== undefined) return requireReplicationGroup(group, call)
  if (cluster === undefined) throw combination('One of CacheClusterId or ReplicationGroupId must be provided.')
  return (await requireMember(call.store, scopeOf(call), cluster)).group
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
