/** AWS's published answers are the yardstick: redis5.0 from the command line's examples, redis2.8 from the SDK's. */
import { expect, test } from 'vitest'
import { type NodeType, nodeType } from '../node-types.ts'
import type { ParameterDefinition } from './definition.ts'
import { parameterFamilies, type ParameterFamily } from './families.ts'
import { changedParameters, effectiveParameters, familyParameter, familyParameters } from './family-parameters.ts'

/** name | value | type | allowed values | modifiable in the engine defaults | change | first version */
const redis50 = `
  activedefrag | no | string | yes,no | yes | immediate | 5.0.0
  active-defrag-cycle-max | 75 | integer | 1-75 | yes | immediate | 5.0.0
  active-defrag-cycle-min | 5 | integer | 1-75 | yes | immediate | 5.0.0
  active-defrag-ignore-bytes | 104857600 | integer | 1048576- | yes | immediate | 5.0.0
  active-defrag-max-scan-fields | 1000 | integer | 1-1000000 | yes | immediate | 5.0.0
  active-defrag-threshold-lower | 10 | integer | 1-100 | yes | immediate | 5.0.0
  active-defrag-threshold-upper | 100 | integer | 1-100 | yes | immediate | 5.0.0
  activerehashing | yes | string | yes,no | no | requires-reboot | 5.0.0
  appendfsync | everysec | string | always,everysec,no | no | immediate | 5.0.0
  appendonly | no | string | yes,no | no | immediate | 5.0.0
  client-output-buffer-limit-normal-hard-limit | 0 | integer | 0- | yes | immediate | 5.0.0
  client-output-buffer-limit-normal-soft-limit | 0 | integer | 0- | yes | immediate | 5.0.0
  client-output-buffer-limit-normal-soft-seconds | 0 | integer | 0- | yes | immediate | 5.0.0
  client-output-buffer-limit-pubsub-hard-limit | 33554432 | integer | 0- | yes | immediate | 5.0.0
  client-output-buffer-limit-pubsub-soft-limit | 8388608 | integer | 0- | yes | immediate | 5.0.0
  client-output-buffer-limit-pubsub-soft-seconds | 60 | integer | 0- | yes | immediate | 5.0.0
  client-output-buffer-limit-replica-soft-seconds | 60 | integer | 0- | no | immediate | 5.0.0
  client-query-buffer-limit | 1073741824 | integer | 1048576-1073741824 | yes | immediate | 5.0.0
  close-on-replica-write | yes | string | yes,no | yes | immediate | 5.0.0
  cluster-enabled | no | string | yes,no | no | requires-reboot | 5.0.0
  cluster-require-full-coverage | no | string | yes,no | yes | immediate | 5.0.0
  databases | 16 | integer | 1-1200000 | no | requires-reboot | 5.0.0
  hash-max-ziplist-entries | 512 | integer | 0- | yes | immediate | 5.0.0
  hash-max-ziplist-value | 64 | integer | 0- | yes | immediate | 5.0.0
  hll-sparse-max-bytes | 3000 | integer | 1-16000 | yes | immediate | 5.0.0
  lazyfree-lazy-eviction | no | string | yes,no | yes | immediate | 5.0.0
  lazyfree-lazy-expire | no | string | yes,no | yes | immediate | 5.0.0
  lazyfree-lazy-server-del | no | string | yes,no | yes | immediate | 5.0.0
  lfu-decay-time | 1 | integer | 0- | yes | immediate | 5.0.0
  lfu-log-factor | 10 | integer | 1- | yes | immediate | 5.0.0
  list-compress-depth | 0 | integer | 0- | yes | immediate | 5.0.0
  list-max-ziplist-size | -2 | integer | -5,-4,-3,-2,-1,1- | no | immediate | 5.0.0
  lua-replicate-commands | yes | string | yes,no | yes | immediate | 5.0.0
  lua-time-limit | 5000 | integer | 5000 | no | immediate | 5.0.0
  maxclients | 65000 | integer | 1-65000 | no | requires-reboot | 5.0.0
  maxmemory-policy | volatile-lru | string | volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction | yes | immediate | 5.0.0
  maxmemory-samples | 3 | integer | 1- | yes | immediate | 5.0.0
  min-replicas-max-lag | 10 | integer | 0- | yes | immediate | 5.0.0
  min-replicas-to-write | 0 | integer | 0- | yes | immediate | 5.0.0
  notify-keyspace-events | (none) | string | (any) | yes | immediate | 5.0.0
  proto-max-bulk-len | 536870912 | integer | 1048576-536870912 | yes | immediate | 5.0.0
  rename-commands | (none) | string | * | yes | immediate | 5.0.3
  repl-backlog-size | 1048576 | integer | 16384- | yes | immediate | 5.0.0
  repl-backlog-ttl | 3600 | integer | 0- | yes | immediate | 5.0.0
  replica-allow-chaining | no | string | yes,no | no | immediate | 5.0.0
  replica-ignore-maxmemory | yes | string | yes,no | no | immediate | 5.0.0
  replica-lazy-flush | no | string | yes,no | no | immediate | 5.0.0
  reserved-memory-percent | 25 | integer | 0-100 | yes | immediate | 5.0.0
  set-max-intset-entries | 512 | integer | 0- | yes | immediate | 5.0.0
  slowlog-log-slower-than | 10000 | integer | - | yes | immediate | 5.0.0
  slowlog-max-len | 128 | integer | 0- | yes | immediate | 5.0.0
  stream-node-max-bytes | 4096 | integer | 0- | yes | immediate | 5.0.0
  stream-node-max-entries | 100 | integer | 0- | yes | immediate | 5.0.0
  tcp-keepalive | 300 | integer | 0- | yes | immediate | 5.0.0
  timeout | 0 | integer | 0,20- | yes | immediate | 5.0.0
  zset-max-ziplist-entries | 128 | integer | 0- | yes | immediate | 5.0.0
  zset-max-ziplist-value | 64 | integer | 0- | yes | immediate | 5.0.0
`

