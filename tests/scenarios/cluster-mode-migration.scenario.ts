/**
 * A group with cluster mode disabled becomes compatible and then enabled, through the API, while customers write. Every write
 * that was acknowledged is there afterwards, whatever is killed on the way.
 */
import {
  type CreateReplicationGroupCommandInput,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  ModifyReplicationGroupShardConfigurationCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, installedProgram, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

let hotshelf: Hotshelf
let customer: Customer
beforeAll(async () => {
  hotshelf = await startHotshelf({})
  customer = customerOf(hotshelf)
})
afterAll(() => dispose(hotshelf))

const token = 'a-token-of-this-scenario'
const secret = { AuthToken: token, TransitEncryptionEnabled: true, AtRestEncryptionEnabled: true } as const

const toMode = (id: string, ClusterMode: 'compatible' | 'enabled') =>
  customer.elasticache.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ClusterMode, ApplyImmediately: true }),
  )

const create = (id: string, more: Partial<CreateReplicationGroupCommandInput>) =>
  customer.create(id, { NumCacheClusters: 3, AutomaticFailoverEnabled: true, ...more })

/** Writes different keys one after the other; the longest time between two acknowledgements is what a customer waited. */
function writing(client: Redis) {
  const state = { over: false, longestMs: 0 }
  const acknowledged: string[] = []
  const run = (async () => {
    let last = performance.now()
    for (let n = 0; !state.over; n++) {
      try {
        if ((await client.set(`write:${n}`, String(n))) === 'OK') acknowledged.push(`write:${n}`)
        state.longestMs = Math.max(state.longestMs, performance.now() - last)
        last = performance.now()
      } catch {
        await new Promise(resolve => setTimeout(resolve, 2))
      }
    }
  })()
  return {
    acknowledged,
    stop: async () => {
      state.over = true
      await run
      return state.longestMs
    },
  }
}

async function missingFrom(client: Redis | Cluster, keys: readonly string[]): Promise<readonly string[]> {
  expect(keys.length).toBeGreaterThan(100)
  const missing: string[] = []
  for (let i = 0; i < keys.length; i += 500) {
    const part = keys.slice(i, i + 500)
    const values = await Promise.all(part.map(key => client.get(key)))
    missing.push(...part.filter((_, n) => values[n] === null))
  }
  return missing
}

const quiet = <C extends Redis | Cluster>(client: C): C => {
  client.on('error', () => {})
  return client
}
const tlsOptions = { tls: { rejectUnauthorized: false }, password: token }

const engines = [
  { program: 'valkey-server', Engine: 'valkey', EngineVersion: '8.0' },
  { program: 'redis-server', Engine: 'redis', EngineVersion: '7.1' },
] as const

