/** How many shards, replicas and nodes a request may ask for; more than fits a quota is the quota's own fault. */
import { nodesPerShard, replicasPerShard, requireWithinQuota } from '../catalog/quotas.ts'
import { type Fault, fault } from '../faults.ts'

/** NumNodeGroups, NodeGroupCount. */
export function requireShardCount(count: number): void {
  if (!Number.isInteger(count) || count < 1) throw invalid('The number of node groups (shards) must be at least 1.')
}

/** ReplicasPerNodeGroup, ReplicaCount, NewReplicaCount: 0 to 5. */
export function requireReplicaCount(count: number): void {
  if (Number.isInteger(count) && count >= 0 && count <= replicasPerShard) return
  throw invalid(`The number of replicas per node group must be within 0 and ${replicasPerShard}.`)
}

/** NumCacheClusters: 1 to 6. */
export function requireClusterCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= nodesPerShard) return
  throw invalid(`NumCacheClusters must be between 1 and ${nodesPerShard}.`)
}

/** NumCacheNodes of a cache cluster. The wording for Redis is AWS's. */
export function requireNodeCount(count: number, engine: 'redis' | 'valkey' | 'memcached'): void {
  if (engine !== 'memcached') {
    if (count !== 1) throw invalid(`NumCacheNodes should be 1 if engine is ${engine}`)
    return
  }
  if (!Number.isInteger(count) || count < 1) throw invalid('NumCacheNodes must be at least 1.')
  requireWithinQuota('nodesPerMemcachedCluster', count)
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
