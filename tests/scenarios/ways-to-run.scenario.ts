/** The other ways to run Hotshelf: one address only, names instead of addresses, rows on PostgreSQL, two side by side. */
import { Resolver } from 'node:dns/promises'
import { createSocket } from 'node:dgram'
import {
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import {
  dispose,
  eventually,
  type Hotshelf,
  postgresMissing,
  type PostgresServer,
  processesIn,
  startHotshelf,
  startPostgres,
} from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'

const running: Hotshelf[] = []
const clients: (Redis | Cluster)[] = []
let postgres: PostgresServer | undefined
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  for (const hotshelf of running.splice(0)) await dispose(hotshelf)
  await postgres?.stop()
  postgres = undefined
})

async function start(options: Parameters<typeof startHotshelf>[0]) {
  const hotshelf = await startHotshelf(options)
  running.push(hotshelf)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const group = async (id: string): Promise<ReplicationGroup> =>
    (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!
  const available = (id: string) =>
    eventually(
      () => group(id),
      found => found.Status === 'available',
    )
  const create = async (id: string, more: object) => {
    const shape = { ReplicationGroupId: id, ReplicationGroupDescription: id, Engine: 'valkey' }
    await elasticache.send(
      new CreateReplicationGroupCommand({
        ...shape,
        CacheNodeType: 'cache.t4g.micro',
        AutomaticFailoverEnabled: true,
        ...more,
      }),
    )
    return available(id)
  }
  const remove = async (id: string) => {
    await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
    await eventually(
      async () =>
        (await elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups!.map(
          g => g.ReplicationGroupId,
        ),
      ids => !ids.includes(id),
    )
  }
  const ca = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
  const modify = async (id: string, changes: object) => {
    const request = { ReplicationGroupId: id, ApplyImmediately: true, ...changes }
    await elasticache.send(new ModifyReplicationGroupCommand(request))
    return available(id)
  }
  return { hotshelf, create, available, modify, remove, ca }
}

function redis(endpoint: { Address?: string; Port?: number }, options: object = {}): Redis {
  const client = new Redis({ host: endpoint.Address!, port: endpoint.Port!, maxRetriesPerRequest: 2, ...options })
  client.on('error', () => {})
  clients.push(client)
  return client
}

/** Writes different keys one after the other until it is stopped; says which were acknowledged. */
function writing(client: Redis) {
  const state = { over: false }
  const acknowledged: string[] = []
  const run = (async () => {
    for (let n = 0; !state.over; n++) {
      const answer = await client.set(`write:${n}`, String(n)).catch(() => undefined)
      if (answer === 'OK') acknowledged.push(`write:${n}`)
      else await new Promise(resolve => setTimeout(resolve, 5))
    }
  })()
  return {
    async stop(): Promise<readonly string[]> {
      state.over = true
      await run
      return acknowledged
    },
  }
}

const freeUdpPort = (): Promise<number> =>
  new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

describe('with one address only (--address-mode ports)', () => {
  it('serves a primary and a replica through endpoints that outlive the server and follow a failover', async () => {
    const { hotshelf, create, available } = await start({ arguments: ['--address-mode', 'ports'] })
    const found = await create('classic', { NumCacheClusters: 2 })
    const { PrimaryEndpoint, ReaderEndpoint, NodeGroupMembers } = found.NodeGroups![0]!
    const addresses = [PrimaryEndpoint!, ReaderEndpoint!, ...NodeGroupMembers!.map(member => member.ReadEndpoint!)]
    expect(new Set(addresses.map(at => at.Address))).toEqual(new Set(['127.0.0.1']))
    expect(new Set(addresses.map(at => at.Port)).size).toBe(4)
    const primary = redis(PrimaryEndpoint!)
    await primary.set('a', '1')
    const reader = redis(ReaderEndpoint!)
    await eventually(
      () => reader.get('a'),
      value => value === '1',
    )

    await hotshelf.kill()
    expect(await redis(PrimaryEndpoint!).get('a')).toBe('1')
    running.splice(running.indexOf(hotshelf), 1)
    const again = await start({
      dataDir: hotshelf.dataDir,
      port: hotshelf.port,
      arguments: ['--address-mode', 'ports'],
    })
    await again.available('classic')

    const node = processesIn(hotshelf.dataDir).find(process => process.directory.endsWith('/classic-001'))!
    process.kill(node.pid, 'SIGKILL')
    await eventually(
      async () =>
        (await again.available('classic')).NodeGroups![0]!.NodeGroupMembers!.map(member => member.CurrentRole),
      roles => roles[0] === 'replica' && roles[1] === 'primary',
    )
    const after = redis(PrimaryEndpoint!)
    expect(await after.get('a')).toBe('1')
    expect(await after.set('b', '2')).toBe('OK')
    await again.remove('classic')
    expect(processesIn(hotshelf.dataDir).filter(found => found.directory.includes('/classic'))).toEqual([])
    void available
  })

  it('hands a primary over and turns encryption on, and loses no write', { timeout: 240_000 }, async () => {
    const { create, modify, ca } = await start({ arguments: ['--address-mode', 'ports'] })
    const before = (await create('rolling', { NumCacheClusters: 3 })).NodeGroups![0]!
    const endpoint = before.PrimaryEndpoint!
    const client = redis(endpoint, { retryStrategy: () => 20 })
    const writer = writing(client)
    // Rolled node by node, the primary last: its role and its endpoint are handed over first.
    const rolled = (await modify('rolling', { CacheNodeType: 'cache.t4g.small' })).NodeGroups![0]!
    const roles = rolled.NodeGroupMembers!.map(member => member.CurrentRole)
    expect(roles.toSorted()).toEqual(['primary', 'replica', 'replica'])
    expect(roles[0]).toBe('replica')

    await modify('rolling', { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' })
    // One port for both: the forwarder tells them apart by their first byte.
    const encrypted = redis(endpoint, { tls: { ca } })
    expect(await encrypted.get('write:0')).toBe('0')
    expect(await client.get('write:0')).toBe('0')
    const acknowledged = await writer.stop()
    await modify('rolling', { TransitEncryptionMode: 'required' })
    const only = redis(endpoint, { tls: { ca }, retryStrategy: () => 20 })
    expect(acknowledged.length).toBeGreaterThan(100)
    const missing = (await Promise.all(acknowledged.map(key => only.exists(key)))).filter(found => found === 0)
    expect(missing).toEqual([])
    const plain = redis(endpoint, { maxRetriesPerRequest: 0, retryStrategy: () => null })
    await expect(plain.ping()).rejects.toThrow()
    const after = (await modify('rolling', { ReplicationGroupDescription: 'rolled' })).NodeGroups![0]!
    expect(after.PrimaryEndpoint).toEqual(before.PrimaryEndpoint)
    expect(after.ReaderEndpoint).toEqual(before.ReaderEndpoint)
  })

  it('serves a cluster with TLS', async () => {
    const { create, ca } = await start({ arguments: ['--address-mode', 'ports'] })
    const found = await create('sharded', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1, TransitEncryptionEnabled: true })
    const { Address: host, Port: port } = found.ConfigurationEndpoint!
    const cluster = new Cluster([{ host: host!, port: port! }], { redisOptions: { tls: { ca } } })
    clients.push(cluster)
    for (const key of ['a', 'b', 'c', 'd', 'e']) expect(await cluster.set(key, key)).toBe('OK')
    expect(cluster.nodes('master')).toHaveLength(2)
  })
})

describe('with names (--dns-zone)', () => {
  it("answers names in AWS's shapes, and certificates carry them", async () => {
    const dnsPort = await freeUdpPort()
    const { create, ca } = await start({ arguments: ['--dns-zone', 'hotshelf.test', '--dns-port', String(dnsPort)] })
    const found = await create('named', { NumCacheClusters: 3, TransitEncryptionEnabled: true })
    const { PrimaryEndpoint, ReaderEndpoint } = found.NodeGroups![0]!
    expect(PrimaryEndpoint!.Address).toMatch(/^master\.named\.[a-z0-9]{6}\.use1\.cache\.hotshelf\.test$/)
    expect(ReaderEndpoint!.Address).toMatch(/^replica\.named\.[a-z0-9]{6}\.use1\.cache\.hotshelf\.test$/)
    const resolver = new Resolver()
    resolver.setServers([`127.0.0.1:${dnsPort}`])
    const [address] = await resolver.resolve4(PrimaryEndpoint!.Address!)
    expect(await resolver.resolve4(ReaderEndpoint!.Address!)).toHaveLength(2)
    await expect(resolver.resolve4(`nobody.${PrimaryEndpoint!.Address}`)).rejects.toThrow(/ENOTFOUND/)
    const tls = { ca, servername: PrimaryEndpoint!.Address! }
    expect(await redis({ Address: address!, Port: 6379 }, { tls }).set('by', 'name')).toBe('OK')
  })
})

const noPostgres = postgresMissing()
describe('with rows on PostgreSQL (--store postgres://…)', () => {
  it.skipIf(noPostgres !== undefined)(
    `creates, survives a kill and deletes (${noPostgres ?? 'PostgreSQL is here'})`,
    async () => {
      postgres = await startPostgres()
      const options = { arguments: ['--store', await postgres.createDatabase()] }
      const { hotshelf, create } = await start(options)
      await create('rows', { NumCacheClusters: 2 })
      await hotshelf.kill()
      running.splice(running.indexOf(hotshelf), 1)
      const again = await start({ ...options, dataDir: hotshelf.dataDir, port: hotshelf.port })
      await again.available('rows')
      await again.remove('rows')
    },
  )
})

describe('two servers side by side', () => {
  it('have groups of one name on one port, and do not touch each other', async () => {
    const [one, two] = [await start({}), await start({})]
    const found = await Promise.all([one, two].map(server => server.create('twin', { NumCacheClusters: 2 })))
    const endpoints = found.map(group => group.NodeGroups![0]!.PrimaryEndpoint!)
    expect(endpoints.map(at => at.Port)).toEqual([6379, 6379])
    expect(endpoints[0]!.Address).not.toBe(endpoints[1]!.Address)
    await redis(endpoints[0]!).set('whose', 'one')
    await redis(endpoints[1]!).set('whose', 'two')
    await one.remove('twin')
    expect(await redis(endpoints[1]!).get('whose')).toBe('two')
  })
})
