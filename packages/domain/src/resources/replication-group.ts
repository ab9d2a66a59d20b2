/**
 * A replication group: shards of one primary and up to five replicas, asked for by a customer.
 * `desired` holds every answer to "what should be", with all defaults filled in, so nothing later has to guess.
 */
import type { Arn } from './arn.ts'
import type { Endpoint, NodeDesired, NodeId, NodeObserved, ShardId } from './node.ts'
import type { Row } from './resource.ts'
import type { RestoreDesired } from './snapshot.ts'
import type { AppliedAccess } from './user.ts'

export type EngineName = 'redis' | 'valkey'
/** disabled: one shard, classic replication. compatible: cluster protocol, still one shard. enabled: the cluster protocol. */
export type ClusterMode = 'disabled' | 'compatible' | 'enabled'
/** preferred: clients with and without TLS are both accepted. */
export type TransitEncryption = 'off' | 'preferred' | 'required'

export interface ShardDesired {
  readonly id: ShardId
  /** Slot ranges as AWS writes them, `0-5460,9000-9010`; undefined where cluster mode is disabled. */
  readonly slots: string | undefined
  /** A shard that was asked to go: it has no slots to own, and leaves `desired` once it is empty. */
  readonly leaving?: true
  /** Node position 1 is first for ever: positions do not follow roles. */
  readonly nodes: readonly NodeDesired[]
}

export interface LogDelivery {
  readonly logType: 'slow-log' | 'engine-log'
  readonly destinationType: 'cloudwatch-logs' | 'kinesis-firehose'
  readonly destination: string
  readonly logFormat: 'text' | 'json'
}

export interface ReplicationGroupDesired {
  readonly id: string
  /** A cache cluster of one node that customers made without a group: shown as that, and as no group (see standalone.ts). */
  readonly standalone?: true
  readonly description: string
  readonly engine: EngineName
  /** As requested and reported back, normalised: `7.1`, `8.0`. The binary that serves it may be another (see engine-versions). */
  readonly engineVersion: string
  readonly nodeType: string
  readonly clusterMode: ClusterMode
  readonly shards: readonly ShardDesired[]
  readonly port: number
  readonly parameterGroup: string
  readonly subnetGroup: string | undefined
  readonly securityGroupIds: readonly string[]
  readonly automaticFailover: boolean
  readonly multiAz: boolean
  readonly transitEncryption: TransitEncryption
  readonly atRestEncryption: boolean
  readonly kmsKeyId: string | undefined
  /** True when an AUTH token is set; the token itself is a sealed secret named `auth-token`. */
  readonly authToken: boolean
  /** Grows by one whenever the sealed token changes, so that control sees a change it may not read here. */
  readonly authTokenVersion: number
  /** The last change of tokens, and the generation that asked for it: until that one is settled it shows as pending. */
  readonly authTokenUpdate?: { readonly status: 'SETTING' | 'ROTATING'; readonly askedAt: number } | undefined
  readonly userGroupIds: readonly string[]
  /** Grows by one whenever a user or user group of this cache changes: it is modified by that, as on AWS. */
  readonly userAccessVersion?: number
  readonly maintenanceWindow: string
  readonly snapshotRetentionDays: number
  readonly snapshotWindow: string
  /** The member daily snapshots are taken from, where cluster mode is disabled and a customer chose. */
  readonly snapshottingNode: NodeId | undefined
  readonly notificationTopicArn: string | undefined
  readonly autoMinorVersionUpgrade: boolean
  readonly logDelivery: readonly LogDelivery[]
  readonly dataTiering: boolean
  readonly networkType: 'ipv4' | 'ipv6' | 'dual_stack'
  readonly ipDiscovery: 'ipv4' | 'ipv6'
  readonly durability: 'disabled' | 'async' | 'sync' | undefined
  /** Who should be primary of a shard, where somebody asked or a primary was lost. */
  readonly targetPrimary: Readonly<Record<ShardId, NodeId>>
  /** Tests of failover that were asked for in the last 24 hours; `at` is ISO 8601. Rows of earlier releases have none. */
  readonly testFailovers?: readonly { readonly shard: ShardId; readonly at: string }[]
  /** The generation that made a group of a cache cluster: until that one is settled, the group shows as being created. */
  readonly formedAt?: number
  /** Where its first data comes from; without meaning once the group was available. */
  readonly restore?: RestoreDesired
  /** Asked for together with the deletion: nothing is taken away before this snapshot is whole. */
  readonly finalSnapshot?: Arn
}

