// The counters of caches in Prometheus' text format, for a handler that answers /metrics.
import type { CacheStats } from './stats.ts'

const METRICS: readonly (readonly [keyof CacheStats, string, string, number?])[] = [
  ['hits', 'hits_total', 'Reads answered from the cache'],
  ['memoryHits', 'memory_hits_total', 'Hits answered from the memory of the process'],
  ['staleHits', 'stale_hits_total', 'Hits past their ttl, served within a stale window'],
  ['misses', 'misses_total', 'Reads the cache could not answer'],
  ['loads', 'loads_total', 'Runs of a loader'],
  ['loadFailures', 'load_failures_total', 'Runs of a loader that failed'],
  ['loadMs', 'load_seconds_total', 'Time spent in loaders', 0.001],
  ['stores', 'stores_total', 'Entries written'],
  ['storedBytes', 'stored_bytes_total', 'Bytes written, headers included'],
  ['readBytes', 'read_bytes_total', 'Bytes read, headers included'],
  ['fenced', 'fenced_total', 'Loaded values not stored because their key changed meanwhile'],
  ['errors', 'errors_total', 'Calls that went on without the server, and unreadable entries'],
]

/** One block of text for all caches given, each under its name as the label `cache`. */
export function prometheusText(caches: Readonly<Record<string, { readonly stats: Readonly<CacheStats> }>>): string {
  const lines = METRICS.flatMap(([field, name, help, scale = 1]) => [
    `# HELP cache_${name} ${help}`,
    `# TYPE cache_${name} counter`,
    ...Object.entries(caches).map(
      ([label, { stats }]) => `cache_${name}{cache="${escapeLabel(label)}"} ${stats[field] * scale}`,
    ),
  ])
  return `${lines.join('\n')}\n`
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, found => (found === '\n' ? '\\n' : `\\${found}`))
}
