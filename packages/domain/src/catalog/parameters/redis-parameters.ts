/**
 * The parameters of Redis families, which Valkey's inherit. Those about encodings and memory housekeeping are in
 * redis-encoding-parameters.ts, those that only Valkey has in valkey-parameters.ts. Defaults, ranges and what may be modified are AWS's: its published
 * DescribeEngineDefaultParameters answers for redis2.8 and redis5.0, and the parameter change lists of its user guide
 * for all other families. Ranges that neither gives are the engine's own. Descriptions are ours.
 */
import { integer, type RedisParameter, yesNo } from './redis-parameter.ts'
import { renamableCommands } from './rename-commands.ts'

const policies = 'volatile-lru,allkeys-lru,volatile-random,allkeys-random,volatile-ttl,noeviction'
const policiesWithLfu =
  'volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction'

const persistence: readonly RedisParameter[] = [
  {
    name: 'appendfsync',
    from: 'redis2.6',
    dataType: 'string',
    value: 'everysec',
    allowedValues: 'always,everysec,no',
    changes: { 'redis3.2': { modifiable: 'never' } },
    description: 'When the append-only file is flushed to disk. Without effect from 2.8.22 on.',
  },
  yesNo('appendonly', 'redis2.6', 'no', 'Keeps an append-only file. Without effect from 2.8.22 on.', {
    changes: { 'redis3.2': { modifiable: 'never' } },
  }),
]

const clientLimits: readonly RedisParameter[] = [
  integer(
    'client-output-buffer-limit-normal-hard-limit',
    'redis2.6',
    ['0', '0-'],
    'Bytes waiting for an ordinary client at which it is disconnected; 0 is no limit.',
  ),
  integer(
    'client-output-buffer-limit-normal-soft-limit',
    'redis2.6',
    ['0', '0-'],
    'Bytes waiting for an ordinary client at which it is disconnected once that has lasted for the soft seconds.',
  ),
  integer(
    'client-output-buffer-limit-normal-soft-seconds',
    'redis2.6',
    ['0', '0-'],
    'Seconds that an ordinary client may stay above its soft limit.',
  ),
  integer(
    'client-output-buffer-limit-pubsub-hard-limit',
    'redis2.6',
    ['33554432', '0-'],
    'Bytes waiting for a subscriber at which it is disconnected; 0 is no limit.',
  ),
  integer(
    'client-output-buffer-limit-pubsub-soft-limit',
    'redis2.6',
    ['8388608', '0-'],
    'Bytes waiting for a subscriber at which it is disconnected once that has lasted for the soft seconds.',
  ),
  integer(
    'client-output-buffer-limit-pubsub-soft-seconds',
    'redis2.6',
    ['60', '0-'],
    'Seconds that a subscriber may stay above its soft limit.',
  ),
  integer(
    'client-output-buffer-limit-slave-soft-seconds',
    'redis2.6',
    ['60', '0-'],
    'Seconds that a replica may stay above its soft limit.',
    { until: 'redis4.0', modifiable: 'never' },
  ),
  integer(
    'client-output-buffer-limit-replica-soft-seconds',
    'redis5.0',
    ['60', '0-'],
    'Seconds that a replica may stay above its soft limit.',
    { modifiable: 'never' },
  ),
  integer(
    'client-query-buffer-limit',
    'redis4.0',
    ['1073741824', '1048576-1073741824'],
    'Bytes of unread requests that one client may pile up.',
  ),
  integer('maxclients', 'redis2.6', ['65000', '1-65000'], 'Clients that may be connected at the same time.', {
    modifiable: 'never',
    reboot: true,
  }),
  integer(
    'proto-max-bulk-len',
    'redis4.0',
    ['536870912', '1048576-536870912'],
    'Bytes that one argument of a command may have.',
  ),
  integer('tcp-keepalive', 'redis2.6', ['0', '0-'], 'Seconds between probes of idle connections; 0 sends none.', {
    changes: { 'redis3.2': { value: '300' } },
  }),
  integer('timeout', 'redis2.6', ['0', '0,20-'], 'Seconds after which an idle client is disconnected; 0 is never.'),
]

const replication: readonly RedisParameter[] = [
  yesNo('close-on-slave-write', 'redis2.8', 'yes', 'Disconnects a client that writes to a replica.', {
    until: 'redis4.0',
    minimumEngineVersion: '2.8.23',
  }),
  yesNo('close-on-replica-write', 'redis5.0', 'yes', 'Disconnects a client that writes to a replica.'),
  integer('min-slaves-max-lag', 'redis2.8', ['10', '0-'], 'Seconds of silence after which a replica does not count.', {
    until: 'redis4.0',
  }),
  integer('min-slaves-to-write', 'redis2.8', ['0', '0-'], 'Replicas that must be in reach for a write to be taken.', {
    until: 'redis4.0',
  }),
  integer('min-replicas-max-lag', 'redis5.0', ['10', '0-'], 'Seconds of silence after which a replica does not count.'),
  integer('min-replicas-to-write', 'redis5.0', ['0', '0-'], 'Replicas that must be in reach for a write to be taken.'),
  integer(
    'repl-backlog-size',
    'redis2.8',
    ['1048576', '16384-'],
    'Bytes of recent writes kept, so that a replica that was away need not copy everything.',
    { changes: { valkey8: { value: '10485760' } } },
  ),
  integer(
    'repl-backlog-ttl',
    'redis2.8',
    ['3600', '0-'],
    'Seconds without any replica after which the backlog is dropped; 0 keeps it.',
  ),
  integer('repl-timeout', 'redis2.8', ['60', '11-'], 'Seconds of silence after which a replication link is given up.', {
    until: 'redis4.0',
    changes: { 'redis3.2': { modifiable: 'never' } },
  }),
  yesNo('slave-allow-chaining', 'redis2.6', 'no', 'Lets a replica have replicas of its own.', {
    until: 'redis4.0',
    modifiable: 'never',
  }),
  yesNo('replica-allow-chaining', 'redis5.0', 'no', 'Lets a replica have replicas of its own.', {
    modifiable: 'never',
  }),
  yesNo('replica-ignore-maxmemory', 'redis5.0', 'yes', 'Replicas do not evict on their own account.', {
    modifiable: 'never',
  }),
]

