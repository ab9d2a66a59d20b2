/**
 * The online reshard request: how many shards there should be. New shards are as wide as the narrowest one; slots are
 * shared out so that as few as possible move. Which keys move when is control's business.
 */
import {
  fault,
  formatSlotRanges,
  nodeId,
  parseSlotRanges,
  placeNodes,
  type ReplicationGroupDesired,
  requireGroupSize,
  requireShardCount,
  type ShardDesired,
  shardId,
  slotTargets,
} from '@hotshelf/domain'
import type { Input, Operation } from '../operation.ts'
import { requireSubnetGroupForCache } from '../subnet-group/find.ts'
import { changeGroup } from './change.ts'
import { renderReplicationGroup } from './render.ts'
import { requireShard } from './replica-counts.ts'
import { requireAvailable, requireReplicationGroup } from './require.ts'

type Reshard = Input<'ModifyReplicationGroupShardConfiguration'>

export const modifyReplicationGroupShardConfiguration: Operation<'ModifyReplicationGroupShardConfiguration'> = async (
  input,
  call,
) => {
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  const count = input.NodeGroupCount ?? 0
  requireRequest(input, group.desired)
  requireAvailable(group)
  const present = group.desired.shards
  if (count === present.length) throw combination('No modifications were requested')
  const subnetGroup = await requireSubnetGroupForCache(group.desired.subnetGroup, call)
  const zones = [...new Set(subnetGroup.desired.subnets.map(subnet => subnet.availabilityZone))]
  const leaving = count < present.length ? leavingShards(input, group.desired) : []
  const added = newShards(group.desired, input, { count: count - present.length, zones, createdAt: call.now() })
  const shards = shareSlots([...present, ...added], leaving)
  const message = `Resharding from ${present.length} to ${count} node groups`
  const changed = await changeGroup(group, call, message, desired => ({ ...desired, shards }))
  return { ReplicationGroup: renderReplicationGroup(changed) }
}

function requireRequest(input: Reshard, desired: ReplicationGroupDesired): void {
  const count = input.NodeGroupCount ?? 0
  requireShardCount(count)
  if (input.ApplyImmediately === false)
    throw fault('InvalidParameterValueException', 'ApplyImmediately must be true: resharding begins at once.')
  if (desired.clusterMode !== 'enabled')
    throw combination('Resharding is supported only for replication groups with cluster mode enabled.')
  const narrowest = Math.min(...desired.shards.map(shard => shard.nodes.length))
  const added = Math.max(0, Math.min(count, 501) - desired.shards.length)
  const sizes = [...desired.shards.map(shard => shard.nodes.length), ...Array.from({ length: added }, () => narrowest)]
  requireGroupSize(desired.engine, desired.engineVersion, sizes)
}

function leavingShards(input: Reshard, desired: ReplicationGroupDesired): readonly string[] {
  const { NodeGroupsToRemove: remove, NodeGroupsToRetain: retain, NodeGroupCount: count = 0 } = input
  if (Boolean(remove?.length) === Boolean(retain?.length))
    throw combination('One of NodeGroupsToRemove or NodeGroupsToRetain must be provided for fewer node groups.')
  const named = new Set([...(remove ?? []), ...(retain ?? [])].map(id => requireShard(desired, id).id as string))
  const leaving = desired.shards.map(shard => shard.id).filter(id => named.has(id) === Boolean(remove?.length))
  if (leaving.length !== desired.shards.length - count)
    throw combination(`NodeGroupCount ${count} does not agree with the node groups that are named.`)
  return leaving
}

interface Adding {
  readonly count: number
  readonly zones: readonly string[]
  readonly createdAt: Date
}

/** As many nodes as the narrowest shard has, in the zones of ReshardingConfiguration or where placement puts them. */
function newShards(
  desired: ReplicationGroupDesired,
  { ReshardingConfiguration: asked }: Reshard,
  { count, zones, createdAt }: Adding,
): readonly ShardDesired[] {
  if (count <= 0) return []
  const nodes = Math.min(...desired.shards.map(shard => shard.nodes.length))
  const placed = placeNodes(zones, [
    ...desired.shards.map(shard => ({ existing: shard.nodes.map(node => node.availabilityZone), wanted: [] })),
    ...Array.from({ length: count }, (_, index) => ({
      existing: [],
      wanted: Array.from({ length: nodes }, (_, position) => asked?.[index]?.PreferredAvailabilityZones?.[position]),
    })),
  ]).slice(desired.shards.length)
  const highest = Math.max(...desired.shards.map(shard => Number(shard.id)))
  return placed.map((own, index) => {
    const id = shardId(highest + 1 + index)
    return {
      id,
      slots: '',
      nodes: own.map((availabilityZone, position) => ({
        id: nodeId(desired.id, id, position + 1, true),
        availabilityZone,
        rebootGeneration: 0,
        createdAt: createdAt.toISOString(),
      })),
    }
  })
}

/** A shard that leaves stays, as one that should own nothing: control empties it, and only then lets it go. */
function shareSlots(shards: readonly ShardDesired[], leaving: readonly string[]): readonly ShardDesired[] {
  const targets = slotTargets(
    shards.map(shard => ({ slots: parseSlotRanges(shard.slots ?? ''), stays: !leaving.includes(shard.id) })),
  )
  return shards.map((shard, index) => ({
    ...shard,
    slots: formatSlotRanges(targets[index] ?? []),
    ...(leaving.includes(shard.id) && { leaving: true as const }),
  }))
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
