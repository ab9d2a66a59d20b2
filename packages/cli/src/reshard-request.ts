/** What `hotshelf reshard` asks the API for. AWS wants to be told which shards leave; the last ones do when nobody says. Pure. */
import type { ModifyReplicationGroupShardConfigurationCommandInput } from '@aws-sdk/client-elasticache'
import type { GroupReport } from '@hotshelf/server'
import { usage } from './failed.ts'

export interface ReshardWish {
  readonly shards: number
  readonly remove: readonly string[]
}

export function reshardRequest(
  group: GroupReport,
  { shards, remove }: ReshardWish,
): ModifyReplicationGroupShardConfigurationCommandInput {
  const present = group.shards.map(shard => shard.id)
  if (group.clusterMode !== 'enabled')
    throw usage(
      `${group.id} has cluster mode ${group.clusterMode}: it has one shard, which holds all keys.`,
      'Grow it with a larger --cache-node-type, or make a group with cluster mode enabled.',
    )
  if (shards === present.length)
    throw usage(`${group.id} has ${shards} shards already.`, `They are ${present.join(', ')}.`)
  const request = { ReplicationGroupId: group.id, NodeGroupCount: shards, ApplyImmediately: true }
  if (shards > present.length) {
    if (remove.length > 0)
      throw usage('--remove is for fewer shards.', `${group.id} has ${present.length}, and ${shards} are more.`)
    return request
  }
  const unknown = remove.filter(id => !present.includes(id))
  if (unknown.length > 0)
    throw usage(`${group.id} has no shard ${unknown.join(', ')}.`, `It has ${present.join(', ')}.`)
  const leaving = remove.length > 0 ? [...new Set(remove)] : present.slice(shards)
  if (leaving.length !== present.length - shards)
    throw usage(
      `${present.length} shards without ${leaving.join(', ')} are ${present.length - leaving.length}, not ${shards}.`,
      `Name ${present.length - shards} with --remove, or none: the last ones leave then.`,
    )
  return { ...request, NodeGroupsToRemove: leaving }
}

/** Done when the shards are those that were asked for, and everything is as it should be. */
export const isResharded = (group: GroupReport, shards: number): boolean =>
  group.shards.length === shards && group.status === 'available'
