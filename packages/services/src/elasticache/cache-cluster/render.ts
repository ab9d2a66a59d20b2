/**
 * A cache cluster as AWS shows it; today always a member of a replication group. Infrastructure tools read a group's
 * engine version, parameter group, subnet group, security groups and window from its first member, so all of it is here.
 * ConfigurationEndpoint is Memcached's alone.
 */
import type { CacheCluster, CacheNode, CacheParameterGroupStatus } from '@aws-sdk/client-elasticache'
import {
  elasticacheArn,
  engineVersion,
  memberStatus,
  type NodeObserved,
  type ReplicationGroupDesired,
} from '@hotshelf/domain'
import { renderMemberPending } from '../replication-group/pending.ts'
import { renderEndpoint, renderTransitEncryption } from '../replication-group/render-parts.ts'
import type { Member } from './find-member.ts'

export function renderMemberCluster({ group, node }: Member, showNodes: boolean): CacheCluster {
  const { desired } = group
  const seen = group.observation?.observed.nodes[node.id]
  const status = memberStatus(group, node.id)
  return {
    CacheClusterId: node.id,
    ClientDownloadLandingPage: 'https://console.aws.amazon.com/elasticache/home#client-download:',
    CacheNodeType: desired.nodeType,
    Engine: desired.engine,
    EngineVersion: engineVersion(desired.engine, desired.engineVersion)?.patch ?? desired.engineVersion,
    CacheClusterStatus: status,
    NumCacheNodes: 1,
    PreferredAvailabilityZone: node.availabilityZone,
    CacheClusterCreateTime: new Date(node.createdAt),
    PendingModifiedValues: renderMemberPending(group),
    CacheSecurityGroups: [],
    CacheParameterGroup: parameterGroupStatus(desired, seen),
    ...(showNodes && cacheNodes({ group, node }, seen)),
    ReplicationGroupId: desired.id,
    ARN: elasticacheArn(group, 'cluster', node.id),
    ...renderSettings(desired),
    SnapshotRetentionLimit: takesSnapshots(desired, node.id) ? desired.snapshotRetentionDays : 0,
  }
}

function renderSettings(desired: ReplicationGroupDesired): CacheCluster {
  return {
    PreferredMaintenanceWindow: desired.maintenanceWindow,
    SnapshotWindow: desired.snapshotWindow,
    ...(desired.notificationTopicArn !== undefined && {
      NotificationConfiguration: { TopicArn: desired.notificationTopicArn, TopicStatus: 'active' },
    }),
    ...(desired.subnetGroup !== undefined && { CacheSubnetGroupName: desired.subnetGroup }),
    SecurityGroups: desired.securityGroupIds.map(id => ({ SecurityGroupId: id, Status: 'active' })),
    AutoMinorVersionUpgrade: desired.autoMinorVersionUpgrade,
    AuthTokenEnabled: desired.authToken,
    ...renderTransitEncryption(desired.transitEncryption),
    AtRestEncryptionEnabled: desired.atRestEncryption,
    ReplicationGroupLogDeliveryEnabled: desired.logDelivery.length > 0,
    LogDeliveryConfigurations: [],
    NetworkType: desired.networkType,
    IpDiscovery: desired.ipDiscovery,
  }
}

/** With cluster mode enabled every shard is saved; otherwise the one member that daily snapshots are taken from. */
const takesSnapshots = (desired: ReplicationGroupDesired, node: string): boolean =>
  desired.clusterMode === 'enabled' || desired.snapshottingNode === node

function parameterGroupStatus(
  desired: ReplicationGroupDesired,
  seen: NodeObserved | undefined,
): CacheParameterGroupStatus {
  return {
    CacheParameterGroupName: desired.parameterGroup,
    ParameterApplyStatus: applyStatus(seen),
    CacheNodeIdsToReboot: seen?.parametersInSync === false ? ['0001'] : [],
  }
}

const applyStatus = (seen: NodeObserved | undefined): string =>
  seen?.parametersInSync === false ? 'pending-reboot' : 'in-sync'

/** Without an endpoint yet there is no node to show: clients stop at a node that lacks its address. */
function cacheNodes({ group, node }: Pick<Member, 'group' | 'node'>, seen: NodeObserved | undefined): CacheCluster {
  if (!seen?.endpoint) return {}
  const shown: CacheNode = {
    CacheNodeId: '0001',
    CacheNodeStatus: nodeStatus(memberStatus(group, node.id)),
    CacheNodeCreateTime: new Date(node.createdAt),
    Endpoint: renderEndpoint(seen.endpoint),
    ParameterGroupStatus: applyStatus(seen),
    CustomerAvailabilityZone: node.availabilityZone,
  }
  return { CacheNodes: [shown] }
}

/** A node has four states where its cluster has more; one that is being brought back is being created again. */
function nodeStatus(status: NodeObserved['status']): string {
  if (status === 'rebooting cluster nodes') return 'rebooting'
  if (status === 'snapshotting') return 'available'
  return status === 'modifying' ? 'creating' : status
}
