/** A Memcached cluster as AWS shows it. Only here is there a ConfigurationEndpoint, and more than one node. */
import type { CacheCluster, CacheNode, PendingModifiedValues } from '@aws-sdk/client-elasticache'
import {
  type MemcachedClusterDesired,
  type MemcachedClusterRow,
  memcachedClusterStatus,
  memcachedNodeStatus,
} from '@hotshelf/domain'
import { renderEndpoint, renderTransitEncryption } from '../../replication-group/render-parts.ts'

export function renderMemcached(row: MemcachedClusterRow, showNodes: boolean): CacheCluster {
  const { desired } = row
  const seen = row.observation?.observed
  const stale = desired.nodes.filter(node => seen?.nodes[node.id]?.parametersInSync === false).map(node => node.id)
  const zones = new Set(desired.nodes.map(node => node.availabilityZone))
  return {
    CacheClusterId: desired.id,
    ...(seen?.configuration && { ConfigurationEndpoint: renderEndpoint(seen.configuration) }),
    ClientDownloadLandingPage: 'https://console.aws.amazon.com/elasticache/home#client-download:',
    CacheNodeType: desired.nodeType,
    Engine: 'memcached',
    EngineVersion: desired.engineVersion,
    CacheClusterStatus: memcachedClusterStatus(row),
    NumCacheNodes: desired.nodes.length,
    PreferredAvailabilityZone: zones.size > 1 ? 'Multiple' : [...zones][0],
    CacheClusterCreateTime: row.createdAt,
    PreferredMaintenanceWindow: desired.maintenanceWindow,
    PendingModifiedValues: renderPending(row),
    ...(desired.notificationTopicArn !== undefined && {
      NotificationConfiguration: { TopicArn: desired.notificationTopicArn, TopicStatus: 'active' },
    }),
    CacheSecurityGroups: [],
    CacheParameterGroup: {
      CacheParameterGroupName: desired.parameterGroup,
      ParameterApplyStatus: stale.length > 0 ? 'pending-reboot' : 'in-sync',
      CacheNodeIdsToReboot: stale,
    },
    ...(desired.subnetGroup !== undefined && { CacheSubnetGroupName: desired.subnetGroup }),
    ...(showNodes && { CacheNodes: cacheNodes(row) }),
    AutoMinorVersionUpgrade: desired.autoMinorVersionUpgrade,
    SecurityGroups: desired.securityGroupIds.map(id => ({ SecurityGroupId: id, Status: 'active' })),
    AuthTokenEnabled: false,
    ...renderTransitEncryption(desired.transitEncryption),
    AtRestEncryptionEnabled: false,
    ARN: row.arn,
    ReplicationGroupLogDeliveryEnabled: false,
    LogDeliveryConfigurations: [],
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
  }
}

/** Without an endpoint yet there is no node to show: clients stop at a node that lacks its address. */
function cacheNodes(row: MemcachedClusterRow): CacheNode[] {
  return row.desired.nodes.flatMap(node => {
    const seen = row.observation?.observed.nodes[node.id]
    if (!seen?.endpoint) return []
    return [
      {
        CacheNodeId: node.id,
        CacheNodeStatus: memcachedNodeStatus(row, node),
        CacheNodeCreateTime: new Date(node.createdAt),
        Endpoint: renderEndpoint(seen.endpoint),
        ParameterGroupStatus: seen.parametersInSync ? 'in-sync' : 'pending-reboot',
        CustomerAvailabilityZone: node.availabilityZone,
      },
    ]
  })
}

function renderPending(row: MemcachedClusterRow): PendingModifiedValues {
  const pending = row.pending as Partial<MemcachedClusterDesired> | undefined
  if (!pending) return {}
  const leaving = row.desired.nodes.filter(node => pending.nodes?.every(one => one.id !== node.id))
  return {
    ...(pending.nodes && { NumCacheNodes: pending.nodes.length }),
    ...(pending.nodes && leaving.length > 0 && { CacheNodeIdsToRemove: leaving.map(node => node.id) }),
    ...(pending.engineVersion !== undefined && { EngineVersion: pending.engineVersion }),
    ...(pending.nodeType !== undefined && { CacheNodeType: pending.nodeType }),
  }
}
