import type { Arn } from './arn.ts'

/** A node is one engine process. Its id is the member cache cluster's id; it never changes, whatever role the node plays. */
export type NodeId = string & { readonly brand: 'NodeId' }
/** Four digits, as AWS writes a NodeGroupId: `0001`. */
export type ShardId = string & { readonly brand: 'ShardId' }

export const shardId = (position: number): ShardId => String(position).padStart(4, '0') as ShardId

/** `my-group-0002-003` where the group has cluster mode enabled, `my-group-003` otherwise. */
export function nodeId(group: string, shard: ShardId, position: number, clusterMode: boolean): NodeId {
  const member = String(position).padStart(3, '0')
  return (clusterMode ? `${group}-${shard}-${member}` : `${group}-${member}`) as NodeId
}

export interface NodeDesired {
  readonly id: NodeId
  readonly availabilityZone: string
  /** Grows by one when a customer asks for a reboot; the node is restarted until its own label equals it. */
  readonly rebootGeneration: number
  /** The group's generation that asked for the last reboot: until that one is settled, the node shows as rebooting. */
  readonly rebootAskedAt?: number
  /** Its deletion was asked for together with this snapshot: it leaves the group once that is whole. */
  readonly leavesAfter?: Arn
  /** ISO 8601. */
  readonly createdAt: string
}

/**
 * creating: not yet part of the group. available: answering and in sync. modifying: was available and is being brought back.
 * snapshotting: available, and a snapshot is taken from it.
 */
export type NodeStatus =
  | 'creating'
  | 'available'
  | 'modifying'
  | 'rebooting cluster nodes'
  | 'snapshotting'
  | 'deleting'

/** What customers are told about one node. */
export interface NodeObserved {
  readonly status: NodeStatus
  readonly role: 'primary' | 'replica' | undefined
  readonly endpoint: Endpoint | undefined
  /** The program that runs, e.g. `valkey-server 8.0.1`. */
  readonly program: string | undefined
  /** False while a parameter waits for the node to be rebooted. */
  readonly parametersInSync: boolean
  /** Its process was lost after it had served; until it serves again. */
  readonly recovering: boolean
  /** What the operator must change before it can run again; until it serves. Absent where a restart is all it takes. */
  readonly remedy?: string
  /** Bytes that its data takes, as the engine counts them against maxmemory; absent until somebody asked it. */
  readonly usedMemoryBytes?: number | undefined
  /** Its append-only log held its whole data when it last answered; missing in rows of earlier versions. */
  readonly logged?: boolean
}

/** An address that a client connects to. `host` is a name where names are served, else an IPv4 address. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}
