/**
 * A replication group as AWS shows it. Two shapes: with cluster mode enabled the group has a configuration endpoint and its
 * members no roles and no endpoints of their own; otherwise the one node group has the primary and reader endpoints. Only
 * while the mode is compatible both are shown. NodeGroups and members are there from the first answer, members in the order of their
 * ids for ever, whoever is primary: clients take positions for identities.
 */
import type { NodeGroup, NodeGroupMember, ReplicationGroup } from '@aws-sdk/client-elasticache'
import {
  allNodes,
  customerArn,
  type NodeDesired,
  type NodeObserved,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
  type ReplicationGroupStatus,
  replicationGroupStatus,
  type ShardDesired,
  slotMigration,
  usesClusterProtocol,
} from '@hotshelf/domain'
import { renderDurability } from './durability.ts'
import { renderLogDelivery } from './log-delivery.ts'
import { renderPending } from './pending.ts'
import { renderEndpoint, renderTransitEncryption } from './render-parts.ts'

export function renderReplicationGroup(row: ReplicationGroupRow): ReplicationGroup {
  const { desired } = row
  const status = replicationGroupStatus(row)
  return {
    ReplicationGroupId: desired.id,
    Description: desired.description,
    GlobalReplicationGroupInfo: {},
    Status: status,
    PendingModifiedValues: renderPending(row),
    MemberClusters: allNodes(desired).map(node => node.id),
    NodeGroups: desired.shards.map(shard => renderNodeGroup(row, shard, status)),
    ...(desired.snapshottingNode !== undefined && { SnapshottingClusterId: desired.snapshottingNode }),
    ...configurationEndpoint(row),
    ...renderSettings(desired),
    ARN: customerArn(row),
    ReplicationGroupCreateTime: row.createdAt,
    LogDeliveryConfigurations: renderLogDelivery(desired.logDelivery),
  }
}

function renderSettings(desired: ReplicationGroupDesired): ReplicationGroup {
  return {
    AutomaticFailover: desired.automaticFailover ? 'enabled' : 'disabled',
    MultiAZ: desired.multiAz ? 'enabled' : 'disabled',
    SnapshotRetentionLimit: desired.snapshotRetentionDays,
    SnapshotWindow: desired.snapshotWindow,
    ClusterEnabled: usesClusterProtocol(desired),
    ClusterMode: desired.clusterMode,
    CacheNodeType: desired.nodeType,
    AuthTokenEnabled: desired.authToken,
    ...renderTransitEncryption(desired.transitEncryption),
    AtRestEncryptionEnabled: desired.atRestEncryption,
    StorageEncryptionType: storageEncryption(desired),
    ...(desired.kmsKeyId !== undefined && { KmsKeyId: desired.kmsKeyId }),
    UserGroupIds: [...desired.userGroupIds],
    DataTiering: desired.dataTiering ? 'enabled' : 'disabled',
    AutoMinorVersionUpgrade: desired.autoMinorVersionUpgrade,
    NetworkType: desired.networkType,
    IpDiscovery: desired.ipDiscovery,
    Engine: desired.engine,
    ...renderDurability(desired),
  }
}

function storageEncryption(desired: ReplicationGroupDesired): NonNullable<ReplicationGroup['StorageEncryptionType']> {
  if (!desired.atRestEncryption) return 'none'
  return desired.kmsKeyId === undefined ? 'sse-elasticache' : 'sse-kms'
}

function configurationEndpoint(row: ReplicationGroupRow): Pick<ReplicationGroup, 'ConfigurationEndpoint'> {
  const endpoint = row.observation?.observed.endpoints.configuration
  const { clusterMode } = row.desired
  if (clusterMode === 'disabled' || !endpoint) return {}
  // Not before the primary speaks the cluster protocol.
  if (clusterMode === 'compatible' && row.observation?.observed.slots === undefined) return {}
  return { ConfigurationEndpoint: renderEndpoint(endpoint) }
}

function renderNodeGroup(row: ReplicationGroupRow, shard: ShardDesired, group: ReplicationGroupStatus): NodeGroup {
  const endpoints = row.observation?.observed.endpoints
  const alone = row.desired.clusterMode !== 'enabled'
  return {
    NodeGroupId: shard.id,
    Status: nodeGroupStatus(row, shard, group),
    ...(alone && endpoints?.primary && { PrimaryEndpoint: renderEndpoint(endpoints.primary) }),
    ...(alone && endpoints?.reader && { ReaderEndpoint: renderEndpoint(endpoints.reader) }),
    ...renderSlots(row, shard),
    NodeGroupMembers: shard.nodes.map(node => renderMember(row, shard, node)),
  }
}

/** While slots move, what the shard owns and not what it should: AWS shows each slot where it is. */
function renderSlots(row: ReplicationGroupRow, shard: ShardDesired): Pick<NodeGroup, 'Slots'> {
  if (shard.slots === undefined) return {}
  const seen = slotMigration(row) ? (row.observation?.observed.slots?.[shard.id] ?? '') : shard.slots
  return seen === '' ? {} : { Slots: seen }
}

/** Controllers count a group as settled only when every node group is available too. */
function nodeGroupStatus(row: ReplicationGroupRow, shard: ShardDesired, group: ReplicationGroupStatus): string {
  if (group === 'deleting' || group === 'available') return group
  if (group === 'creating' || group === 'create-failed') return 'creating'
  const nodes = row.observation?.observed.nodes
  return shard.nodes.every(node => nodes?.[node.id]?.status === 'available') ? 'available' : 'modifying'
}

function renderMember(row: ReplicationGroupRow, shard: ShardDesired, node: NodeDesired): NodeGroupMember {
  const seen = row.observation?.observed.nodes[node.id]
  return {
    CacheClusterId: node.id,
    CacheNodeId: '0001',
    ...(row.desired.clusterMode !== 'enabled' && roleOf(row, shard, node, seen)),
    PreferredAvailabilityZone: node.availabilityZone,
  }
}

/** Only where cluster mode is disabled, and only once somebody has seen the node. */
function roleOf(
  row: ReplicationGroupRow,
  shard: ShardDesired,
  node: NodeDesired,
  seen: NodeObserved | undefined,
): NodeGroupMember {
  const primary = row.observation?.observed.primaryOf[shard.id]
  const role = primary === undefined ? seen?.role : primary === node.id ? 'primary' : 'replica'
  return {
    ...(seen?.endpoint && { ReadEndpoint: renderEndpoint(seen.endpoint) }),
    ...(role !== undefined && { CurrentRole: role }),
  }
}