describe.each(engines)('$Engine: cluster mode disabled → compatible → enabled', engine => {
  const { program, ...version } = engine
  const has = installedProgram(program) !== undefined

  it.skipIf(!has)('keeps every acknowledged write, serves both kinds of clients, and scales out then', async () => {
    const id = `way-${version.Engine}`
    const before = await create(id, { ...version, ...secret })
    const shard = before.NodeGroups![0]!
    const primary = { host: shard.PrimaryEndpoint!.Address!, port: shard.PrimaryEndpoint!.Port!, ...tlsOptions }
    const client = quiet(new Redis(primary))
    const writer = writing(client)
    await toMode(id, 'compatible')
    const compatible = await customer.available(id)
    const longestMs = await writer.stop()
    console.info(`${version.Engine}: longest time between two acknowledged writes ${Math.round(longestMs)} ms`)
    expect(await missingFrom(client, writer.acknowledged)).toEqual([])

    expect(compatible).toMatchObject({ ClusterEnabled: true, ClusterMode: 'compatible' })
    expect(compatible.NodeGroups![0]!.PrimaryEndpoint).toEqual(shard.PrimaryEndpoint)
    expect(compatible.NodeGroups![0]!.ReaderEndpoint).toEqual(shard.ReaderEndpoint)
    expect(compatible.MemberClusters).toEqual(before.MemberClusters)
    const reader = quiet(new Redis({ ...primary, host: shard.ReaderEndpoint!.Address! }))
    expect(await reader.get('write:0')).toBe('0')
    const { Address: host, Port: port } = compatible.ConfigurationEndpoint!
    const cluster = quiet(new Cluster([{ host: host!, port: port! }], { redisOptions: tlsOptions }))
    expect(await missingFrom(cluster, writer.acknowledged)).toEqual([])
    await cluster.set('by a cluster client', 'yes')
    expect(await client.get('by a cluster client')).toBe('yes')

    await toMode(id, 'enabled')
    const enabled = await customer.available(id)
    expect(enabled).toMatchObject({ ClusterEnabled: true, ClusterMode: 'enabled' })
    expect(enabled.ConfigurationEndpoint).toEqual(compatible.ConfigurationEndpoint)
    expect(enabled.NodeGroups![0]!.PrimaryEndpoint).toBeUndefined()
    await customer.elasticache.send(
      new ModifyReplicationGroupShardConfigurationCommand({
        ReplicationGroupId: id,
        NodeGroupCount: 2,
        ApplyImmediately: true,
      }),
    )
    expect((await customer.available(id)).NodeGroups).toHaveLength(2)
    expect(await missingFrom(cluster, writer.acknowledged)).toEqual([])
    for (const each of [client, reader, cluster]) each.disconnect()
  })

  it.skipIf(!has)('loses nothing when Hotshelf and then a replica are killed on the way', async () => {
    const id = `killed-${version.Engine}`
    const before = await create(id, version)
    const { Address: host, Port: port } = before.NodeGroups![0]!.PrimaryEndpoint!
    const client = quiet(new Redis({ host: host!, port: port! }))
    const writer = writing(client)
    await toMode(id, 'compatible')
    await new Promise(resolve => setTimeout(resolve, 150))
    const { dataDir } = hotshelf
    await hotshelf.kill()
    // The one that was being started anew when Hotshelf died may not be there.
    const replica = processesIn(dataDir).find(
      ({ directory }) => /-00[23]$/.test(directory) && directory.includes(`/${id}/`),
    )
    process.kill(replica!.pid, 'SIGKILL')
    hotshelf = await startHotshelf({ dataDir })
    customer = customerOf(hotshelf)
    await customer.available(id)
    await writer.stop()
    expect(await missingFrom(client, writer.acknowledged)).toEqual([])
    expect(await client.info('cluster')).toContain('cluster_enabled:1')
    client.disconnect()
  })
})

describe('durability sync', () => {
  it.skipIf(!installedProgram('valkey-server'))(
    'loses no acknowledged write when the primary is killed on the way',
    async () => {
      const before = await create('durable', { Durability: 'sync' })
      const { Address: host, Port: port } = before.NodeGroups![0]!.PrimaryEndpoint!
      const client = quiet(new Redis({ host: host!, port: port! }))
      const writer = writing(client)
      await toMode('durable', 'compatible')
      await new Promise(resolve => setTimeout(resolve, 300))
      process.kill(customer.pidOf('durable-001'), 'SIGKILL')
      await customer.available('durable')
      await writer.stop()
      expect(await missingFrom(client, writer.acknowledged)).toEqual([])
      expect(await client.info('cluster')).toContain('cluster_enabled:1')
      client.disconnect()
    },
  )
})

describe('what keeps a group from changing over', () => {
  it.skipIf(!installedProgram('valkey-server'))(
    'waits for keys of other databases to go, and keeps customers from making new ones then',
    async () => {
      const before = await create('databases', {})
      const { Address: host, Port: port } = before.NodeGroups![0]!.PrimaryEndpoint!
      const other = quiet(new Redis({ host: host!, port: port!, db: 3 }))
      await other.set('elsewhere', '1')
      await toMode('databases', 'compatible')
      await new Promise(resolve => setTimeout(resolve, 1500))
      expect((await customer.group('databases')).Status).toBe('modifying')
      expect(await other.get('elsewhere')).toBe('1')
      await other.del('elsewhere')
      await customer.available('databases')
      const client = quiet(new Redis({ host: host!, port: port! }))
      await expect(client.select(3)).rejects.toThrow(/SELECT is not allowed in cluster mode/)
      for (const each of [client, other]) each.disconnect()
    },
  )

  it('refuses what AWS refuses', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
    const { ReplicationGroups: groups = [] } = await client.send(new DescribeReplicationGroupsCommand({}))
    const compatible = await eventually(
      async () => groups.find(group => group.ClusterMode === 'compatible'),
      found => found !== undefined,
    )
    const modify = (more: object) =>
      client.send(new ModifyReplicationGroupCommand({ ReplicationGroupId: compatible!.ReplicationGroupId!, ...more }))
    await expect(modify({ ClusterMode: 'disabled' })).rejects.toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    await expect(modify({ CacheNodeType: 'cache.t4g.small' })).rejects.toThrow(/while ClusterMode is compatible/)
    await expect(modify({ ClusterMode: 'enabled', MultiAZEnabled: true })).rejects.toThrow(
      /same request as ClusterMode/,
    )
  })
})
