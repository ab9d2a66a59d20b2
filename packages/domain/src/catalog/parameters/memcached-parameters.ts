/**
 * The parameters of every Memcached family, from AWS's parameter lists; ranges that those leave open are the engine's.
 * Memcached takes its settings at start only, so all but `watch` require a reboot. Descriptions are ours.
 */
import type { DataType, ParameterDefinition } from './definition.ts'
import { firstVersionOf, type MemcachedFamily, memcachedLine } from './families.ts'

interface MemcachedParameter {
  readonly name: string
  readonly type: DataType
  readonly value: string
  readonly allowed: string
  /** First version that has it. */
  readonly since: string
  readonly from?: MemcachedFamily
  readonly until?: MemcachedFamily
  readonly fixed?: true
  readonly live?: true
  readonly description: string
}

const zeroOne = { type: 'boolean', allowed: '0,1' } as const
const number = { type: 'integer' } as const

const parameters: readonly MemcachedParameter[] = [
  {
    name: 'backlog_queue_limit',
    ...number,
    value: '1024',
    allowed: '1-10000',
    since: '1.4.5',
    fixed: true,
    description: 'Connections that may wait to be accepted.',
  },
  {
    name: 'binding_protocol',
    type: 'string',
    value: 'auto',
    allowed: 'auto,binary,ascii',
    since: '1.4.5',
    description: 'The protocol that clients must speak.',
  },
  {
    name: 'cas_disabled',
    ...zeroOne,
    value: '0',
    since: '1.4.5',
    description: 'Gives up check-and-set to save 8 bytes an item.',
  },
  {
    name: 'chunk_size',
    ...number,
    value: '48',
    allowed: '1-1024',
    since: '1.4.5',
    description: 'Bytes at least set aside for key, value and flags of an item.',
  },
  {
    name: 'chunk_size_growth_factor',
    type: 'float',
    value: '1.25',
    allowed: '1.0-2.0',
    since: '1.4.5',
    description: 'By how much each size of chunks is larger than the one before.',
  },
  {
    name: 'config_max',
    ...number,
    value: '16',
    allowed: '16',
    since: '1.4.14',
    fixed: true,
    description: 'Configuration entries for auto discovery.',
  },
  {
    name: 'config_size_max',
    ...number,
    value: '65536',
    allowed: '65536',
    since: '1.4.14',
    fixed: true,
    description: 'Bytes of a configuration entry for auto discovery.',
  },
  { name: 'disable_flush_all', ...zeroOne, value: '0', since: '1.4.24', description: 'Refuses flush_all.' },
  {
    name: 'error_on_memory_exhausted',
    ...zeroOne,
    value: '0',
    since: '1.4.5',
    description: 'Answers with an error when memory is full instead of evicting.',
  },
  {
    name: 'expirezero_does_not_evict',
    ...zeroOne,
    value: '0',
    since: '1.4.24',
    until: 'memcached1.4',
    description: 'Never evicts items without an expiry; needs lru_maintainer.',
  },
  {
    name: 'hash_algorithm',
    type: 'string',
    value: 'jenkins',
    allowed: 'murmur3,jenkins',
    since: '1.4.24',
    description: 'How keys are hashed.',
  },
  {
    name: 'hashpower_init',
    ...number,
    value: '16',
    allowed: '16',
    since: '1.4.14',
    fixed: true,
    description: 'Initial size of the key table as a power of two.',
  },
  {
    name: 'idle_timeout',
    ...number,
    value: '0',
    allowed: '0-86400',
    since: '1.4.33',
    description: 'Seconds after which an idle client is disconnected; 0 is never.',
  },
  {
    name: 'inline_ascii_resp',
    ...zeroOne,
    value: '0',
    since: '1.5.10',
    from: 'memcached1.5',
    description: 'Keeps a ready-made answer in each item.',
  },
  {
    name: 'large_memory_pages',
    ...zeroOne,
    value: '0',
    since: '1.4.5',
    fixed: true,
    description: 'Uses large memory pages where the system has them.',
  },
  {
    name: 'lock_down_paged_memory',
    ...zeroOne,
    value: '0',
    since: '1.4.5',
    fixed: true,
    description: 'Keeps all memory from being swapped out.',
  },
  {
    name: 'lru_crawler',
    ...zeroOne,
    value: '0',
    since: '1.4.24',
    description: 'Looks for expired items in the background.',
  },
  {
    name: 'lru_maintainer',
    ...zeroOne,
    value: '0',
    since: '1.4.24',
    description: 'Moves items between hot and cold in the background.',
  },
  {
    name: 'max_item_size',
    ...number,
    value: '1048576',
    allowed: '1024-1073741824',
    since: '1.4.5',
    description: 'Bytes of the largest item.',
  },
  {
    name: 'max_simultaneous_connections',
    ...number,
    value: '65000',
    allowed: '3-65000',
    since: '1.4.5',
    fixed: true,
    description: 'Clients that may be connected at the same time.',
  },
  {
    name: 'maxconns_fast',
    ...zeroOne,
    value: '0',
    since: '1.4.14',
    description: 'Refuses connections above the limit instead of letting them wait.',
  },
  {
    name: 'maximize_core_file_limit',
    ...zeroOne,
    value: '0',
    since: '1.4.5',
    fixed: true,
    description: 'Lets core files be as large as they get.',
  },
  {
    name: 'memcached_connections_overhead',
    ...number,
    value: '100',
    allowed: '0-100000',
    since: '1.4.5',
    description: 'Megabytes kept free of items for connections.',
  },
  {
    name: 'modern',
    ...zeroOne,
    value: '1',
    since: '1.4.33',
    until: 'memcached1.4',
    description: 'Turns on the defaults of the next major version.',
  },
  {
    name: 'no_modern',
    ...zeroOne,
    value: '1',
    since: '1.5.10',
    from: 'memcached1.5',
    description: 'Goes back to the defaults of Memcached 1.4.',
  },
  {
    name: 'requests_per_event',
    ...number,
    value: '20',
    allowed: '20',
    since: '1.4.5',
    fixed: true,
    description: 'Requests served for one client before it is the turn of the next.',
  },
  {
    name: 'slab_automove',
    ...number,
    value: '0',
    allowed: '0,1,2',
    since: '1.4.14',
    description: 'Moves memory between item sizes: 0 never, 1 slowly, 2 at every eviction.',
  },
  {
    name: 'slab_chunk_max',
    ...number,
    value: '524288',
    allowed: '1024-1073741824',
    since: '1.4.33',
    description: 'Bytes of a chunk; larger items are split.',
  },
  {
    name: 'slab_reassign',
    ...zeroOne,
    value: '0',
    since: '1.4.14',
    description: 'Allows memory to move between item sizes.',
  },
  { name: 'track_sizes', ...zeroOne, value: '0', since: '1.4.33', description: 'Keeps count of item sizes for stats.' },
  {
    name: 'watch',
    ...zeroOne,
    value: '1',
    since: '1.4.33',
    live: true,
    description: 'Allows clients to watch fetches, changes and evictions.',
  },
  {
    name: 'watcher_logbuf_size',
    ...number,
    value: '256',
    allowed: '1-1048576',
    since: '1.4.33',
    description: 'Kilobytes buffered for one watching client.',
  },
  {
    name: 'worker_logbuf_size',
    ...number,
    value: '64',
    allowed: '1-1048576',
    since: '1.4.33',
    description: 'Kilobytes of log buffered by one worker.',
  },
]

export function memcachedFamilyParameters(family: MemcachedFamily): readonly ParameterDefinition[] {
  const at = memcachedLine.indexOf(family)
  return parameters
    .filter(
      ({ from, until }) =>
        (from === undefined || at >= memcachedLine.indexOf(from)) &&
        (until === undefined || at <= memcachedLine.indexOf(until)),
    )
    .map(({ name, type, value, allowed, since, fixed, live, description }) => ({
      name,
      value,
      description,
      dataType: type,
      allowedValues: allowed,
      modifiable: fixed ? 'never' : 'always',
      changeType: live ? 'immediate' : 'requires-reboot',
      minimumEngineVersion: family === 'memcached1.4' ? since : firstVersionOf[family],
    }))
}
