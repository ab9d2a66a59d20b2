/**
 * Shards come and go under clients that write and read all the while: 3 → 4 → 2 → 5 → 3, with TLS and a token, with
 * Hotshelf killed and a primary killed in the middle, and by the guide's own command. Nobody sees an error, no key is lost.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import {
  CreateReplicationGroupCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupShardConfigurationCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const id = 'my-redis-cluster'
const token = 'a-token-of-customers'
const keyCount = 100_000
let hotshelf: Hotshelf
let elasticache: ElastiCacheClient
let cluster: Cluster
let load: ReturnType<typeof clients> | undefined

const group = async (): Promise<ReplicationGroup> =>
  (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!
const settled = (shards: number): Promise<ReplicationGroup> =>
  eventually(
    () => group().catch(() => undefined as unknown as ReplicationGroup),
    found => found?.Status === 'available' && found.NodeGroups!.length === shards,
    150_000,
  )
const reshard = (count: number, more: object = {}) =>
  elasticache.send(
    new ModifyReplicationGroupShardConfigurationCommand({
      ReplicationGroupId: id,
      NodeGroupCount: count,
      ApplyImmediately: true,
      ...more,
    }),
  )

beforeAll(async () => {
  hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: id,
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.small',
      NumNodeGroups: 3,
      ReplicasPerNodeGroup: 1,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      AuthToken: token,
    }),
  )
  const { ConfigurationEndpoint: endpoint } = await settled(3)
  const ca = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
  cluster = new Cluster([{ host: endpoint!.Address!, port: endpoint!.Port! }], {
    redisOptions: { tls: { ca }, password: token },
    retryDelayOnFailover: 50,
    maxRedirections: 60,
  })
  cluster.on('error', () => {})
})
afterAll(async () => {
  load?.stop()
  cluster?.disconnect()
  await dispose(hotshelf)
})

/** Every type in turn; each third with a lifetime. */
async function fill(): Promise<void> {
  for (let at = 0; at < keyCount; at += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const n = at + i
        const key = `key:${n}`
        if (n % 6 === 1) await cluster.hset(key, 'n', n, 'text', `value ${n}`)
        else if (n % 6 === 2) await cluster.rpush(key, n, n + 1)
        else if (n % 6 === 3) await cluster.sadd(key, n)
        else if (n % 6 === 4) await cluster.zadd(key, n, 'member')
        else if (n % 6 === 5) await cluster.xadd(key, '1-1', 'n', n)
        else await cluster.set(key, `value ${n}`)
        if (n % 3 === 0) await cluster.expire(key, 36_000)
      }),
    )
  }
}

async function missing(): Promise<readonly string[]> {
  const wrong: string[] = []
  for (let at = 0; at < keyCount; at += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const n = at + i
        const key = `key:${n}`
        const read = [
          () => cluster.get(key),
          () => cluster.hget(key, 'text'),
          () => cluster.lindex(key, 1),
          () => cluster.smembers(key),
          () => cluster.zscore(key, 'member'),
          () => cluster.xlen(key),
        ][n % 6]!
        const wanted = [`value ${n}`, `value ${n}`, `${n + 1}`, `${n}`, `${n}`, '1'][n % 6]
        const lives = n % 3 === 0 ? (await cluster.ttl(key)) > 30_000 : (await cluster.ttl(key)) === -1
        if (String(await read()) !== wanted || !lives) wrong.push(key)
      }),
    )
  }
  return wrong
}

/** Clients that never pause: what they were told is written must be read again. */
function clients() {
  const told = new Map<string, number>()
  const errors: string[] = []
  const writing = { over: false }
  const each = async (name: number): Promise<void> => {
    for (let n = 0; !writing.over; n++) {
      const key = `write:${name}:${n % 500}`
      try {
        await cluster.set(key, n)
        told.set(key, n)
        if ((await cluster.get(key)) !== String(n)) errors.push(`${key} is not ${n}`)
      } catch (error) {
        errors.push(`${key}: ${String(error)}`)
        // A client that fails at once must not keep the test's own process from going on.
        await new Promise(resolve => setTimeout(resolve, 10))
      }
    }
  }
  const all = Promise.all(Array.from({ length: 4 }, (_, name) => each(name)))
  return {
    errors,
    stop: () => void (writing.over = true),
    async end() {
      writing.over = true
      await all
      for (const [key, n] of told) if ((await cluster.get(key)) !== String(n)) errors.push(`${key} is lost`)
    },
  }
}

describe('a group that is resharded under load', () => {
  it('loses nothing and shows no client an error, killed in the middle as well', { timeout: 900_000 }, async () => {
    await fill()
    load = clients()
    await reshard(4)
    const parts = new Set<number>()
    await eventually(
      group,
      found => {
        const part = found.PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage
        if (part !== undefined) parts.add(part)
        return found.Status === 'available' && found.NodeGroups!.length === 4
      },
      150_000,
    )
    expect([...parts].some(part => part > 0 && part < 100)).toBe(true)

    await reshard(2, { NodeGroupsToRemove: ['0001', '0004'] })
    await eventually(
      group,
      found => (found.PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage ?? 0) > 5,
    )
    await hotshelf.kill()
    hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir, port: hotshelf.port })
    await settled(2)
    expect(load.errors).toEqual([])

    const environment = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: hotshelf.endpoint,
    }
    const command = `aws elasticache modify-replication-group-shard-configuration \\
  --replication-group-id my-redis-cluster \\
  --node-group-count 5 \\
  --apply-immediately`
    const { stdout } = await run('bash', ['-c', command], { env: environment })
    expect(JSON.parse(stdout).ReplicationGroup.Status).toBe('modifying')
    await settled(5)
    expect(load.errors).toEqual([])

    await reshard(3, { NodeGroupsToRetain: ['0002', '0003', '0005'] })
    await eventually(
      group,
      found => (found.PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage ?? 0) > 5,
    )
    const [victim] = processesIn(hotshelf.dataDir).filter(found => found.directory.includes(`${id}-0002-`))
    process.kill(victim!.pid, 'SIGKILL')
    await settled(3)
    await load.end()
    expect(load.errors).toEqual([])
    expect(await missing()).toEqual([])
    expect(processesIn(hotshelf.dataDir).filter(found => found.directory.includes(`/${id}`))).toHaveLength(6)
  })
  it('replaces a source that is stopped in the middle at once, and loses nothing', { timeout: 300_000 }, async () => {
    await reshard(4)
    await eventually(
      group,
      found => (found.PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage ?? 0) > 5,
    )
    const servers = await Promise.all(cluster.nodes('master').map(node => node.info('server')))
    const primaries = servers.map(text => Number(/process_id:(\d+)/.exec(text)?.[1]))
    const source = processesIn(hotshelf.dataDir).find(
      ({ pid, directory }) => primaries.includes(pid) && directory.includes(`${id}-0002-`),
    )!
    process.kill(source.pid, 'SIGSTOP')
    const failovers = async () => {
      const { Events } = await elasticache.send(
        new DescribeEventsCommand({ SourceType: 'replication-group', SourceIdentifier: id, Duration: 60 }),
      )
      return Events!.filter(({ Message }) => Message!.startsWith('Failover from primary node my-redis-cluster-0002'))
    }
    const before = (await failovers()).length
    const stoppedAt = performance.now()
    await eventually(failovers, found => found.length > before)
    // A turn used to wait for the stopped node for fifteen seconds, and the failover for the turn.
    expect(performance.now() - stoppedAt).toBeLessThan(12_000)
    await settled(4)
    expect(await missing()).toEqual([])
  })
})
