/** Where to connect for a group or a node, read from what the AWS API describes; nothing is guessed. */
import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  type Endpoint,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { Failed, usage } from './failed.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly engine: string
  /** Clients must follow redirections. */
  readonly cluster: boolean
  readonly tls: boolean
  readonly auth: boolean
}

export async function describeGroup(client: ElastiCacheClient, id: string): Promise<ReplicationGroup> {
  try {
    const answer = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))
    const group = answer.ReplicationGroups?.[0]
    if (group) return group
  } catch (error) {
    if ((error as Error).name !== 'ReplicationGroupNotFoundFault') throw error
  }
  const alone = await clusterAlone(client, id)
  if (alone) return asGroup(alone)
  throw new Failed(
    `There is no replication group "${id}" in this region.`,
    '`hotshelf status` shows those that there are.',
  )
}

/** A cache cluster of Redis or Valkey that is in no group. */
async function clusterAlone(client: ElastiCacheClient, id: string): Promise<CacheCluster | undefined> {
  try {
    const asked = new DescribeCacheClustersCommand({ CacheClusterId: id, ShowCacheNodeInfo: true })
    const found = (await client.send(asked)).CacheClusters?.[0]
    return found?.ReplicationGroupId === undefined && found?.Engine !== 'memcached' ? found : undefined
  } catch (error) {
    if ((error as Error).name !== 'CacheClusterNotFoundFault') throw error
    return undefined
  }
}

/** A group of one node, whose endpoint is the node's. */
function asGroup(cluster: CacheCluster): ReplicationGroup {
  const id = cluster.CacheClusterId ?? ''
  const endpoint = cluster.CacheNodes?.[0]?.Endpoint
  const shard = { NodeGroupId: '0001', PrimaryEndpoint: endpoint, ReaderEndpoint: endpoint }
  const member = { CacheClusterId: id, CacheNodeId: '0001', CurrentRole: 'primary', ReadEndpoint: endpoint }
  return {
    ReplicationGroupId: id,
    Status: cluster.CacheClusterStatus,
    Engine: cluster.Engine,
    CacheNodeType: cluster.CacheNodeType,
    MemberClusters: [id],
    NodeGroups: [{ ...shard, NodeGroupMembers: [member] }],
    TransitEncryptionEnabled: false,
    AuthTokenEnabled: false,
  }
}

export async function groupTarget(client: ElastiCacheClient, id: string, role: 'primary' | 'reader'): Promise<Target> {
  const group = await describeGroup(client, id)
  const cluster = group.ConfigurationEndpoint !== undefined
  if (cluster && role === 'reader') {
    throw usage(
      `${id} has cluster mode enabled, so it has no reader endpoint.`,
      `Name a replica with --node; it has ${(group.MemberClusters ?? []).join(', ')}.`,
    )
  }
  const shard = group.NodeGroups?.[0]
  const endpoint = group.ConfigurationEndpoint ?? (role === 'reader' ? shard?.ReaderEndpoint : shard?.PrimaryEndpoint)
  return endpointTarget(group, endpoint, cluster)
}

export async function nodeTarget(client: ElastiCacheClient, id: string, node: string): Promise<Target> {
  const group = await describeGroup(client, id)
  if (!group.MemberClusters?.includes(node)) {
    throw usage(`${id} has no node "${node}".`, `It has ${(group.MemberClusters ?? []).join(', ')}.`)
  }
  const answer = await client.send(new DescribeCacheClustersCommand({ CacheClusterId: node, ShowCacheNodeInfo: true }))
  const endpoint = answer.CacheClusters?.[0]?.CacheNodes?.[0]?.Endpoint
  // Commands for this node only: following a redirection would lead away from it.
  return endpointTarget(group, endpoint, false)
}

export function endpointTarget(group: ReplicationGroup, endpoint: Endpoint | undefined, cluster: boolean): Target {
  if (endpoint?.Address === undefined || endpoint.Port === undefined) {
    throw new Failed(
      `${group.ReplicationGroupId} is ${group.Status} and has no such endpoint yet.`,
      '`hotshelf status` shows how far it is, `hotshelf plan` what is done next.',
    )
  }
  return {
    host: endpoint.Address,
    port: endpoint.Port,
    engine: group.Engine ?? 'valkey',
    cluster,
    // While encryption is only preferred, the port itself speaks plain text too.
    tls: group.TransitEncryptionEnabled === true && group.TransitEncryptionMode !== 'preferred',
    auth: group.AuthTokenEnabled === true,
  }
}