const cluster: readonly RedisParameter[] = [
  yesNo('cluster-enabled', 'redis3.2', 'no', 'Groups that use this parameter group have cluster mode enabled.', {
    modifiable: 'unused-group',
    reboot: true,
  }),
  yesNo('cluster-require-full-coverage', 'redis3.2', 'no', 'Refuses all queries while any slot has no node.'),
  yesNo(
    'cluster-allow-reads-when-down',
    'redis6.x',
    'no',
    'Serves reads while a majority of primaries is out of reach.',
  ),
  yesNo('cluster-allow-pubsubshard-when-down', 'redis7', 'yes', 'Serves sharded pub/sub while the cluster is down.'),
  {
    name: 'cluster-preferred-endpoint-type',
    from: 'redis7',
    dataType: 'string',
    value: 'tls-dynamic',
    allowedValues: 'ip,tls-dynamic',
    description: 'What redirections name: the address always, or the host name where clients use TLS.',
  },
  integer('databases', 'redis2.6', ['16', '1-1200000'], 'Numbered databases.', {
    reboot: true,
    changes: { 'redis3.2': { modifiable: 'unused-group' }, 'redis6.x': { allowedValues: '1-10000' } },
  }),
]

const eviction: readonly RedisParameter[] = [
  {
    name: 'maxmemory-policy',
    from: 'redis2.6',
    dataType: 'string',
    value: 'volatile-lru',
    allowedValues: policies,
    changes: { 'redis4.0': { allowedValues: policiesWithLfu } },
    description: 'Which keys make room when memory is full; noeviction answers writes with an error instead.',
  },
  integer('maxmemory-samples', 'redis2.6', ['3', '1-'], 'Keys looked at to find the one to evict.', {
    changes: { valkey8: { allowedValues: '1-64' } },
  }),
  integer('lfu-decay-time', 'redis4.0', ['1', '0-'], 'Minutes after which a use counts less, under an LFU policy.'),
  integer(
    'lfu-log-factor',
    'redis4.0',
    ['10', '1-'],
    'How many uses it takes to fill the counter, under an LFU policy.',
  ),
  integer('reserved-memory', 'redis2.6', ['0', '0-'], 'Bytes kept free of data for replication and snapshots.', {
    until: 'redis2.8',
  }),
  integer(
    'reserved-memory-percent',
    'redis3.2',
    ['25', '0-100'],
    'Share of memory kept free of data for replication and snapshots.',
  ),
  integer('active-expire-effort', 'redis6.x', ['1', '1-10'], 'How hard expired keys are looked for.'),
]

const observability: readonly RedisParameter[] = [
  integer(
    'slowlog-log-slower-than',
    'redis2.6',
    ['10000', '-'],
    'Microseconds above which a command enters the slow log; negative logs none.',
  ),
  integer('slowlog-max-len', 'redis2.6', ['128', '0-'], 'Entries that the slow log keeps.'),
  yesNo('latency-tracking', 'redis7', 'no', 'Measures the latency of every command.'),
  {
    name: 'notify-keyspace-events',
    from: 'redis2.8',
    dataType: 'string',
    value: undefined,
    allowedValues: undefined,
    description: 'Letters of the key events that are published, K or E among them; empty publishes none.',
  },
]

const access: readonly RedisParameter[] = [
  {
    name: 'acl-pubsub-default',
    from: 'redis6.x',
    dataType: 'string',
    value: 'allchannels',
    allowedValues: 'resetchannels,allchannels',
    minimumEngineVersion: '6.2.0',
    description: 'Channels that a user may use whose access string names none.',
  },
  integer('acllog-max-len', 'redis6.x', ['128', '0-'], 'Refused commands and logins that the ACL log keeps.'),
  {
    name: 'rename-commands',
    from: 'redis5.0',
    dataType: 'string',
    value: '',
    allowedValues: renamableCommands.join(','),
    minimumEngineVersion: '5.0.3',
    description: 'Pairs of a command and its new name; the name "blocked" takes a command away.',
  },
  integer(
    'tracking-table-max-keys',
    'redis6.x',
    ['1000000', '0-'],
    'Keys remembered for client-side caching; 0 is no limit.',
  ),
  integer('lua-time-limit', 'redis2.6', ['5000', '5000'], 'Milliseconds after which a script may be killed.', {
    modifiable: 'never',
  }),
  yesNo('lua-replicate-commands', 'redis5.0', 'yes', 'Replicates what a script does instead of the script.', {
    until: 'redis5.0',
  }),
]

export const redisParameters: readonly RedisParameter[] = [
  ...persistence,
  ...clientLimits,
  ...replication,
  ...cluster,
  ...eviction,
  ...observability,
  ...access,
]
