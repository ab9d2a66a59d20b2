/**
 * What `hotshelf doctor <id>` has seen, as plain data: the shell gathers it, the findings judge it. Keys appear by name,
 * values never: a value is read only to see how well it compresses, and is dropped at once.
 */
import type { Info } from './info.ts'

export interface GroupFacts {
  readonly id: string
  readonly engine: string
  readonly nodeType: string
  readonly clusterMode: boolean
  readonly parameterGroup: string | undefined
  /** Values of that group; CONFIG GET is kept from customers, the API is not. */
  readonly parameters: ReadonlyMap<string, string>
  readonly nodes: readonly NodeFacts[]
  readonly samples: readonly ShardSample[]
  /** Commands that were sent to nodes, all together. */
  readonly commandsSent: number
  readonly seconds: number
}

export interface NodeFacts {
  readonly id: string
  readonly shard: string
  readonly role: 'primary' | 'replica'
  /** Why it could not be asked; what follows is empty then. */
  readonly unreachable?: string
  readonly info: Info
  /** Read again at the end, for rates. */
  readonly later: Info
  readonly laterAfterSeconds: number
  /** Newest first; undefined when the command was refused. */
  readonly slow: readonly SlowCommand[] | undefined
  readonly latency: readonly LatencyEvent[] | undefined
  /** The engine's own MEMORY DOCTOR. */
  readonly opinion: string | undefined
}

export interface SlowCommand {
  readonly at: Date
  readonly micros: number
  /** Name and first argument; the others may hold what customers store. */
  readonly command: string
}

export interface LatencyEvent {
  readonly event: string
  readonly latestMs: number
  readonly worstMs: number
}

/** The keys of one shard that were looked at. SCAN walks in the order of hashes, so a part of it is a fair sample. */
export interface ShardSample {
  readonly shard: string
  /** Which node answered for details; a replica wherever there is one in sync. */
  readonly node: string
  readonly onReplica: boolean
  readonly keysThere: number
  readonly ended: SampleEnd
  /** CLIENT NO-TOUCH was accepted: looking did not make keys look used. */
  readonly untouched: boolean
  readonly keys: readonly KeyFacts[]
  readonly heat: Heat
}

export type SampleEnd = 'whole' | 'enough' | 'time' | 'lost'

export interface KeyFacts {
  /** Printable; other bytes as \xNN. */
  readonly key: string
  readonly pattern: string
  readonly db: number
  readonly type: string
  readonly encoding: string
  /** MEMORY USAGE: key, value and what the engine needs around them. */
  readonly bytes: number
  readonly keyBytes: number
  /** Bytes of a string, elements of anything else; undefined for types of modules. */
  readonly length: number | undefined
  /** Undefined: none. */
  readonly ttlMs: number | undefined
  readonly packing?: Packing
}

/** How the first 64 KiB of a string came out of zlib's fastest level. */
export interface Packing {
  readonly rawBytes: number
  readonly packedBytes: number
  readonly looks: 'json' | 'packed' | 'other'
}

export interface Heat {
  /** The primary: a replica does not learn of reads that others serve. */
  readonly node: string
  readonly by: 'frequency' | 'idle time'
  readonly looked: number
  readonly keys: readonly HeatOfKey[]
  /** By idle time only: keys not used within the last day, and all that were looked at. */
  readonly idleForADay: number
}

export interface HeatOfKey {
  readonly key: string
  readonly db: number
  /** LFU's counter, 0 to 255. */
  readonly frequency?: number
  /** How often it was found used within the last second, and how often it was looked at. */
  readonly usedInLooks?: number
  readonly looks?: number
}

export const primaries = (facts: GroupFacts): readonly NodeFacts[] =>
  facts.nodes.filter(node => node.role === 'primary' && node.unreachable === undefined)

export const reached = (facts: GroupFacts): readonly NodeFacts[] =>
  facts.nodes.filter(node => node.unreachable === undefined)

/** By how much the sample of a shard must be multiplied to speak of all its keys. */
export const scaleOf = (sample: ShardSample): number =>
  sample.ended === 'whole' || sample.keys.length === 0 ? 1 : Math.max(1, sample.keysThere / sample.keys.length)