const redis28 = `
  activerehashing | yes | string | yes,no | yes | requires-reboot | 2.8.6
  appendfsync | everysec | string | always,everysec,no | yes | immediate | 2.8.6
  appendonly | no | string | yes,no | yes | immediate | 2.8.6
  client-output-buffer-limit-normal-hard-limit | 0 | integer | 0- | yes | immediate | 2.8.6
  client-output-buffer-limit-normal-soft-limit | 0 | integer | 0- | yes | immediate | 2.8.6
  client-output-buffer-limit-normal-soft-seconds | 0 | integer | 0- | yes | immediate | 2.8.6
  client-output-buffer-limit-pubsub-hard-limit | 33554432 | integer | 0- | yes | immediate | 2.8.6
  client-output-buffer-limit-pubsub-soft-limit | 8388608 | integer | 0- | yes | immediate | 2.8.6
  client-output-buffer-limit-pubsub-soft-seconds | 60 | integer | 0- | yes | immediate | 2.8.6
  client-output-buffer-limit-slave-soft-seconds | 60 | integer | 0- | no | immediate | 2.8.6
  close-on-slave-write | yes | string | yes,no | yes | immediate | 2.8.23
  databases | 16 | integer | 1-1200000 | yes | requires-reboot | 2.8.6
  hash-max-ziplist-entries | 512 | integer | 0- | yes | immediate | 2.8.6
  hash-max-ziplist-value | 64 | integer | 0- | yes | immediate | 2.8.6
  list-max-ziplist-entries | 512 | integer | 0- | yes | immediate | 2.8.6
  list-max-ziplist-value | 64 | integer | 0- | yes | immediate | 2.8.6
  lua-time-limit | 5000 | integer | 5000 | no | immediate | 2.8.6
  maxclients | 65000 | integer | 1-65000 | no | requires-reboot | 2.8.6
  maxmemory-policy | volatile-lru | string | volatile-lru,allkeys-lru,volatile-random,allkeys-random,volatile-ttl,noeviction | yes | immediate | 2.8.6
  maxmemory-samples | 3 | integer | 1- | yes | immediate | 2.8.6
  min-slaves-max-lag | 10 | integer | 0- | yes | immediate | 2.8.6
  min-slaves-to-write | 0 | integer | 0- | yes | immediate | 2.8.6
  notify-keyspace-events | (none) | string | (any) | yes | immediate | 2.8.6
  repl-backlog-size | 1048576 | integer | 16384- | yes | immediate | 2.8.6
  repl-backlog-ttl | 3600 | integer | 0- | yes | immediate | 2.8.6
  repl-timeout | 60 | integer | 11- | yes | immediate | 2.8.6
  reserved-memory | 0 | integer | 0- | yes | immediate | 2.8.6
  set-max-intset-entries | 512 | integer | 0- | yes | immediate | 2.8.6
  slave-allow-chaining | no | string | yes,no | no | immediate | 2.8.6
  slowlog-log-slower-than | 10000 | integer | - | yes | immediate | 2.8.6
  slowlog-max-len | 128 | integer | 0- | yes | immediate | 2.8.6
  tcp-keepalive | 0 | integer | 0- | yes | immediate | 2.8.6
  timeout | 0 | integer | 0,20- | yes | immediate | 2.8.6
  zset-max-ziplist-entries | 128 | integer | 0- | yes | immediate | 2.8.6
  zset-max-ziplist-value | 64 | integer | 0- | yes | immediate | 2.8.6
`

