import { expect, test } from 'vitest'
import { type NodeType, nodeType } from '../node-types.ts'
import { type DirectiveTarget, engineDirectives, withoutDirective } from './engine-directives.ts'
import { redisLine, type RedisFamily } from './families.ts'
import { effectiveParameters, familyParameters } from './family-parameters.ts'
import { nodeTypeParameters } from './node-type-parameters.ts'

const valkey8: DirectiveTarget = { engine: 'valkey', binaryVersion: '8.0.1' }
const redis7: DirectiveTarget = { engine: 'redis', binaryVersion: '7.0.15' }
const micro = nodeType('cache.t4g.micro') as NodeType

const directives = (family: RedisFamily, overrides: Record<string, string>, target: DirectiveTarget) =>
  engineDirectives(effectiveParameters(family, overrides, micro), target)
const values = (family: RedisFamily, overrides: Record<string, string>, target: DirectiveTarget, name: string) =>
  directives(family, overrides, target)
    .filter(directive => directive.name === name)
    .map(({ value }) => value)

test('every parameter of every family either becomes a directive on some program or is known to leave none', () => {
  const newest: DirectiveTarget = { engine: 'valkey', binaryVersion: '99.0' }
  const part = /^client-output-buffer-limit-/
  for (const family of redisLine) {
    const all = [...familyParameters(family), ...nodeTypeParameters(family)].map(({ name }) => name)
    for (const name of all.filter(name => !part.test(name) && name !== 'rename-commands')) {
      const makes = engineDirectives({ [name]: '1' }, newest).length > 0
      expect(makes !== withoutDirective.has(name), `${family}: ${name}`).toBe(true)
    }
  }
})

test.each([
  ['redis6.x', 'hash-max-ziplist-entries', valkey8, 'hash-max-listpack-entries'],
  ['redis6.x', 'hash-max-ziplist-entries', { engine: 'redis', binaryVersion: '6.2.14' }, 'hash-max-ziplist-entries'],
  ['redis7', 'zset-max-listpack-value', redis7, 'zset-max-listpack-value'],
  ['redis7', 'zset-max-listpack-value', { engine: 'redis', binaryVersion: '6.2.14' }, 'zset-max-ziplist-value'],
  ['redis4.0', 'min-slaves-to-write', redis7, 'min-replicas-to-write'],
  ['redis5.0', 'min-replicas-to-write', { engine: 'redis', binaryVersion: '4.0.14' }, 'min-slaves-to-write'],
  ['redis5.0', 'list-max-ziplist-size', valkey8, 'list-max-listpack-size'],
] as const)('%s: %s on %j is %s', (family, parameter, target, name) => {
  const value = effectiveParameters(family, {})[parameter]
  expect(values(family, {}, target, name)).toEqual([value])
})

test('three parameters make one output buffer directive per kind of client', () => {
  expect(values('redis7', {}, redis7, 'client-output-buffer-limit')).toEqual([
    'normal 0 0 0',
    'replica 53687091 53687091 60',
    'pubsub 33554432 8388608 60',
  ])
  const changed = { 'client-output-buffer-limit-normal-hard-limit': '1048576' }
  expect(values('redis7', changed, redis7, 'client-output-buffer-limit')).toContain('normal 1048576 0 0')
  const old: DirectiveTarget = { engine: 'redis', binaryVersion: '3.2.13' }
  expect(values('redis3.2', {}, old, 'client-output-buffer-limit')).toContain('slave 53687091 53687091 60')
})

test('without a node type nothing is said about replicas, rather than something half', () => {
  const without = engineDirectives(effectiveParameters('valkey8', {}), valkey8)
  expect(without.filter(({ name }) => name === 'client-output-buffer-limit').map(({ value }) => value)).toEqual([
    'normal 0 0 0',
    'pubsub 33554432 8388608 60',
  ])
})

test('what only ElastiCache knows leaves no directive', () => {
  const names = directives('valkey8', { 'reserved-memory-percent': '10', 'cluster-enabled': 'yes' }, valkey8).map(
    ({ name }) => name,
  )
  for (const own of withoutDirective) expect(names).not.toContain(own)
})

test('directives that a program is too old for are left out', () => {
  const names = (target: DirectiveTarget) => directives('valkey9', {}, target).map(({ name }) => name)
  expect(names(valkey8)).not.toContain('commandlog-request-larger-than')
  expect(names({ engine: 'valkey', binaryVersion: '8.1.0' })).toContain('commandlog-request-larger-than')
  expect(names(valkey8)).toContain('extended-redis-compatibility')
  expect(names(redis7)).not.toContain('extended-redis-compatibility')
  expect(names({ engine: 'redis', binaryVersion: '6.2.14' })).not.toContain('latency-tracking')
})

test.each([
  ['tls-dynamic', true, 'hostname'],
  ['tls-dynamic', false, 'ip'],
  ['ip', true, 'ip'],
] as const)('an endpoint type of %s with TLS %s is %s to the engine', (wanted, transitEncryption, value) => {
  const target = { ...redis7, transitEncryption }
  expect(
    values('redis7', { 'cluster-preferred-endpoint-type': wanted }, target, 'cluster-preferred-endpoint-type'),
  ).toEqual([value])
})

test('databases are fixed when a node starts, nearly everything else is live', () => {
  const all = directives('valkey8', {}, valkey8)
  expect(all.filter(({ live }) => !live).map(({ name }) => name)).toEqual(['databases'])
  expect(all.filter(({ refusable }) => refusable).map(({ name }) => name)).toEqual(['activedefrag', 'maxclients'])
})

test('renamed commands are renamed at start, blocked ones to nothing; what control and the engines send keeps its name', () => {
  const renames = { 'rename-commands': 'flushall hidden keys blocked ping pong unlink gone' }
  expect(directives('redis7', renames, redis7).filter(({ name }) => name === 'rename-command')).toEqual([
    { name: 'rename-command', value: 'FLUSHALL hidden', live: false, refusable: false },
    { name: 'rename-command', value: 'KEYS ""', live: false, refusable: false },
  ])
})

test('an empty value stays empty: switching notifications off is a directive, too', () => {
  expect(values('redis7', {}, redis7, 'notify-keyspace-events')).toEqual([''])
  expect(values('redis7', { 'notify-keyspace-events': 'Ex' }, redis7, 'notify-keyspace-events')).toEqual(['Ex'])
})