/** The summary of the world that customers see; control writes it at the end of every turn that changed it. */
export interface ReplicationGroupObserved {
  /** True once every node answered in sync: from then on trouble is `modifying`, no longer `creating`. */
  readonly everAvailable: boolean
  /** True while the world matches `desired` and every node answers in sync. */
  readonly settled: boolean
  /** Why the group cannot be made, with the way out; makes `create-failed` until a later try succeeds. */
  readonly failure: string | undefined
  readonly nodes: Readonly<Record<NodeId, NodeObserved>>
  readonly primaryOf: Readonly<Record<ShardId, NodeId>>
  readonly endpoints: {
    readonly primary: Endpoint | undefined
    readonly reader: Endpoint | undefined
    readonly configuration: Endpoint | undefined
  }
  /** The slots that each shard owns, by its primary's own word; absent where cluster mode is disabled. */
  readonly slots?: Readonly<Record<ShardId, string>>
  /** How many slots the reshard that is under way moves in all; absent when none is. */
  readonly resharding?: { readonly slots: number }
  /** Of the nodes that only stand in, which customers do not see, those whose log holds all their data. */
  readonly loggedSpares?: readonly NodeId[]
  /** Nodes that a snapshot is taken from now. */
  readonly snapshotting?: readonly NodeId[]
  /** What each node was last given while it ran, by digest; void once the node was started anew. */
  readonly applied: Readonly<
    Record<
      NodeId,
      {
        readonly startedAt: string
        readonly access: string
        readonly directives: string
        /** Which user each name is; missing in rows of earlier versions. */
        readonly names?: Readonly<Record<string, string>>
        /** When the certificate that it read last was written, in ISO 8601, where that was after its start. */
        readonly certificate?: string
      }
    >
  >
  /** Users whom no running node lacks, and their groups; absent where there is no access control by users. */
  readonly userAccess?: AppliedAccess
}

export type ReplicationGroupRow = Row<ReplicationGroupDesired, ReplicationGroupObserved>

export type ReplicationGroupStatus =
  | 'creating'
  | 'available'
  | 'modifying'
  | 'deleting'
  | 'create-failed'
  | 'snapshotting'

/** Of a cache cluster that is no member of a group. */
export type CacheClusterStatus =
  | 'creating'
  | 'available'
  | 'modifying'
  | 'rebooting cluster nodes'
  | 'deleting'
  | 'snapshotting'

/** Status is computed, never assigned: there is no illegal transition to guard against. */
export function replicationGroupStatus(row: ReplicationGroupRow): ReplicationGroupStatus {
  if (row.deleteRequestedAt) return 'deleting'
  const seen = row.observation
  if (!seen) return 'creating'
  if (seen.observed.failure !== undefined && !seen.observed.everAvailable) return 'create-failed'
  if (seen.observed.settled && seen.generation === row.generation)
    return seen.observed.snapshotting?.length ? 'snapshotting' : 'available'
  return seen.observed.everAvailable && !isForming(row) ? 'modifying' : 'creating'
}

/** The node serves already, as the cache cluster that it was; the group around it is not complete yet. */
export const isForming = ({ desired, observation }: Pick<ReplicationGroupRow, 'desired' | 'observation'>): boolean =>
  desired.formedAt !== undefined && (observation?.generation ?? 0) < desired.formedAt

/**
 * A node's status as DescribeCacheClusters tells it: a node nobody has seen yet is `creating`. A reboot shows from the
 * moment it was asked for, before control has seen it: a waiter that looks at once must not find `available`.
 */
export function memberStatus(row: ReplicationGroupRow, node: NodeId): NodeObserved['status'] {
  if (row.deleteRequestedAt || nodeIn(row.desired, node)?.leavesAfter) return 'deleting'
  const seen = row.observation?.observed.nodes[node]?.status ?? 'creating'
  if (seen === 'available' && row.observation?.observed.snapshotting?.includes(node)) return 'snapshotting'
  return seen !== 'creating' && awaitsReboot(row, node) ? 'rebooting cluster nodes' : seen
}

function awaitsReboot(row: ReplicationGroupRow, node: NodeId): boolean {
  const asked = nodeIn(row.desired, node)?.rebootAskedAt
  return asked !== undefined && (row.observation?.generation ?? 0) < asked
}

const nodeIn = (desired: ReplicationGroupDesired, node: NodeId): NodeDesired | undefined =>
  allNodes(desired).find(one => one.id === node)

/** Members of a group are cache clusters of their own in ARNs and events. */
export const memberArnType = 'cluster' as const

export const usesClusterProtocol = (desired: Pick<ReplicationGroupDesired, 'clusterMode'>): boolean =>
  desired.clusterMode !== 'disabled'

export const allNodes = (desired: Pick<ReplicationGroupDesired, 'shards'>): readonly NodeDesired[] =>
  desired.shards.flatMap(shard => shard.nodes)

export const shardOf = (desired: Pick<ReplicationGroupDesired, 'shards'>, node: NodeId): ShardDesired | undefined =>
  desired.shards.find(shard => shard.nodes.some(member => member.id === node))
