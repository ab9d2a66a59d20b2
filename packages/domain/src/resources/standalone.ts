/**
 * A cache cluster of one Redis or Valkey node without a replication group. Here it is a group of one node, so that
 * everything that holds for groups holds for it; customers see a cache cluster and no group. Its row has a name that no
 * customer can give, and an ARN of its own: when CreateReplicationGroup makes it the primary of a group, the row takes the
 * group's name, and node, data, address and secrets stay what they are.
 */
import { type Arn, elasticacheArn, type Scope } from './arn.ts'
import type { EventSourceType } from './event.ts'
import {
  type CacheClusterStatus,
  memberStatus,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
  replicationGroupStatus,
} from './replication-group.ts'

/** Customers' names have no dot. */
export const standaloneName = (cluster: string): string => `${cluster}.standalone`

/** Never the same twice, because a group that was made of a cluster keeps it, when the cluster's name is long free again. */
export const standaloneKey = (scope: Scope, cluster: string, at: Date): Arn =>
  elasticacheArn(scope, 'replicationgroup', `${cluster}.${at.getTime().toString(36)}`)

type Named = Scope & { readonly name: string; readonly desired: Pick<ReplicationGroupDesired, 'id' | 'standalone'> }

/** The ARN that customers know: of the cache cluster, or of the group. Tags are kept under it. */
export const customerArn = (row: Named): Arn =>
  row.desired.standalone
    ? elasticacheArn(row, 'cluster', row.desired.id)
    : elasticacheArn(row, 'replicationgroup', row.name)

/** Whom events about the whole are told of. */
export const eventSource = (
  row: Named,
): { readonly sourceType: EventSourceType; readonly sourceId: string; readonly arn: Arn } => ({
  sourceType: row.desired.standalone ? 'cache-cluster' : 'replication-group',
  sourceId: row.desired.standalone ? row.desired.id : row.name,
  arn: customerArn(row),
})

/** A cache cluster has no `create-failed` on AWS: it is `creating` until it can be made. */
export function standaloneStatus(row: ReplicationGroupRow): CacheClusterStatus {
  const node = row.desired.shards[0]?.nodes[0]
  if (node && memberStatus(row, node.id) === 'rebooting cluster nodes') return 'rebooting cluster nodes'
  const status = replicationGroupStatus(row)
  return status === 'create-failed' ? 'creating' : status
}
