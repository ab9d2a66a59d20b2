import { expect, test } from 'vitest'
import { supports } from './engine-features.ts'

test.each([
  ['clusterMode', 'redis', '2.8.24', false],
  ['clusterMode', 'redis', '3.2.4', true],
  ['clusterMode', 'memcached', '1.6.22', false],
  ['transitEncryption', 'redis', '3.2.4', false],
  ['transitEncryption', 'redis', '3.2.6', true],
  ['transitEncryption', 'redis', '3.2.10', false],
  ['transitEncryption', 'redis', '4.0.10', true],
  ['transitEncryption', 'memcached', '1.6.12', true],
  ['transitEncryption', 'memcached', '1.6.6', false],
  ['rbac', 'redis', '5.0.6', false],
  ['rbac', 'redis', '6.0', true],
  ['iamAuthentication', 'redis', '6.2', false],
  ['iamAuthentication', 'redis', '7.0', true],
  ['iamAuthentication', 'valkey', '7.2', true],
  ['slowLogDelivery', 'redis', '6.0', true],
  ['engineLogDelivery', 'redis', '6.0', false],
  ['dataTiering', 'redis', '6.2', true],
  ['transitEncryptionChange', 'redis', '6.2', false],
  ['transitEncryptionChange', 'redis', '7.0', true],
  ['durability', 'valkey', '8.2', false],
  ['durability', 'valkey', '9.0', true],
  ['vectorSearch', 'redis', '7.1', false],
] as const)('%s on %s %s: %s', (feature, engine, version, expected) => {
  expect(supports(feature, engine, version)).toBe(expected)
})
