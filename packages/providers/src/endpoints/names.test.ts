import { elasticacheArn, type NodeId } from '@hotshelf/domain'
import { expect, test } from 'vitest'
import { endpointHostname, nodeHostname, regionCode } from './names.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
const invoices = { group: elasticacheArn(scope, 'replicationgroup', 'invoices'), groupName: 'invoices' }
const sessions = { group: elasticacheArn(scope, 'cluster', 'sessions'), groupName: 'sessions' }
const zone = 'hotshelf.test'
const shape = (hostname: string) => hostname.replace(/\.[0-9a-z]{6}\./, '.HASH.')

test.each([
  ['primary', false, 'invoices.HASH.ng.0001.use1.cache.hotshelf.test'],
  ['primary', true, 'master.invoices.HASH.use1.cache.hotshelf.test'],
  ['reader', false, 'invoices-ro.HASH.ng.0001.use1.cache.hotshelf.test'],
  ['reader', true, 'replica.invoices.HASH.use1.cache.hotshelf.test'],
  ['configuration', false, 'invoices.HASH.clustercfg.use1.cache.hotshelf.test'],
  ['configuration', true, 'clustercfg.invoices.HASH.use1.cache.hotshelf.test'],
] as const)('names the %s endpoint (TLS: %s) as AWS does: %s', (role, tls, name) => {
  expect(shape(endpointHostname({ ...invoices, role, tls }, zone))).toBe(name)
})

test('names nodes as AWS does', () => {
  const node = 'invoices-0001-002' as NodeId
  expect(shape(nodeHostname({ ...invoices, node, tls: false }, zone))).toBe(
    'invoices-0001-002.HASH.0001.use1.cache.hotshelf.test',
  )
  expect(shape(nodeHostname({ ...invoices, node, tls: true }, zone))).toBe(
    'invoices-0001-002.invoices.HASH.use1.cache.hotshelf.test',
  )
})

test('names the nodes of a Memcached cluster by their numbers, with and without TLS', () => {
  for (const tls of [false, true]) {
    expect(shape(endpointHostname({ ...sessions, role: 'configuration', tls }, zone))).toBe(
      'sessions.HASH.cfg.use1.cache.hotshelf.test',
    )
    expect(shape(nodeHostname({ ...sessions, node: '0003' as NodeId, tls }, zone))).toBe(
      'sessions.HASH.0003.use1.cache.hotshelf.test',
    )
  }
})

test('the hash is one per account and region', () => {
  const name = (account: string, region: string) => {
    const group = elasticacheArn({ account, region }, 'replicationgroup', 'invoices')
    return endpointHostname({ group, groupName: 'invoices', role: 'primary', tls: true }, zone)
  }
  expect(name('000000000000', 'us-east-1')).toBe(endpointHostname({ ...invoices, role: 'primary', tls: true }, zone))
  expect(new Set([name('1', 'us-east-1'), name('2', 'us-east-1'), name('1', 'us-east-2')]).size).toBe(3)
})

test.each([
  ['us-east-1', 'use1'],
  ['us-west-2', 'usw2'],
  ['ap-northeast-1', 'apne1'],
  ['ap-southeast-2', 'apse2'],
  ['eu-central-1', 'euc1'],
  ['sa-east-1', 'sae1'],
  ['ca-central-1', 'cac1'],
  ['eu-north-1', 'eun1'],
])('abbreviates %s to %s', (region, code) => {
  expect(regionCode(region)).toBe(code)
})
