import { expect, test } from 'vitest'
import { requireEngineChange } from './engine-upgrades.ts'
import { type EngineKind, resolveEngineVersion } from './engine-versions.ts'

const change = (from: readonly [EngineKind, string], to: readonly [EngineKind, string], transitEncryption = false) => ({
  from: resolveEngineVersion(...from),
  to: resolveEngineVersion(...to),
  transitEncryption,
})

test.each([
  [
    ['redis', '5.0.6'],
    ['redis', '7.1'],
  ],
  [
    ['redis', '7.1'],
    ['redis', '7.1'],
  ],
  [
    ['redis', '4.0.10'],
    ['valkey', '8.0'],
  ],
  [
    ['redis', '7.1'],
    ['valkey', '7.2'],
  ],
  [
    ['valkey', '7.2'],
    ['valkey', '9.0'],
  ],
  [
    ['valkey', '7.2'],
    ['redis', '7.1'],
  ],
  [
    ['memcached', '1.4.5'],
    ['memcached', '1.6.22'],
  ],
] as const)('%j may become %j', (from, to) => {
  expect(() => requireEngineChange(change(from, to))).not.toThrow()
})

test.each([
  [['redis', '7.1'], ['redis', '6.2'], 'Cannot modify redis from 7.1 to 6.2'],
  [['valkey', '8.0'], ['valkey', '7.2'], 'Cannot modify valkey from 8.0 to 7.2'],
  [['valkey', '8.0'], ['redis', '7.1'], 'only valkey 7.2 can be rolled back, to redis 7.1'],
  [['valkey', '7.2'], ['redis', '7.0'], 'only valkey 7.2 can be rolled back, to redis 7.1'],
  [['redis', '7.1'], ['memcached', '1.6.22'], 'Cannot change the engine from redis to memcached.'],
] as const)('%j may not become %j', (from, to, message) => {
  expect(() => requireEngineChange(change(from, to))).toThrow(message)
})

test('an encrypted group may not move to 3.2.10, which left encryption out', () => {
  expect(() => requireEngineChange(change(['redis', '3.2.6'], ['redis', '3.2.10'], true))).toThrow(
    /encryption in-transit/,
  )
  expect(() => requireEngineChange(change(['redis', '3.2.6'], ['redis', '3.2.10'], false))).not.toThrow()
})
