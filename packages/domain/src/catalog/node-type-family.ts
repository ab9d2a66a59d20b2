/**
 * The shape of the node type tables: a family of sizes that share a generation and the engines they run.
 * Rows are tuples to keep a hundred sizes readable as a table; `node-types.ts` gives them names.
 */

/** Size, vCPUs, memory in GiB, maxmemory in bytes, Memcached memory in MB, baseline Gbps, network text, replica buffer bytes. */
export type NodeTypeRow = readonly [
  size: string,
  vcpus: number,
  memoryGib: number,
  maxmemoryBytes: number,
  memcachedMegabytes: number | undefined,
  baselineGbps: number | undefined,
  network: string,
  replicaOutputBufferBytes?: number,
]

export interface NodeTypeFamily {
  readonly family: string
  /** Newer families have larger numbers; a group never scales up into an older one. */
  readonly generation: number
  /** False where AWS keeps existing clusters running but sells no new ones. */
  readonly current: boolean
  /** First version of each engine that runs on the family; an engine that is missing never does. */
  readonly since: { readonly redis?: string; readonly valkey?: string; readonly memcached?: string }
  readonly dataTiering?: true
  /** AWS rounds a tenth of maxmemory down for these, to nearest for all others. */
  readonly roundsBufferDown?: true
  readonly rows: readonly NodeTypeRow[]
}
