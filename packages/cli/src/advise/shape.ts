/**
 * Cluster mode, node type and number of nodes: the guide's node type that holds the data for the least money. Pure.
 * What a node holds is its maxmemory less the 25 percent that ElastiCache reserves; Memcached reserves nothing.
 */
import { maxmemoryBytes, type NodeType, nodeTypes } from '@hotshelf/domain'
import { usage } from '../failed.ts'
import { bytes } from '../output.ts'
import type { EngineAdvice } from './engine.ts'
import type { Needs } from './needs.ts'

export interface ShapeAdvice {
  readonly mode: { readonly name: 'disabled' | 'enabled' | 'none'; readonly reason: string }
  readonly nodeType: { readonly name: string; readonly memoryGib: number; readonly reason: string }
  /** Shards of a group; one for Memcached, whose clients spread the keys. */
  readonly shards: number
  readonly replicasPerShard: number
  readonly nodes: number
  readonly monthlyUsd: number
}

/** Nodes of one cluster; beyond these AWS wants to be asked. */
const most = { memcached: 40, group: 90 } as const
/** Of what costs nearly the same the fewer, larger nodes are taken: less to watch, and less lost to rounding later. */
const nearly = 1.15
/** One node less is a third of the cache, not half; three zones hold one each. */
const productionNodes = 3
const reservedPercent = 25

interface Priced extends NodeType {
  readonly tokyoMonthlyUsd: number
}

const priced = nodeTypes
  .filter((type): type is Priced => type.tokyoMonthlyUsd !== undefined)
  .toSorted((a, b) => a.tokyoMonthlyUsd - b.tokyoMonthlyUsd)

/** Burstable nodes are for development in the guide's table. */
const typesFor = (needs: Needs): readonly Priced[] =>
  priced.filter(type => needs.environment === 'development' || !type.family.startsWith('t'))

interface Fit {
  readonly type: Priced
  /** Nodes that the data is spread over. */
  readonly parts: number
  readonly usd: number
}

interface Bounds {
  readonly least: number
  readonly most: number
  /** Nodes for each part: a primary and its replicas. */
  readonly copies: number
}

function cheapest(needs: Needs, holds: (type: NodeType) => number, bounds: Bounds): Fit {
  const fits = typesFor(needs)
    .map(type => ({ type, parts: Math.max(bounds.least, Math.ceil(needs.dataBytes / holds(type))) }))
    .filter(({ parts }) => parts <= bounds.most)
    .map(fit => ({ ...fit, usd: fit.parts * bounds.copies * fit.type.tokyoMonthlyUsd }))
  const least = Math.min(...fits.map(fit => fit.usd))
  const [best] = fits.filter(fit => fit.usd <= least * nearly).toSorted((a, b) => a.parts - b.parts || a.usd - b.usd)
  if (best) return best
  throw usage(
    `${bytes(needs.dataBytes)} are more than ${bounds.most * bounds.copies} of the largest nodes of the table hold.`,
    'Divide it over several caches, or ask AWS for a larger quota and node types beyond the table.',
  )
}

export const adviseShape = (needs: Needs, engine: EngineAdvice): ShapeAdvice =>
  engine.name === 'memcached' ? memcached(needs) : group(needs)

function memcached(needs: Needs): ShapeAdvice {
  const least = needs.environment === 'production' ? productionNodes : 1
  const holds = (type: NodeType) => (type.memcachedMegabytes ?? 0) * 1024 ** 2
  const { type, parts, usd } = cheapest(needs, holds, { least, most: most.memcached, copies: 1 })
  return {
    mode: { name: 'none', reason: 'Clients spread the keys over the nodes, which they learn by auto discovery.' },
    nodeType: describe(type, needs, parts, holds(type)),
    shards: 1,
    replicasPerShard: 0,
    nodes: parts,
    monthlyUsd: usd,
  }
}

function group(needs: Needs): ShapeAdvice {
  const holds = (type: NodeType) => maxmemoryBytes(type, reservedPercent)
  const replicas = needs.failover ? (needs.environment === 'production' ? 2 : 1) : 0
  const largest = holds(typesFor(needs).at(-1) as Priced)
  const enabled = needs.grows || needs.dataBytes > largest
  const copies = replicas + 1
  const shards = enabled ? Math.floor(most.group / copies) : 1
  const { type, parts, usd } = cheapest(needs, holds, { least: 1, most: shards, copies })
  return {
    mode: { name: enabled ? 'enabled' : 'disabled', reason: modeReason(needs, enabled, largest) },
    nodeType: describe(type, needs, parts, holds(type)),
    shards: parts,
    replicasPerShard: replicas,
    nodes: parts * copies,
    monthlyUsd: usd,
  }
}

function modeReason(needs: Needs, enabled: boolean, largest: number): string {
  if (!enabled) return 'The data fits in one node: one shard, plain clients, all commands on all keys.'
  return needs.dataBytes > largest
    ? `No node of the table holds ${bytes(needs.dataBytes)}: it is spread over shards, which can become more online.`
    : 'It will outgrow one node: shards are added online, without a new endpoint.'
}

function describe(type: Priced, needs: Needs, parts: number, holds: number): ShapeAdvice['nodeType'] {
  const each = parts === 1 ? '' : ` on each of ${parts}`
  const burstable = type.family.startsWith('t') ? '; for development and tests only' : ''
  return {
    name: type.name,
    memoryGib: type.memoryGib,
    reason: `The cheapest way to hold ${bytes(needs.dataBytes)}: ${bytes(holds)} for data${each}${burstable}.`,
  }
}
