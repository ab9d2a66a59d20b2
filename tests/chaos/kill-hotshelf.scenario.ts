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

/** A server and its data directory. Most of a life is waiting for engines, so several are led at once. */
interface Lane {
  readonly dataDir: string
  readonly port: number
  readonly elasticache: ElastiCacheClient
  last: Hotshelf | undefined
}

const laneCount = 3
/** For whatever is waited for: on a busy machine it takes long, and is no less right. */
const longestMs = 240_000
const lanes: Lane[] = []

beforeAll(async () => {
  for (let i = 0; i < laneCount; i++) {
    const port = await freePort()
    const elasticache = new ElastiCacheClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
    lanes.push({ dataDir: freshDataDir(), port, elasticache, last: undefined })
  }
})
afterAll(() => Promise.all(lanes.map(({ last }) => last && dispose(last))))

const nodesOf = ({ dataDir }: Lane, id: string) =>
  processesIn(dataDir).filter(found => found.directory.includes(`/${id}/`))

/** Undefined while nobody answers. */
const status = async ({ elasticache }: Lane, id: string): Promise<string | undefined> => {
  const describe = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })
  return (await elasticache.send(describe).catch(() => undefined))?.ReplicationGroups?.[0]?.Status
}

async function createAndDie(lane: Lane, id: string, effect: number): Promise<void> {
  const { dataDir, port, elasticache } = lane
  const environment = { HOTSHELF_CRASH_AFTER_EFFECT: String(effect) }
  const last = await launchHotshelf({ dataDir, port, environment })
  lane.last = last
  await waitUntilReady(last, longestMs)
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
      () => status(lane, id),
      answer => answer === 'available',
      longestMs,
    ),
  ])
  expect(end, 'the group was made before the kill: it takes fewer effects than that').toMatchObject({
    signal: 'SIGKILL',
  })
}

async function converge(lane: Lane, id: string): Promise<void> {
  const { dataDir, port, elasticache } = lane
  const last = await startHotshelf({ dataDir, port, readyMs: longestMs })
  lane.last = last
  const found = await eventually(
    async () =>
      (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!,
    group => group.Status === 'available',
    longestMs,
  )
  expect(nodesOf(lane, id)).toHaveLength(6)
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

async function removeWithoutTrace(lane: Lane, id: string): Promise<void> {
  const { dataDir, elasticache } = lane
  await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
  await eventually(
    async () => (await elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups!.length,
    count => count === 0,
    longestMs,
  )
  expect(nodesOf(lane, id)).toEqual([])
  expect(execFileSync('find', [dataDir, '-path', `*/${id}*`]).toString()).toBe('')
  await lane.last?.stop()
}

describe('Hotshelf killed while it creates a group', () => {
  it(`converges after a kill behind each of its first ${kills} effects`, { timeout: 1_800_000 }, async () => {
    let effect = 0
    await Promise.all(
      lanes.map(async lane => {
        while (effect < kills) {
          effect += 1
          const id = `k${effect}`
          await createAndDie(lane, id, effect)
          await converge(lane, id)
          await removeWithoutTrace(lane, id)
        }
      }),
    )
  })
})
