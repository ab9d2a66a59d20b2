/** How many replicas each shard should have, as IncreaseReplicaCount and DecreaseReplicaCount are told: one number for all, or per shard. */
import {
  fault,
  type ReplicationGroupDesired,
  requireReplicaCount,
  type ShardDesired,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { Input } from '../operation.ts'

export interface ReplicaCount {
  readonly shard: ShardDesired
  readonly replicas: number
  /** Zones asked for the shard's nodes, the primary's first; empty to let placement choose. */
  readonly zones: readonly string[]
}

type CountInput = Pick<
  Input<'IncreaseReplicaCount'>,
  'NewReplicaCount' | 'ReplicaConfiguration' | 'ApplyImmediately' | 'ReplicationGroupId'
>

/** Undefined when the request names no counts at all. */
export function readReplicaCounts(
  input: CountInput,
  desired: ReplicationGroupDesired,
): readonly ReplicaCount[] | undefined {
  if (input.ApplyImmediately === false)
    throw combination('ApplyImmediately must be true: the change cannot wait for the maintenance window.')
  const { NewReplicaCount: count, ReplicaConfiguration: shards } = input
  if (count !== undefined && shards?.length)
    throw combination('Only one of NewReplicaCount or ReplicaConfiguration can be provided.')
  if (shards?.length) {
    const read = shards.map(shard => readShard(shard, desired))
    requireDistinct(read)
    return read
  }
  if (count === undefined) return undefined
  requireReplicaCount(count)
  return desired.shards.map(shard => ({ shard, replicas: count, zones: [] }))
}

function requireDistinct(counts: readonly ReplicaCount[]): void {
  const ids = counts.map(count => count.shard.id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined)
    throw fault(
      'InvalidParameterValueException',
      `Node group ${twice} is given more than once in ReplicaConfiguration.`,
    )
}

function readShard(
  given: NonNullable<CountInput['ReplicaConfiguration']>[number],
  desired: ReplicationGroupDesired,
): ReplicaCount {
  const shard = requireShard(desired, given.NodeGroupId)
  const replicas = given.NewReplicaCount ?? -1
  requireReplicaCount(replicas)
  const zones = given.PreferredAvailabilityZones ?? []
  if (zones.length > 0 && zones.length !== replicas + 1)
    throw combination('The number of PreferredAvailabilityZones must equal NewReplicaCount plus one for the primary.')
  if (given.PreferredOutpostArns?.length) throw combination('Placement on Outposts is not built in Hotshelf yet.')
  return { shard, replicas, zones }
}

export function requireShard(
  desired: ReplicationGroupDesired,
  id: string | undefined,
  shape = 'InvalidParameterValueException',
): ShardDesired {
  const only = id === undefined && !usesClusterProtocol(desired) ? desired.shards[0] : undefined
  const shard = only ?? desired.shards.find(one => one.id === id)
  if (!shard) throw fault(shape, `Node group ${id ?? ''} not found in ${desired.id}.`)
  return shard
}

export const nothingToDo = () =>
  fault('NoOperationFault', 'The operation was not performed because no changes were required.')

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
