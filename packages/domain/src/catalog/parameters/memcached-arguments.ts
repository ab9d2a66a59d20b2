/**
 * What parameters mean to Memcached, which has no configuration file: its command line.
 * Order matters among the extended options: `no_modern` resets the ones it stands for, so it comes first.
 */
import type { ParameterValues } from './definition.ts'

/** Parameters that are on with `1` and have a flag of their own. */
const switches: readonly (readonly [parameter: string, flag: string])[] = [
  ['cas_disabled', '-C'],
  ['disable_flush_all', '-F'],
  ['error_on_memory_exhausted', '-M'],
  ['large_memory_pages', '-L'],
  ['lock_down_paged_memory', '-k'],
  ['maximize_core_file_limit', '-r'],
]

const flags: readonly (readonly [parameter: string, flag: string])[] = [
  ['backlog_queue_limit', '-b'],
  ['binding_protocol', '-B'],
  ['chunk_size', '-n'],
  ['chunk_size_growth_factor', '-f'],
  ['max_item_size', '-I'],
  ['num_threads', '-t'],
  ['requests_per_event', '-R'],
]

/** Megabytes for items: the node's memory less what is kept for connections, and never nothing. */
export function memcachedItemMegabytes(values: ParameterValues): number {
  const all = Number(values['max_cache_memory'] ?? 64)
  return Math.max(1, all - Number(values['memcached_connections_overhead'] ?? 0))
}

/**
 * Arguments for Memcached 1.5 and later; `values` include the node type's (see effectiveParameters).
 * `mostConnections` is what the machine allows: Memcached does not start when it asks for more files than that.
 */
export function memcachedArguments(values: ParameterValues, mostConnections = Infinity): readonly string[] {
  const on = (parameter: string): boolean => values[parameter] === '1'
  const connections = Math.min(Number(values['max_simultaneous_connections'] ?? 1024), mostConnections)
  return [
    '-m',
    String(memcachedItemMegabytes(values)),
    '-c',
    String(connections),
    ...flags.flatMap(([parameter, flag]) => {
      const value = values[parameter]
      return value === undefined ? [] : [flag, value]
    }),
    ...switches.flatMap(([parameter, flag]) => (on(parameter) ? [flag] : [])),
    '-o',
    extendedOptions(values).join(','),
  ]
}

/**
 * With `no_modern 0` AWS turns slab_reassign, the LRU maintainer and maxconns_fast on, whatever their own parameters say;
 * hash algorithm and slab_automove keep following theirs.
 */
function extendedOptions(values: ParameterValues): readonly string[] {
  const classic = values['no_modern'] === '1' || (values['no_modern'] === undefined && values['modern'] !== '1')
  const either = (parameter: string, option: string): string =>
    values[parameter] === '1' || !classic ? option : `no_${option}`
  const chunk = values['slab_chunk_max']
  return [
    classic ? 'no_modern' : 'modern',
    either('slab_reassign', 'slab_reassign'),
    either('lru_maintainer', 'lru_maintainer'),
    either('maxconns_fast', 'maxconns_fast'),
    either('lru_crawler', 'lru_crawler'),
    `slab_automove=${values['slab_automove'] ?? '0'}`,
    `hash_algorithm=${values['hash_algorithm'] ?? 'jenkins'}`,
    `hashpower=${values['hashpower_init'] ?? '16'}`,
    `idle_timeout=${values['idle_timeout'] ?? '0'}`,
    // The engine counts in kilobytes here, AWS in bytes.
    ...(chunk === undefined ? [] : [`slab_chunk_max=${Math.floor(Number(chunk) / 1024)}`]),
    ...(values['track_sizes'] === '1' ? ['track_sizes'] : []),
    `watcher_logbuf_size=${values['watcher_logbuf_size'] ?? '256'}`,
    `worker_logbuf_size=${values['worker_logbuf_size'] ?? '64'}`,
  ]
}
