/**
 * A group is changed under its customers: another engine, another node type, encryption, a reboot. Writers go on all the
 * while and every write that was acknowledged is there afterwards, at the endpoints of before.
 * What is desired is written into the store of a server that is stopped, so that control alone is what is tried.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import type { ReplicationGroupDesired } from '@hotshelf/domain'
import { loadSealKey, openStore } from '@hotshelf/store'
import { dispose, eventually, type Hotshelf, installedProgram, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient

const open = async (dataDir?: string): Promise<void> => {
  hotshelf = await startHotshelf(dataDir === undefined ? {} : { dataDir })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
}
beforeAll(() => open())
afterAll(() => dispose(hotshelf))

const group = async (id: string): Promise<ReplicationGroup> =>
  (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!

const available = (id: string): Promise<ReplicationGroup> =>
  eventually(
    () => group(id),
    found => found.Status === 'available',
  )

async function create(id: string, more: object): Promise<ReplicationGroup> {
  const shape = { ReplicationGroupId: id, ReplicationGroupDescription: id, CacheNodeType: 'cache.t4g.micro' }
  await elasticache.send(new CreateReplicationGroupCommand({ ...shape, ...more }))
  return available(id)
}

/** Nodes go on serving meanwhile: that is the point of stopping the server. */
async function change(id: string, to: (desired: ReplicationGroupDesired) => ReplicationGroupDesired): Promise<void> {
  const { dataDir } = hotshelf
  await hotshelf.stop()
  const sealKey = loadSealKey(join(dataDir, 'seal.key'))
  const store = await openStore({
    url: `sqlite:${join(dataDir, 'hotshelf.db')}`,
    sealKey,
    clock: { now: () => new Date() },
  })
  try {
    const row = (await store.replicationGroups.listEverywhere()).find(each => each.name === id)!
    expect(await store.replicationGroups.change(row.arn, to)).toBeDefined()
  } finally {
    await store.close()
  }
  await open(dataDir)
  await available(id)
}

const programsOf = (id: string): readonly string[] =>
  processesIn(hotshelf.dataDir)
    .filter(({ directory }) => directory.includes(`/${id}/`))
    .map(({ pid }) => /(valkey|redis)-server/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? 'another')

