/**
 * A snapshot: the data of a group, shard by shard, as the engine's own files, and what must be known to make the group
 * again. `desired` holds what it is to be of and is complete from the first moment; control carries it out and says in
 * `observed` how far it is. A snapshot is `available` only once every part is stored, checked and listed in its manifest.
 */
import type { ClusterMode, EngineName, ReplicationGroupDesired } from './replication-group.ts'
import type { NodeId, ShardId } from './node.ts'
import type { Arn, Scope } from './arn.ts'
import type { Row } from './resource.ts'

/** What is known of the group that a snapshot is of, kept for when that group is long gone. */
export interface SnapshotSource {
  /** Undefined where a cache cluster stood alone. */
  readonly group: string | undefined
  readonly description: string | undefined
  /** The member that was asked for by name, where cluster mode is disabled. */
  readonly cluster: NodeId | undefined
  readonly engine: EngineName
  readonly engineVersion: string
  readonly nodeType: string
  readonly clusterMode: ClusterMode
  readonly port: number
  readonly parameterGroup: string
  readonly subnetGroup: string | undefined
  readonly vpcId: string | undefined
  readonly availabilityZone: string | undefined
  readonly createdAt: string
  readonly maintenanceWindow: string
  readonly snapshotWindow: string
  readonly snapshotRetentionDays: number
  readonly notificationTopicArn: string | undefined
  readonly autoMinorVersionUpgrade: boolean
  readonly automaticFailover: boolean
  readonly dataTiering: boolean
}

export interface SnapshotShard {
  readonly id: ShardId
  /** As AWS writes ranges; undefined where cluster mode is disabled. */
  readonly slots: string | undefined
  /** The node to take it from if it can be had; others of the shard stand in. */
  readonly node: NodeId | undefined
  readonly replicas: number
  readonly primaryZone: string | undefined
  readonly replicaZones: readonly string[]
  readonly nodeCreatedAt: string
}

export type SnapshotWork =
  | { readonly do: 'take'; readonly group: Arn }
  /** `from` must stay until it is done. */
  | { readonly do: 'copy'; readonly from: Arn }
  /** To a bucket, as plain files that any engine loads; the row goes once they are there. */
  | { readonly do: 'export'; readonly from: Arn; readonly bucket: string }

export interface SnapshotDesired {
  readonly name: string
  readonly origin: 'manual' | 'automated'
  readonly work: SnapshotWork
  readonly source: SnapshotSource
  readonly shards: readonly SnapshotShard[]
  /** Where its parts lie in the storage; never used twice. */
  readonly place: string
  /** Its parts are encrypted with a key of their own. */
  readonly sealed: boolean
  readonly kmsKeyId: string | undefined
  /** The last one of a group that is deleted: it is tried until it succeeds, for the data goes with the group. */
  readonly final?: true
}

/** One shard's data as it is stored. */
export interface SnapshotPart {
  /** Bytes of the engine's file, and SHA-256 of them in hexadecimal; not of the sealed form. */
  readonly bytes: number
  readonly sha256: string
  /** Version of the file's format; an engine reads its own and older ones. */
  readonly format: number
  /** Memory that the data took in the engine, by its own word. */
  readonly usedMemoryBytes: number
  /** ISO 8601: the moment that the data is of. */
  readonly at: string
  readonly from: string
}

export interface SnapshotObserved {
  readonly state: 'working' | 'available' | 'failed'
  readonly parts: Readonly<Record<ShardId, SnapshotPart>>
  /** Bytes of the part under way so far, rounded. */
  readonly bytesUnderWay: number
  /** Why it is not there: for good when `failed`, until the next try otherwise. */
  readonly failure: string | undefined
}

export type SnapshotRow = Row<SnapshotDesired, SnapshotObserved>

export type SnapshotStatus = 'creating' | 'available' | 'restoring' | 'copying' | 'deleting' | 'failed'

/** `restored`: a group is being made from it. Computed, never assigned. */
export function snapshotStatus(row: SnapshotRow, restored = false): SnapshotStatus {
  if (row.deleteRequestedAt) return 'deleting'
  const state = row.observation?.observed.state ?? 'working'
  if (state === 'failed') return 'failed'
  if (state === 'working') return row.desired.work.do === 'take' ? 'creating' : 'copying'
  return restored ? 'restoring' : 'available'
}

