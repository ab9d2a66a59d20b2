/**
 * A Memcached cluster: one to forty nodes that know nothing of each other, and a configuration endpoint that tells
 * clients which nodes there are. Single nodes of Redis and Valkey are cache clusters too, for customers; here each is a
 * replication group of one node (see standalone.ts).
 */
import type { Membership } from './membership.ts'
import type { Endpoint, NodeDesired, NodeId } from './node.ts'
import type { CacheClusterStatus } from './replication-group.ts'
import type { Row } from './resource.ts'

export interface MemcachedClusterDesired {
  readonly id: string
  readonly engine: 'memcached'
  readonly engineVersion: string
  readonly nodeType: string
  /** Four digits, as AWS writes a CacheNodeId: `0001`. An id that was given back is given again to the next node. */
  readonly nodes: readonly NodeDesired[]
  readonly crossAz: boolean
  readonly port: number
  readonly parameterGroup: string
  readonly subnetGroup: string | undefined
  readonly securityGroupIds: readonly string[]
  readonly transitEncryption: 'off' | 'required'
  readonly maintenanceWindow: string
  readonly notificationTopicArn: string | undefined
  readonly autoMinorVersionUpgrade: boolean
}

export type MemcachedNodeStatus = 'creating' | 'available' | 'rebooting'

export interface MemcachedNodeObserved {
  readonly status: MemcachedNodeStatus
  readonly endpoint: Endpoint | undefined
  readonly program: string | undefined
  readonly parametersInSync: boolean
  /** It served, and its process was lost; until another serves under its id. */
  readonly recovering: boolean
}

export interface MemcachedClusterObserved {
  readonly everAvailable: boolean
  readonly settled: boolean
  readonly failure: string | undefined
  readonly nodes: Readonly<Record<NodeId, MemcachedNodeObserved>>
  readonly configuration: Endpoint | undefined
  /** How many nodes there were when all was last as asked for. */
  readonly settledNodes: number | undefined
  /** What the configuration endpoint told last: its version must only grow, whatever happens to the endpoint. */
  readonly membership: Membership | undefined
}

export type MemcachedClusterRow = Row<MemcachedClusterDesired, MemcachedClusterObserved>

/** Computed, never assigned. A reboot shows from the moment it was asked for, before control has seen it. */
export function memcachedClusterStatus(row: MemcachedClusterRow): CacheClusterStatus {
  if (row.deleteRequestedAt) return 'deleting'
  const seen = row.observation
  if (!seen) return 'creating'
  if (seen.observed.settled && seen.generation === row.generation) return 'available'
  if (!seen.observed.everAvailable) return 'creating'
  return row.desired.nodes.some(node => memcachedNodeStatus(row, node) === 'rebooting')
    ? 'rebooting cluster nodes'
    : 'modifying'
}

export function memcachedNodeStatus(row: MemcachedClusterRow, node: NodeDesired): MemcachedNodeStatus | 'deleting' {
  if (row.deleteRequestedAt) return 'deleting'
  const seen = row.observation?.observed.nodes[node.id]?.status ?? 'creating'
  const awaited = node.rebootAskedAt !== undefined && (row.observation?.generation ?? 0) < node.rebootAskedAt
  return seen !== 'creating' && awaited ? 'rebooting' : seen
}

/** `0007` */
export const cacheNodeId = (position: number): NodeId => String(position).padStart(4, '0') as NodeId

/** The lowest ids that nobody has. */
export function freeCacheNodeIds(taken: Iterable<NodeId>, count: number): readonly NodeId[] {
  const used = new Set(taken)
  const free: NodeId[] = []
  for (let position = 1; free.length < count; position++) {
    const id = cacheNodeId(position)
    if (!used.has(id)) free.push(id)
  }
  return free
}

/** The process that answers on the configuration endpoint has a place like a node, and is none. */
export const discoveryNode = 'cfg' as NodeId