/** Writes different keys one after the other; a write that fails is tried again under another name. */
function writing(client: Redis | Cluster) {
  const writing = { over: false }
  const acknowledged: string[] = []
  const failures: string[] = []
  const run = (async () => {
    for (let n = 0; !writing.over; n++) {
      try {
        await client.set(`write:${n}`, String(n))
        acknowledged.push(`write:${n}`)
      } catch (error) {
        failures.push(String(error))
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    }
  })()
  return {
    acknowledged,
    failures,
    stop: async () => {
      writing.over = true
      await run
    },
  }
}

async function expectAllThere(client: Redis | Cluster, acknowledged: readonly string[]): Promise<void> {
  expect(acknowledged.length).toBeGreaterThan(100)
  const missing: string[] = []
  for (let i = 0; i < acknowledged.length; i += 500) {
    const keys = acknowledged.slice(i, i + 500)
    const values = await Promise.all(keys.map(key => client.get(key)))
    missing.push(...keys.filter((_, n) => values[n] === null))
  }
  expect(missing).toEqual([])
}

const both = installedProgram('redis-server') && installedProgram('valkey-server')
const toValkey = (desired: ReplicationGroupDesired): ReplicationGroupDesired => ({
  ...desired,
  engine: 'valkey',
  engineVersion: '8.0',
  parameterGroup: desired.parameterGroup.includes('cluster.on') ? 'default.valkey8.cluster.on' : 'default.valkey8',
})

describe('a group with cluster mode disabled', () => {
  it.skipIf(!both)(
    'goes from Redis to Valkey, changes its node type and its encryption, and loses no write',
    async () => {
      const before = await create('rolling', {
        Engine: 'redis',
        EngineVersion: '7.1',
        NumCacheClusters: 3,
        AutomaticFailoverEnabled: true,
      })
      expect(programsOf('rolling')).toEqual(['redis', 'redis', 'redis'])
      const { Address: host, Port: port } = before.NodeGroups![0]!.PrimaryEndpoint!
      const client = new Redis({ host: host!, port: port! })
      client.on('error', () => {})
      const writer = writing(client)
      await change('rolling', toValkey)
      expect(programsOf('rolling')).toEqual(['valkey', 'valkey', 'valkey'])
      await change('rolling', desired => ({ ...desired, nodeType: 'cache.t4g.small' }))
      await change('rolling', desired => ({ ...desired, nodeType: 'cache.t4g.micro' }))
      await change('rolling', desired => ({ ...desired, transitEncryption: 'preferred' }))
      await writer.stop()
      await expectAllThere(client, writer.acknowledged)

      const encrypted = new Redis({ host: host!, port: port! + 1, tls: { rejectUnauthorized: false } })
      encrypted.on('error', () => {})
      expect(await encrypted.get('write:0')).toBe('0')
      encrypted.disconnect()
      await change('rolling', desired => ({ ...desired, transitEncryption: 'required' }))
      client.disconnect()
      const only = new Redis({ host: host!, port: port!, tls: { rejectUnauthorized: false } })
      only.on('error', () => {})
      await expectAllThere(only, writer.acknowledged)
      only.disconnect()
      const after = await group('rolling')
      expect(after.NodeGroups![0]!.PrimaryEndpoint).toEqual(before.NodeGroups![0]!.PrimaryEndpoint)
      expect(after.NodeGroups![0]!.ReaderEndpoint).toEqual(before.NodeGroups![0]!.ReaderEndpoint)
      process.stdout.write(
        `cluster mode disabled: ${writer.acknowledged.length} writes, ${writer.failures.length} refused and tried again\n`,
      )
    },
    240_000,
  )

  it.skipIf(!both)(
    'goes from Redis to Valkey also without a replica, with all its data',
    async () => {
      const before = await create('lone', { Engine: 'redis', EngineVersion: '7.1', NumCacheClusters: 1 })
      const { Address: host, Port: port } = before.NodeGroups![0]!.PrimaryEndpoint!
      const client = new Redis({ host: host!, port: port! })
      client.on('error', () => {})
      const writer = writing(client)
      await change('lone', toValkey)
      await writer.stop()
      await expectAllThere(client, writer.acknowledged)
      expect(programsOf('lone')).toEqual(['valkey'])
      client.disconnect()
    },
    240_000,
  )
})

describe('a group with cluster mode enabled', () => {
  it.skipIf(!both)(
    'goes from Redis to Valkey, changes its encryption, and loses no write',
    async () => {
      const shape = { NumNodeGroups: 2, ReplicasPerNodeGroup: 1, AutomaticFailoverEnabled: true }
      const before = await create('shards', { Engine: 'redis', EngineVersion: '7.1', ...shape })
      const { Address: host, Port: port } = before.ConfigurationEndpoint!
      const cluster = new Cluster([{ host: host!, port: port! }], { slotsRefreshTimeout: 2000 })
      cluster.on('error', () => {})
      const writer = writing(cluster)
      await change('shards', toValkey)
      expect(programsOf('shards')).toEqual(['valkey', 'valkey', 'valkey', 'valkey'])
      await change('shards', desired => ({ ...desired, transitEncryption: 'preferred' }))
      await writer.stop()
      await expectAllThere(cluster, writer.acknowledged)
      cluster.disconnect()
      await change('shards', desired => ({ ...desired, transitEncryption: 'required' }))
      const tls = { rejectUnauthorized: false }
      const encrypted = new Cluster([{ host: host!, port: port! }], {
        redisOptions: { tls },
        slotsRefreshTimeout: 2000,
      })
      encrypted.on('error', () => {})
      await expectAllThere(encrypted, writer.acknowledged)
      encrypted.disconnect()
      expect((await group('shards')).ConfigurationEndpoint).toEqual(before.ConfigurationEndpoint)
      process.stdout.write(
        `cluster mode enabled: ${writer.acknowledged.length} writes, ${writer.failures.length} refused and tried again\n`,
      )
    },
    240_000,
  )
})