export const isUnderWay = (row: SnapshotRow): boolean =>
  row.deleteRequestedAt === undefined && (row.observation?.observed.state ?? 'working') === 'working'

/** Takes the data of this group at this moment. */
export const takes = (row: SnapshotRow, group: Arn): boolean =>
  row.desired.work.do === 'take' && row.desired.work.group === group

/** Where a snapshot lies. `unique`: a snapshot that is made again under its name must not meet what is left of the one before. */
export const snapshotPlace = ({ account, region }: Scope, name: string, unique: string): string =>
  `snapshots/${account}/${region}/${name}/${unique}`

/** The file of one shard: `0001.rdb`, or `0001.rdb.sealed`. */
export const partKey = ({ place, sealed }: Pick<SnapshotDesired, 'place' | 'sealed'>, shard: ShardId): string =>
  `${place}/${shard}.rdb${sealed ? '.sealed' : ''}`

/** Written when every part is there: a place without it is what an interrupted snapshot left. */
export const manifestKey = ({ place }: Pick<SnapshotDesired, 'place'>): string => `${place}/manifest.json`

/** What ElastiCache calls the files of an export: one for each node group. */
export const exportKey = (name: string, shard: ShardId): string => `${name}-${shard}.rdb`

/** `automatic.my-group-2026-11-26-03-15`: of the member that is saved, or of the group where all of its shards are. */
export function automaticSnapshotName(of: string, at: Date): string {
  return `automatic.${of}-${at.toISOString().slice(0, 16).replaceAll(/[T:]/g, '-')}`
}

/** Where a group is to get its first data from. */
export interface RestoreDesired {
  /** Of a snapshot of ours. */
  readonly snapshot: Arn | undefined
  readonly snapshotName: string | undefined
  readonly parts: readonly RestorePart[]
}

export interface RestorePart {
  /** Undefined where nobody knows: then any slot may be in it. */
  readonly slots: string | undefined
  readonly from:
    | { readonly kind: 'part'; readonly key: string; readonly sealed: boolean; readonly shard: ShardId }
    /** `s3://bucket/key` or `file:///path` */
    | { readonly kind: 'file'; readonly uri: string }
  /** Undefined for files of customers. */
  readonly bytes: number | undefined
  readonly sha256: string | undefined
}

/** What a snapshot keeps of the group it is of. */
export function snapshotSource(
  desired: ReplicationGroupDesired,
  about: Pick<SnapshotSource, 'cluster' | 'vpcId' | 'createdAt'>,
): SnapshotSource {
  const zone = desired.shards.flatMap(shard => shard.nodes).find(node => node.id === about.cluster)?.availabilityZone
  return {
    ...about,
    group: desired.standalone ? undefined : desired.id,
    description: desired.standalone ? undefined : desired.description,
    engine: desired.engine,
    engineVersion: desired.engineVersion,
    nodeType: desired.nodeType,
    clusterMode: desired.clusterMode,
    port: desired.port,
    parameterGroup: desired.parameterGroup,
    subnetGroup: desired.subnetGroup,
    availabilityZone: zone,
    maintenanceWindow: desired.maintenanceWindow,
    snapshotWindow: desired.snapshotWindow,
    snapshotRetentionDays: desired.snapshotRetentionDays,
    notificationTopicArn: desired.notificationTopicArn,
    autoMinorVersionUpgrade: desired.autoMinorVersionUpgrade,
    automaticFailover: desired.automaticFailover,
    dataTiering: desired.dataTiering,
  }
}

/** The shards of a group as a snapshot lists them. `node`: the member that is to be saved, where somebody chose one. */
export const snapshotShards = (
  { shards }: Pick<ReplicationGroupDesired, 'shards'>,
  node: NodeId | undefined,
): readonly SnapshotShard[] =>
  shards
    .filter(shard => !shard.leaving)
    .map(shard => ({
      id: shard.id,
      slots: shard.slots,
      node,
      replicas: shard.nodes.length - 1,
      primaryZone: shard.nodes[0]?.availabilityZone,
      replicaZones: shard.nodes.slice(1).map(({ availabilityZone }) => availabilityZone),
      nodeCreatedAt: shard.nodes[0]?.createdAt ?? '',
    }))