function asLine(definition: ParameterDefinition): string {
  const { name, value, dataType, allowedValues, modifiable, changeType, minimumEngineVersion } = definition
  const allowed = name === 'rename-commands' ? '*' : (allowedValues ?? '(any)')
  const isModifiable = modifiable === 'always' ? 'yes' : 'no'
  return [name, value || '(none)', dataType, allowed, isModifiable, changeType, minimumEngineVersion].join(' | ')
}

const rows = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map(line => line.trim())

test('redis5.0 is the list AWS answers, in its order', () => {
  expect(familyParameters('redis5.0').map(asLine)).toEqual(rows(redis50))
})

test('redis2.8 is the list AWS answers, in its order', () => {
  expect(familyParameters('redis2.8').map(asLine)).toEqual(rows(redis28))
})

const names = (family: ParameterFamily): readonly string[] => familyParameters(family).map(({ name }) => name)
const added = (from: ParameterFamily, to: ParameterFamily): readonly string[] =>
  names(to).filter(name => !names(from).includes(name))

test.each([
  [
    'redis5.0',
    'redis6.x',
    [
      'acllog-max-len',
      'acl-pubsub-default',
      'active-expire-effort',
      'cluster-allow-reads-when-down',
      'lazyfree-lazy-user-del',
      'tracking-table-max-keys',
    ],
    ['lua-replicate-commands'],
  ],
  [
    'redis6.x',
    'redis7',
    [
      'cluster-allow-pubsubshard-when-down',
      'cluster-preferred-endpoint-type',
      'hash-max-listpack-entries',
      'hash-max-listpack-value',
      'latency-tracking',
      'zset-max-listpack-entries',
      'zset-max-listpack-value',
    ],
    [
      'activerehashing',
      'hash-max-ziplist-entries',
      'hash-max-ziplist-value',
      'list-max-ziplist-size',
      'zset-max-ziplist-entries',
      'zset-max-ziplist-value',
    ],
  ],
  ['redis7', 'valkey7', [], []],
  [
    'valkey7',
    'valkey8',
    [
      'commandlog-large-reply-max-len',
      'commandlog-large-request-max-len',
      'commandlog-reply-larger-than',
      'commandlog-request-larger-than',
      'extended-redis-compatibility',
      'search-default-timeout-ms',
      'search-enable-partial-results',
      'search-fanout-target-mode',
    ],
    [
      'lazyfree-lazy-eviction',
      'lazyfree-lazy-expire',
      'lazyfree-lazy-server-del',
      'lazyfree-lazy-user-del',
      'replica-lazy-flush',
    ],
  ],
  ['valkey8', 'valkey9', ['cluster-databases'], []],
  ['memcached1.4', 'memcached1.5', ['inline_ascii_resp', 'no_modern'], ['expirezero_does_not_evict', 'modern']],
  ['memcached1.5', 'memcached1.6', [], []],
] as const)('from %s to %s the documented parameters come and go', (from, to, come, go) => {
  expect(added(from, to)).toEqual(come)
  expect(added(to, from)).toEqual(go)
})

