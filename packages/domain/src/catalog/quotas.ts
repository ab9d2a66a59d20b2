/**
 * Limits of an account and region, and the fault that each answers with. Figures are AWS's defaults ("Quotas for
 * ElastiCache" and the service model); shards and nodes of a group are given at the most that AWS raises them to,
 * because nobody here can file a request. Messages follow the service model's words for each fault.
 */
import { type Fault, fault } from '../faults.ts'
import { supports } from './engine-features.ts'
import type { EngineKind } from './engine-versions.ts'

export interface Quota {
  readonly limit: number
  /** The SDK's error shape. */
  readonly fault: string
  readonly message: string
}

const exceeds = (limit: number, faultName: string, what: string): Quota => ({
  limit,
  fault: faultName,
  message: `The request cannot be processed because it would exceed the allowed number of ${what}: ${limit}.`,
})

export const quotas = {
  nodesPerRegion: exceeds(300, 'NodeQuotaForCustomerExceededFault', 'cache nodes per customer'),
  nodesPerMemcachedCluster: exceeds(40, 'NodeQuotaForClusterExceededFault', 'cache nodes in a single cluster'),
  parameterGroups: exceeds(300, 'CacheParameterGroupQuotaExceededFault', 'cache parameter groups'),
  securityGroups: exceeds(50, 'CacheSecurityGroupQuotaExceededFault', 'cache security groups'),
  subnetGroups: exceeds(300, 'CacheSubnetGroupQuotaExceededFault', 'cache subnet groups'),
  subnetsPerGroup: exceeds(20, 'CacheSubnetQuotaExceededFault', 'subnets in a cache subnet group'),
  users: exceeds(1000, 'UserQuotaExceededFault', 'users'),
  userGroups: exceeds(100, 'UserGroupQuotaExceededFault', 'user groups'),
  usersPerGroup: exceeds(100, 'UserGroupQuotaExceededFault', 'users in a user group'),
  manualSnapshotsPerNodeAndDay: exceeds(20, 'SnapshotQuotaExceededFault', 'snapshots of a node within 24 hours'),
  serverlessCaches: exceeds(40, 'ServerlessCacheQuotaForCustomerExceededFault', 'serverless caches'),
  serverlessSnapshotsPerDay: exceeds(
    24,
    'ServerlessCacheSnapshotQuotaExceededFault',
    'snapshots of a serverless cache within 24 hours',
  ),
  reservedNodes: exceeds(300, 'ReservedCacheNodeQuotaExceededFault', 'reserved cache nodes'),
  testFailoversPerDay: exceeds(15, 'APICallRateForCustomerExceededFault', 'shards to test failover on within 24 hours'),
  tagsPerResource: {
    limit: 50,
    fault: 'TagQuotaPerResourceExceeded',
    message: 'The maximum number of tags permitted on a resource is 50.',
  },
} as const satisfies Readonly<Record<string, Quota>>

export type QuotaName = keyof typeof quotas

/** `total` is what there would be after the request. */
export function requireWithinQuota(name: QuotaName, total: number): void {
  if (total > quotas[name].limit) throw overQuota(quotas[name])
}

export const overQuota = (quota: Quota): Fault => fault(quota.fault, quota.message)

/** Nodes, and so shards, of one group: 500 from Redis 5.0.6 and in Valkey, 250 before. AWS begins at 90. */
export const nodesPerReplicationGroup = (engine: EngineKind, version: string): number =>
  supports('fiveHundredNodes', engine, version) ? 500 : 250

export const nodesPerShard = 6
export const replicasPerShard = nodesPerShard - 1

export function requireGroupSize(engine: EngineKind, version: string, nodesOfShards: readonly number[]): void {
  const limit = nodesPerReplicationGroup(engine, version)
  if (nodesOfShards.length > limit) {
    throw overQuota(
      exceeds(
        limit,
        'NodeGroupsPerReplicationGroupQuotaExceededFault',
        'node groups (shards) in a single replication group',
      ),
    )
  }
  if (nodesOfShards.reduce((sum, nodes) => sum + nodes, 0) > limit) {
    throw overQuota(exceeds(limit, 'NodeQuotaForClusterExceededFault', 'cache nodes in a single cluster'))
  }
}
