/** `hotshelf failover --fail-az`: a zone's nodes die, the others take over on the same endpoint, and nothing that was in sync is lost. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../bin/hotshelf.js', import.meta.url))
let server: Hotshelf
let aws: ElastiCacheClient

beforeAll(async () => {
  server = await startHotshelf()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  aws = new ElastiCacheClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
  await aws.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'zones',
      ReplicationGroupDescription: 'x',
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 3,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
    }),
  )
  await eventually(describeGroup, group => group.Status === 'available')
})
afterAll(() => dispose(server))

const describeGroup = async () =>
  (await aws.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'zones' }))).ReplicationGroups![0]!

const members = async () => (await describeGroup()).NodeGroups![0]!.NodeGroupMembers!
const primary = async () => (await members()).find(member => member.CurrentRole === 'primary')!

function hotshelf(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' }
  return spawnSync(process.execPath, [program, ...args, '--data-dir', server.dataDir], { env, encoding: 'utf8' })
}

it('spreads the nodes of a shard over zones', async () => {
  expect(new Set((await members()).map(member => member.PreferredAvailabilityZone)).size).toBe(3)
})

it('says which zones there are when nobody runs in the one named', () => {
  const { status, stderr } = hotshelf('failover', '--fail-az', 'us-east-1z')
  expect(status).not.toBe(0)
  expect(stderr).toContain('No node runs in us-east-1z.')
  expect(stderr).toContain('us-east-1a')
})

it('loses the zone of the primary and keeps the endpoint and the data', async () => {
  const endpoint = (await describeGroup()).NodeGroups![0]!.PrimaryEndpoint!
  const lost = await primary()
  const before = new Redis({ host: endpoint.Address!, port: endpoint.Port! })
  before.on('error', () => {})
  await before.set('kept', 'yes')
  expect(await before.wait(2, 5000)).toBe(2)
  before.disconnect()

  const { status, stdout, stderr } = hotshelf(
    'failover',
    'zones',
    '--fail-az',
    lost.PreferredAvailabilityZone!,
    '--json',
  )
  expect([status, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({ killed: [lost.CacheClusterId] })

  expect((await primary()).CacheClusterId).not.toBe(lost.CacheClusterId)
  const after = new Redis({ host: endpoint.Address!, port: endpoint.Port! })
  expect(await after.get('kept')).toBe('yes')
  after.disconnect()
})
