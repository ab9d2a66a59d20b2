/**
 * Parameters of Redis and Valkey families about how values are stored and how memory is tidied up.
 * Sources are those of redis-parameters.ts. From Redis 7 on compact encodings are called listpack, before that ziplist.
 */
import { integer, type RedisParameter, yesNo } from './redis-parameter.ts'

const smallHashFields = 'Fields up to which a hash is stored compactly.'
const smallHashBytes = 'Bytes of a field or value up to which its hash is stored compactly.'
const encodings: readonly RedisParameter[] = [
  integer('hash-max-ziplist-entries', 'redis2.6', ['512', '0-'], smallHashFields, { until: 'redis6.x' }),
  integer('hash-max-ziplist-value', 'redis2.6', ['64', '0-'], smallHashBytes, {
    until: 'redis6.x',
  }),
  integer('hash-max-listpack-entries', 'redis7', ['512', '0-'], smallHashFields),
  integer('hash-max-listpack-value', 'redis7', ['64', '0-'], smallHashBytes),
  integer('list-max-ziplist-entries', 'redis2.6', ['512', '0-'], 'Elements up to which a list is stored compactly.', {
    until: 'redis2.8',
  }),
  integer(
    'list-max-ziplist-value',
    'redis2.6',
    ['64', '0-'],
    'Bytes of an element up to which its list is stored compactly.',
    {
      until: 'redis2.8',
    },
  ),
  integer(
    'list-max-ziplist-size',
    'redis3.2',
    ['-2', '-5,-4,-3,-2,-1,1-'],
    'Size of a piece of a list: elements, or -1 to -5 for 4 to 64 kilobytes.',
    { until: 'redis6.x', modifiable: 'never' },
  ),
  integer(
    'list-compress-depth',
    'redis3.2',
    ['0', '0-'],
    'Pieces at both ends of a list that are not compressed; 0 compresses none.',
  ),
  integer('set-max-intset-entries', 'redis2.6', ['512', '0-'], 'Integers up to which a set is stored compactly.'),
  integer(
    'zset-max-ziplist-entries',
    'redis2.6',
    ['128', '0-'],
    'Members up to which a sorted set is stored compactly.',
    {
      until: 'redis6.x',
    },
  ),
  integer(
    'zset-max-ziplist-value',
    'redis2.6',
    ['64', '0-'],
    'Bytes of a member up to which its sorted set is stored compactly.',
    {
      until: 'redis6.x',
    },
  ),
  integer(
    'zset-max-listpack-entries',
    'redis7',
    ['128', '0-'],
    'Members up to which a sorted set is stored compactly.',
  ),
  integer(
    'zset-max-listpack-value',
    'redis7',
    ['64', '0-'],
    'Bytes of a member up to which its sorted set is stored compactly.',
  ),
  integer(
    'hll-sparse-max-bytes',
    'redis3.2',
    ['3000', '1-16000'],
    'Bytes up to which a HyperLogLog is stored sparsely.',
  ),
  integer('stream-node-max-bytes', 'redis5.0', ['4096', '0-'], 'Bytes of a piece of a stream; 0 is no limit.'),
  integer('stream-node-max-entries', 'redis5.0', ['100', '0-'], 'Entries of a piece of a stream; 0 is no limit.'),
]

const defragmentation: readonly RedisParameter[] = [
  yesNo('activedefrag', 'redis4.0', 'no', 'Moves values in memory to win back gaps.'),
  integer(
    'active-defrag-cycle-max',
    'redis4.0',
    ['75', '1-75'],
    'Most of the processor spent on defragmentation, in percent.',
  ),
  integer(
    'active-defrag-cycle-min',
    'redis4.0',
    ['25', '1-75'],
    'Least of the processor spent on defragmentation, in percent.',
    {
      changes: { 'redis5.0': { value: '5' } },
    },
  ),
  integer(
    'active-defrag-ignore-bytes',
    'redis4.0',
    ['104857600', '10485760-104857600'],
    'Bytes of gaps below which nothing is moved.',
    {
      changes: { 'redis5.0': { allowedValues: '1048576-' } },
    },
  ),
  integer(
    'active-defrag-max-scan-fields',
    'redis5.0',
    ['1000', '1-1000000'],
    'Elements up to which a value is moved in one go.',
  ),
  integer(
    'active-defrag-threshold-lower',
    'redis4.0',
    ['10', '1-100'],
    'Share of gaps at which moving begins, in percent.',
  ),
  integer(
    'active-defrag-threshold-upper',
    'redis4.0',
    ['100', '1-100'],
    'Share of gaps at which most effort is spent, in percent.',
  ),
  yesNo('activerehashing', 'redis2.6', 'yes', 'Spends idle time on growing the key table.', {
    until: 'redis6.x',
    reboot: true,
    changes: { 'redis3.2': { modifiable: 'unused-group' } },
  }),
]

/** Gone in Valkey 8, where the engine frees memory in the background by default. */
const lazyFree: readonly RedisParameter[] = [
  yesNo('lazyfree-lazy-eviction', 'redis4.0', 'no', 'Frees evicted values in the background.', { until: 'valkey7' }),
  yesNo('lazyfree-lazy-expire', 'redis4.0', 'no', 'Frees expired values in the background.', { until: 'valkey7' }),
  yesNo('lazyfree-lazy-server-del', 'redis4.0', 'no', 'Frees overwritten values in the background.', {
    until: 'valkey7',
  }),
  yesNo('lazyfree-lazy-user-del', 'redis6.x', 'no', 'Makes DEL free in the background, as UNLINK does.', {
    until: 'valkey7',
  }),
  yesNo('slave-lazy-flush', 'redis4.0', 'no', 'Empties a replica in the background before it copies.', {
    until: 'redis4.0',
    modifiable: 'never',
  }),
  yesNo('replica-lazy-flush', 'redis5.0', 'no', 'Empties a replica in the background before it copies.', {
    until: 'valkey7',
    modifiable: 'never',
  }),
]

export const redisEncodingParameters: readonly RedisParameter[] = [...encodings, ...defragmentation, ...lazyFree]
