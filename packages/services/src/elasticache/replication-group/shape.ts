/**
 * How many shards, how many nodes in each, and what was asked about their ids, slots and zones. AWS has three ways to
 * say it (NumCacheClusters, NumNodeGroups with ReplicasPerNodeGroup, NodeGroupConfiguration); this is where they meet.
 */
import type { NodeGroupConfiguration } from '@aws-sdk/client-elasticache'
import {
  fault,
  type NodeGroupRequest,
  replicasOf,
  requireClusterCount,
  requireDistinctNodeGroups,
  requireNodeGroupId,
  requireReplicaCount,
  requireShardCount,
} from '@hotshelf/domain'
import { notBuilt } from '../not-built.ts'
import type { Input } from '../operation.ts'

export interface ShardShape {
  /** Four digits as given; undefined to number it. */
  readonly id: string | undefined
  readonly slots: string | undefined
  /** One entry per node, the first primary first: the zone asked for, or undefined. */
  readonly zones: readonly (string | undefined)[]
}

type ShapeInput = Pick<
  Input<'CreateReplicationGroup'>,
  'NumCacheClusters' | 'NumNodeGroups' | 'ReplicasPerNodeGroup' | 'NodeGroupConfiguration' | 'PreferredCacheClusterAZs'
>

export function readShape(input: ShapeInput): readonly ShardShape[] {
  requireCounts(input)
  return input.NodeGroupConfiguration?.length ? configuredShards(input) : countedShards(input)
}

function requireCounts(input: ShapeInput): void {
  const { NumCacheClusters: clusters, NumNodeGroups: groups, ReplicasPerNodeGroup: replicas } = input
  if (clusters !== undefined) requireClusterCount(clusters)
  if (groups !== undefined) requireShardCount(groups)
  if (replicas !== undefined) requireReplicaCount(replicas)
  const shards = groups ?? input.NodeGroupConfiguration?.length ?? 1
  if (clusters !== undefined && shards > 1)
    throw combination('NumCacheClusters cannot be used with more than one node group. Use ReplicasPerNodeGroup.')
  if (clusters !== undefined && replicas !== undefined && clusters !== replicas + 1)
    throw combination('NumCacheClusters must equal ReplicasPerNodeGroup plus one when both are given.')
}

/** Undefined when the request does not say. */
const commonReplicas = ({ NumCacheClusters, ReplicasPerNodeGroup }: ShapeInput): number | undefined =>
  ReplicasPerNodeGroup ?? (NumCacheClusters === undefined ? undefined : NumCacheClusters - 1)

/** More shards than any quota allows: enough to be refused for, however many were asked for. */
const tooMany = 501

function countedShards(input: ShapeInput): readonly ShardShape[] {
  const shards = Math.min(input.NumNodeGroups ?? 1, tooMany)
  const nodes = (commonReplicas(input) ?? 0) + 1
  const zones = input.PreferredCacheClusterAZs ?? []
  if (zones.length > 0 && shards > 1)
    throw combination(
      'PreferredCacheClusterAZs cannot be used with more than one node group. Use NodeGroupConfiguration.',
    )
  if (zones.length > 0 && zones.length !== nodes)
    throw combination('The number of PreferredCacheClusterAZs must equal NumCacheClusters.')
  return Array.from({ length: shards }, () => ({
    id: undefined,
    slots: undefined,
    zones: Array.from({ length: nodes }, (_, position) => zones[position]),
  }))
}

function configuredShards(input: ShapeInput): readonly ShardShape[] {
  const given = input.NodeGroupConfiguration ?? []
  if (input.PreferredCacheClusterAZs?.length)
    throw combination('Only one of PreferredCacheClusterAZs or NodeGroupConfiguration can be provided.')
  if (input.NumNodeGroups !== undefined && input.NumNodeGroups !== given.length)
    throw combination('The number of NodeGroupConfiguration entries must equal NumNodeGroups.')
  const requests = given.map(readConfiguration)
  requireDistinctNodeGroups(requests)
  return requests.map((request, index) => ({
    id: request.id === undefined ? undefined : requireNodeGroupId(request.id),
    slots: request.slots,
    zones: [
      given[index]?.PrimaryAvailabilityZone,
      ...Array.from(
        { length: replicasOf(request, commonReplicas(input)) },
        (_, position) => request.replicaZones[position],
      ),
    ],
  }))
}

function readConfiguration(given: NodeGroupConfiguration): NodeGroupRequest {
  if (given.PrimaryOutpostArn !== undefined || given.ReplicaOutpostArns?.length) throw notBuilt('Placement on Outposts')
  return {
    id: given.NodeGroupId,
    slots: given.Slots,
    replicaCount: given.ReplicaCount,
    replicaZones: given.ReplicaAvailabilityZones ?? [],
  }
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
