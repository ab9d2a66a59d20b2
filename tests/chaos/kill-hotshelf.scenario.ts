/**
 * Hotshelf is killed (SIGKILL) right after its N-th effect on the world, for every N, while it creates a sharded,
 * encrypted group. The next start must finish the work: nothing started twice, nothing lost, nothing left behind.
 */
import { execFileSync } from 'node:child_process'
import {
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import {
  dispose,
  eventually,
  freePort,
  freshDataDir,
  type Hotshelf,
  launchHotshelf,
  processesIn,
  startHotshelf,
  waitUntilReady,
} from '@hotshelf/testkit'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const kills = 50
const dataDir = freshDataDir()
let port: number
let elasticache: ElastiCacheClient
let last: Hotshelf

beforeAll(async () => {
  port = await freePort()
  elasticache = new ElastiCacheClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterAll(() => dispose(last))

const nodesOf = (id: string) => processesIn(dataDir).filter(found => found.directory.includes(`/${id}/`))

/** Undefined while nobody answers. */
const status = async (id: string): Promise<string | undefined> => {
  const describe = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })
  return (await elasticache.send(describe).catch(() => undefined))?.ReplicationGroups?.[0]?.Status
}

async function createAndDie(id: string, effect: number): Promise<void> {
  const environment = { HOTSHELF_CRASH_AFTER_EFFECT: String(effect) }
  last = await launchHotshelf({ dataDir, port, environment })
  await waitUntilReady(last, 60_000)
  const request = new CreateReplicationGroupCommand({
    ReplicationGroupId: id,
    ReplicationGroupDescription: 'killed while it is made',
    Engine: 'valkey',
    CacheNodeType: 'cache.t4g.micro',
    NumNodeGroups: 3,
    ReplicasPerNodeGroup: 1,
    AutomaticFailoverEnabled: true,
    TransitEncryptionEnabled: true,
  })
  await elasticache.send(request)
  const end = await Promise.race([
    last.ended,
    eventually(
      () => status(id),
      answer => answer === 'available',
    ),
  ])
  expect(end, 'the group was made before the kill: it takes fewer effects than that').toMatchObject({
    signal: 'SIGKILL',
  })
}

async function converge(id: string): Promise<void> {
  last = await startHotshelf({ dataDir, port })
  const found = await eventually(
    async () =>
      (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!,
    group => group.Status === 'available',
  )
  expect(nodesOf(id)).toHaveLength(6)
  const ca = await (await fetch(`${last.endpoint}/_hotshelf/ca.pem`)).text()
  const { Address: host, Port: at } = found.ConfigurationEndpoint!
  const cluster = new Cluster([{ host: host!, port: at! }], {
    redisOptions: { tls: { ca } },
    clusterRetryStrategy: times => (times < 20 ? 100 : null),
  })
  cluster.on('error', () => {})
  try {
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await cluster.set(key, id)
    const lines = ((await cluster.nodes('master')[0]!.cluster('NODES')) as string).trim().split('\n')
    const roles = lines.map(line => line.split(' ')[2]!.replace('myself,', '').split(',')[0])
    expect(roles.toSorted()).toEqual(['master', 'master', 'master', 'slave', 'slave', 'slave'])
  } finally {
    cluster.disconnect()
  }
}

async function removeWithoutTrace(id: string): Promise<void> {
  await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
  await eventually(
    async () => (await elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups!.length,
    count => count === 0,
  )
  expect(nodesOf(id)).toEqual([])
  expect(execFileSync('find', [dataDir, '-path', `*/${id}*`]).toString()).toBe('')
  await last.stop()
}

describe('Hotshelf killed while it creates a group', () => {
  it(`converges after a kill behind each of its first ${kills} effects`, { timeout: 1_200_000 }, async () => {
    for (let effect = 1; effect <= kills; effect++) {
      const id = `k${effect}`
      await createAndDie(id, effect)
      await converge(id)
      await removeWithoutTrace(id)
    }
  })
})
