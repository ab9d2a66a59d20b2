/** A snapshot as AWS shows it. */
import type { NodeSnapshot, Snapshot } from '@aws-sdk/client-elasticache'
import { engineVersion, type SnapshotRow, type SnapshotShard, snapshotStatus } from '@hotshelf/domain'

export interface Shown {
  /** ShowNodeGroupConfig of the request. */
  readonly configuration: boolean
  /** A group is being made from it. */
  readonly restored: boolean
}

export function renderSnapshot(row: SnapshotRow, shown: Shown = { configuration: false, restored: false }): Snapshot {
  const { desired, arn } = row
  return {
    SnapshotName: desired.name,
    ...renderSource(row),
    SnapshotStatus: snapshotStatus(row, shown.restored),
    SnapshotSource: desired.origin,
    NodeSnapshots: desired.shards.map(shard => renderNode(row, shard, shown.configuration)),
    ...(desired.kmsKeyId !== undefined && { KmsKeyId: desired.kmsKeyId }),
    ARN: arn,
  }
}

function renderSource({ desired: { source, shards } }: SnapshotRow): Snapshot {
  return {
    ...(source.group !== undefined && { ReplicationGroupId: source.group }),
    ...(source.description !== undefined && { ReplicationGroupDescription: source.description }),
    ...(source.cluster !== undefined && { CacheClusterId: source.cluster, NumCacheNodes: 1 }),
    ...(source.cluster !== undefined && { CacheClusterCreateTime: new Date(source.createdAt) }),
    CacheNodeType: source.nodeType,
    Engine: source.engine,
    EngineVersion: engineVersion(source.engine, source.engineVersion)?.patch ?? source.engineVersion,
    ...(source.availabilityZone !== undefined && { PreferredAvailabilityZone: source.availabilityZone }),
    PreferredMaintenanceWindow: source.maintenanceWindow,
    ...(source.notificationTopicArn !== undefined && { TopicArn: source.notificationTopicArn }),
    Port: source.port,
    CacheParameterGroupName: source.parameterGroup,
    ...(source.subnetGroup !== undefined && { CacheSubnetGroupName: source.subnetGroup }),
    ...(source.vpcId !== undefined && { VpcId: source.vpcId }),
    AutoMinorVersionUpgrade: source.autoMinorVersionUpgrade,
    SnapshotRetentionLimit: source.snapshotRetentionDays,
    SnapshotWindow: source.snapshotWindow,
    ...(source.clusterMode !== 'disabled' && { NumNodeGroups: shards.length }),
    AutomaticFailover: source.automaticFailover ? 'enabled' : 'disabled',
    DataTiering: source.dataTiering ? 'enabled' : 'disabled',
  }
}

/** Time and size are shown once the data of the node is stored. */
function renderNode({ desired, observation }: SnapshotRow, shard: SnapshotShard, configuration: boolean): NodeSnapshot {
  const part = observation?.observed.parts[shard.id]
  const clustered = desired.source.clusterMode !== 'disabled'
  return {
    ...(desired.source.cluster !== undefined && { CacheClusterId: desired.source.cluster }),
    ...(clustered ? { NodeGroupId: shard.id } : { CacheNodeId: '0001' }),
    ...(configuration && { NodeGroupConfiguration: renderConfiguration(shard) }),
    ...(part && { CacheSize: sizeOf(part.usedMemoryBytes), SnapshotCreateTime: new Date(part.at) }),
    CacheNodeCreateTime: new Date(shard.nodeCreatedAt),
  }
}

const renderConfiguration = (shard: SnapshotShard): NonNullable<NodeSnapshot['NodeGroupConfiguration']> => ({
  NodeGroupId: shard.id,
  ...(shard.slots !== undefined && { Slots: shard.slots }),
  ReplicaCount: shard.replicas,
  ...(shard.primaryZone !== undefined && { PrimaryAvailabilityZone: shard.primaryZone }),
  ReplicaAvailabilityZones: [...shard.replicaZones],
})

/** `5 MB`, as AWS writes it. */
const sizeOf = (bytes: number): string => `${Math.max(1, Math.round(bytes / 2 ** 20))} MB`
