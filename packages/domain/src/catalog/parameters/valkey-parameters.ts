/**
 * Parameters that only Valkey has, from AWS's lists of changes in Valkey 8.0, 8.1, 8.2 and 9.0. Descriptions are ours.
 * Valkey 7.2 has exactly the parameters of Redis 7, so there is nothing of it here.
 */
import { integer, type RedisParameter, yesNo } from './redis-parameter.ts'

const search: readonly RedisParameter[] = [
  {
    name: 'search-fanout-target-mode',
    from: 'valkey8',
    dataType: 'string',
    value: 'client',
    allowedValues: 'throughput,client',
    minimumEngineVersion: '8.2.0',
    description: 'Whether searches go to any node, or to the kind of node the client reads from.',
  },
  integer('search-default-timeout-ms', 'valkey8', ['50000', '1-60000'], 'Milliseconds that a search may take.', {
    minimumEngineVersion: '8.2.0',
  }),
  yesNo(
    'search-enable-partial-results',
    'valkey8',
    'yes',
    'Answers a search with what was found when a shard is late.',
    {
      minimumEngineVersion: '8.2.0',
    },
  ),
]

export const valkeyParameters: readonly RedisParameter[] = [
  // AWS documents the default 0 beside the range 1-10000: 0 stands for "as one database".
  integer('cluster-databases', 'valkey9', ['0', '1-10000'], 'Numbered databases in cluster mode.', {
    modifiable: 'never',
    reboot: true,
  }),
  integer(
    'commandlog-request-larger-than',
    'valkey8',
    ['1048576', '0-'],
    'Bytes above which a request enters the command log.',
    {
      minimumEngineVersion: '8.1.0',
    },
  ),
  integer(
    'commandlog-large-request-max-len',
    'valkey8',
    ['128', '0-1024'],
    'Large requests that the command log keeps.',
    {
      minimumEngineVersion: '8.1.0',
    },
  ),
  integer(
    'commandlog-reply-larger-than',
    'valkey8',
    ['1048576', '0-'],
    'Bytes above which a reply enters the command log.',
    {
      minimumEngineVersion: '8.1.0',
    },
  ),
  integer('commandlog-large-reply-max-len', 'valkey8', ['128', '0-1024'], 'Large replies that the command log keeps.', {
    minimumEngineVersion: '8.1.0',
  }),
  yesNo('extended-redis-compatibility', 'valkey8', 'yes', 'Calls itself Redis where clients ask for a name.'),
  ...search,
]
