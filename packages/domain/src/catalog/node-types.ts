/**
 * What a node type is: memory, processors, network, and the engines that run on it.
 * Memory that customers may fill is `maxmemoryBytes`: what AWS documents for the type, less the reserved part.
 */
import type { NodeTypeFamily, NodeTypeRow } from './node-type-family.ts'
import { nodeTypeFamilies } from './node-type-table.ts'

export interface NodeType {
  /** `cache.r7g.large` */
  readonly name: string
  /** `r7g` */
  readonly family: string
  /** `large` */
  readonly size: string
  readonly generation: number
  /** False where AWS sells no new clusters of the type. */
  readonly current: boolean
  readonly vcpus: number
  /** As AWS lists it. */
  readonly memoryGib: number
  /** The node-type specific `maxmemory` parameter, before any of it is reserved. */
  readonly maxmemoryBytes: number
  /** `max_cache_memory`, in megabytes; undefined where Memcached does not run. */
  readonly memcachedMegabytes: number | undefined
  /** `client-output-buffer-limit-replica-hard-limit` and its soft twin. */
  readonly replicaOutputBufferBytes: number
  /** The text of AWS's price list. Note: guides that give 12.5 Gbps for every r7g size mean the two smallest. */
  readonly network: string
  readonly baselineGbps: number | undefined
  readonly dataTiering: boolean
  /** Local disk behind the memory, of data tiering types. */
  readonly ssdGib: number | undefined
  readonly maxClients: number
  /** First version of each engine that runs on the type; an engine that is missing never does. */
  readonly since: NodeTypeFamily['since']
  /** Roughly, in Tokyo, in US dollars; for a first estimate only, and known for a few common types. */
  readonly tokyoMonthlyUsd: number | undefined
}

export const defaultReservedMemoryPercent = 25

const tokyoMonthlyUsd: Readonly<Record<string, number>> = {
  'cache.t4g.micro': 15,
  'cache.r7g.large': 230,
  'cache.r7g.xlarge': 460,
  'cache.r7g.2xlarge': 920,
  'cache.r7g.4xlarge': 1840,
}

const ssdGib: Readonly<Record<string, number>> = {
  'cache.r6gd.xlarge': 99.33,
  'cache.r6gd.2xlarge': 199.07,
  'cache.r6gd.4xlarge': 398.14,
  'cache.r6gd.8xlarge': 796.28,
  'cache.r6gd.12xlarge': 1194.42,
  'cache.r6gd.16xlarge': 1592.56,
}

/** AWS documents a smaller `maxclients` for these; 65000 for all others. */
const maxClients: Readonly<Record<string, number>> = {
  'cache.t2.micro': 20_000,
  'cache.t2.small': 20_000,
  'cache.t2.medium': 20_000,
  'cache.t3.micro': 20_000,
  'cache.t3.small': 46_000,
  'cache.t3.medium': 46_000,
  'cache.t4g.micro': 20_000,
}

function fromRow(family: NodeTypeFamily, row: NodeTypeRow): NodeType {
  const [size, vcpus, memoryGib, maxmemoryBytes, memcachedMegabytes, baselineGbps, network, buffer] = row
  const name = `cache.${family.family}.${size}`
  const tenth = family.roundsBufferDown ? Math.floor(maxmemoryBytes / 10) : Math.round(maxmemoryBytes / 10)
  return {
    name,
    family: family.family,
    size,
    generation: family.generation,
    current: family.current,
    vcpus,
    memoryGib,
    maxmemoryBytes,
    memcachedMegabytes,
    replicaOutputBufferBytes: buffer ?? tenth,
    network,
    baselineGbps,
    dataTiering: family.dataTiering ?? false,
    ssdGib: ssdGib[name],
    maxClients: maxClients[name] ?? 65_000,
    since: family.since,
    tokyoMonthlyUsd: tokyoMonthlyUsd[name],
  }
}

/** Every type, sorted by name as AWS sorts: plain text order, so `12xlarge` comes before `2xlarge`. */
export const nodeTypes: readonly NodeType[] = nodeTypeFamilies
  .flatMap(family => family.rows.map(row => fromRow(family, row)))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))

const byName = new Map(nodeTypes.map(type => [type.name, type]))

export const nodeType = (name: string): NodeType | undefined => byName.get(name)

/**
 * Bytes that customers may fill. ElastiCache keeps a share of the type's maxmemory for replication buffers and
 * snapshots: `reserved-memory-percent`, 25 by default from Redis 3.2; before that `reserved-memory`, a number of bytes.
 */
export function maxmemoryBytes(type: NodeType, reserved: number | { readonly bytes: number }): number {
  if (typeof reserved === 'number') return Math.floor((type.maxmemoryBytes * (100 - reserved)) / 100)
  return Math.max(0, type.maxmemoryBytes - reserved.bytes)
}