test.each([
  ['valkey8', 'repl-backlog-size', { value: '10485760' }],
  ['valkey7', 'repl-backlog-size', { value: '1048576' }],
  ['valkey8', 'maxmemory-samples', { value: '3', allowedValues: '1-64' }],
  ['redis7', 'maxmemory-samples', { allowedValues: '1-' }],
  ['redis3.2', 'maxmemory-policy', { value: 'volatile-lru', allowedValues: expect.not.stringContaining('lfu') }],
  ['redis7', 'maxmemory-policy', { value: 'volatile-lru', allowedValues: expect.stringContaining('allkeys-lfu') }],
  ['redis2.8', 'tcp-keepalive', { value: '0' }],
  ['redis3.2', 'tcp-keepalive', { value: '300' }],
  ['redis4.0', 'active-defrag-cycle-min', { value: '25' }],
  ['redis6.x', 'databases', { allowedValues: '1-10000', modifiable: 'unused-group' }],
  ['redis6.x', 'acl-pubsub-default', { minimumEngineVersion: '6.2.0' }],
  ['redis7', 'acl-pubsub-default', { minimumEngineVersion: '7.0.0' }],
  ['valkey8', 'commandlog-reply-larger-than', { minimumEngineVersion: '8.1.0' }],
  ['memcached1.6', 'max_item_size', { value: '1048576', changeType: 'requires-reboot' }],
  ['memcached1.4', 'idle_timeout', { minimumEngineVersion: '1.4.33', allowedValues: '0-86400' }],
] as const)('in %s, %s is %j', (family, name, expected) => {
  expect(familyParameter(family, name)).toMatchObject(expected)
})

test('names are unique in every family and every parameter says what it does', () => {
  for (const family of parameterFamilies) {
    expect(new Set(names(family)).size, family).toBe(names(family).length)
    for (const definition of familyParameters(family))
      expect(definition.description, definition.name).toMatch(/^[A-Z].+\.$/)
  }
})

test('reserved memory is a share from Redis 3.2 on, bytes before, and never both', () => {
  for (const family of parameterFamilies.filter(name => !name.startsWith('memcached'))) {
    const old = family === 'redis2.6' || family === 'redis2.8'
    expect(names(family).includes('reserved-memory'), family).toBe(old)
    expect(names(family).includes('reserved-memory-percent'), family).toBe(!old)
  }
})

const micro = nodeType('cache.t4g.micro') as NodeType

test('a node runs with the defaults, its type over them, the customer over both', () => {
  const values = effectiveParameters('redis7', { 'maxmemory-policy': 'allkeys-lru', timeout: '300' }, micro)
  expect(values).toMatchObject({
    'maxmemory-policy': 'allkeys-lru',
    timeout: '300',
    'tcp-keepalive': '300',
    maxmemory: '536870912',
    maxclients: '20000',
    'client-output-buffer-limit-replica-hard-limit': '53687091',
    'notify-keyspace-events': '',
  })
})

test('the parameters of the practitioner guide are effective in redis7', () => {
  const guide = {
    'maxmemory-policy': 'allkeys-lru',
    'notify-keyspace-events': 'Ex',
    timeout: '300',
    'tcp-keepalive': '60',
  }
  expect(effectiveParameters('redis7', guide)).toMatchObject(guide)
})

test('overrides of names that the family lost are left out', () => {
  expect(effectiveParameters('redis7', { 'hash-max-ziplist-value': '1', nonsense: '1' })).not.toHaveProperty('nonsense')
  expect(effectiveParameters('redis7', { 'hash-max-ziplist-value': '1' })).not.toHaveProperty('hash-max-ziplist-value')
})

test('a change of values names exactly what differs', () => {
  const before = effectiveParameters('valkey8', {})
  expect(changedParameters(before, before)).toEqual([])
  expect(changedParameters(before, effectiveParameters('valkey8', { timeout: '60', databases: '16' }))).toEqual([
    'timeout',
  ])
  expect(changedParameters({ a: '1' }, { b: '1' })).toEqual(['a', 'b'])
})
