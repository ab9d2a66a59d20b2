/** One primary and two replicas: what is written through the primary endpoint arrives, and a lost node comes back. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient
const clients: Redis[] = []

beforeAll(async () => {
  hotshelf = await startHotshelf()
  elasticache = new ElastiCacheClient({
    endpoint: hotshelf.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})
afterAll(async () => {
  for (const client of clients) client.disconnect()
  await dispose(hotshelf)
})

function connect(endpoint: { Address?: string; Port?: number } | undefined, options: object = {}): Redis {
  const client = new Redis({
    host: endpoint!.Address!,
    port: endpoint!.Port!,
    maxRetriesPerRequest: 1,
    retryStrategy: null as never,
    ...options,
  })
  client.on('error', () => {})
  clients.push(client)
  return client
}

async function group(id: string): Promise<ReplicationGroup> {
  const answer = await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))
  return answer.ReplicationGroups![0]!
}

const available = (id: string): Promise<ReplicationGroup> =>
  eventually(
    () => group(id),
    found => found.Status === 'available',
  )

const pidOf = (node: string): number =>
  processesIn(hotshelf.dataDir).find(found => found.directory.endsWith(`/${node}`))!.pid

async function create(id: string, more: object = {}): Promise<ReplicationGroup> {
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: 'one primary, two replicas',
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 3,
      AutomaticFailoverEnabled: true,
      ...more,
    }),
  )
  return available(id)
}

const roles = (found: ReplicationGroup): Record<string, string | undefined> =>
  Object.fromEntries(found.NodeGroups![0]!.NodeGroupMembers!.map(node => [node.CacheClusterId!, node.CurrentRole]))

describe('a replication group with cluster mode disabled', () => {
  it('carries writes from the primary endpoint to both replicas', async () => {
    const found = await create('classic')
    expect(found.NodeGroups![0]!.PrimaryEndpoint!.Port).toBe(6379)
    expect(found.ConfigurationEndpoint).toBeUndefined()
    expect(roles(found)).toEqual({ 'classic-001': 'primary', 'classic-002': 'replica', 'classic-003': 'replica' })

    const primary = connect(found.NodeGroups![0]!.PrimaryEndpoint)
    await primary.set('greeting', 'hello')
    for (const member of found.NodeGroups![0]!.NodeGroupMembers!) {
      const node = connect(member.ReadEndpoint)
      await eventually(
        () => node.get('greeting'),
        value => value === 'hello',
      )
    }
  })

  it('reads through the reader endpoint, and a replica refuses writes', async () => {
    const found = await group('classic')
    const reader = connect(found.NodeGroups![0]!.ReaderEndpoint)
    expect(await reader.get('greeting')).toBe('hello')
    await expect(reader.set('greeting', 'no')).rejects.toThrow(/READONLY/)
  })

  it('brings a killed replica back under its own id, in sync', async () => {
    process.kill(pidOf('classic-003'), 'SIGKILL')
    await eventually(
      async () => (await group('classic')).Status,
      status => status !== 'available',
    )
    const found = await available('classic')
    const node = connect(
      found.NodeGroups![0]!.NodeGroupMembers!.find(m => m.CacheClusterId === 'classic-003')!.ReadEndpoint,
    )
    expect(await node.get('greeting')).toBe('hello')
  })

  it('promotes a replica when the primary is killed, keeps every endpoint, and takes the old one back as a replica', async () => {
    const before = await group('classic')
    process.kill(pidOf('classic-001'), 'SIGKILL')
    const promoted = await eventually(
      () => group('classic'),
      found => roles(found)['classic-001'] === 'replica' && found.Status === 'available',
    )
    expect(Object.values(roles(promoted)).toSorted()).toEqual(['primary', 'replica', 'replica'])
    expect(promoted.NodeGroups![0]!.PrimaryEndpoint).toEqual(before.NodeGroups![0]!.PrimaryEndpoint)
    const primary = connect(promoted.NodeGroups![0]!.PrimaryEndpoint)
    expect(await primary.get('greeting')).toBe('hello')
    await primary.set('after', 'failover')

    const { Events } = await elasticache.send(new DescribeEventsCommand({ SourceType: 'replication-group' }))
    expect(Events!.map(event => event.Message)).toContainEqual(
      expect.stringMatching(/^Failover from primary node classic-001 to replica node classic-00[23] completed$/),
    )
  })

  it('keeps serving while Hotshelf is killed, and is adopted when it comes back', async () => {
    const before = new Map(processesIn(hotshelf.dataDir).map(found => [found.directory, found.pid]))
    const primary = connect((await group('classic')).NodeGroups![0]!.PrimaryEndpoint)
    await hotshelf.kill()
    await primary.set('alone', 'yes')
    expect(await primary.get('alone')).toBe('yes')
    hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir, port: hotshelf.port })
    expect((await available('classic')).Status).toBe('available')
    expect(new Map(processesIn(hotshelf.dataDir).map(found => [found.directory, found.pid]))).toEqual(before)
    expect(await primary.get('alone')).toBe('yes')
  })

  it('asks for the AUTH token, over TLS, with the certificate verified', async () => {
    const found = await create('sealed', { TransitEncryptionEnabled: true, AuthToken: 'ThisIsA-Good-Token-1' })
    const tls = { ca: await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text() }
    const endpoint = found.NodeGroups![0]!.PrimaryEndpoint
    const stranger = connect(endpoint, { tls })
    await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/)
    const friend = connect(endpoint, { tls, password: 'ThisIsA-Good-Token-1' })
    await friend.set('x', '1')
    expect(await friend.get('x')).toBe('1')
    const log = readFileSync(join(hotshelf.dataDir, 'hotshelf.db'))
    expect(log.includes('ThisIsA-Good-Token-1')).toBe(false)
    expect(hotshelf.output()).not.toContain('ThisIsA-Good-Token-1')
  })

  it('accepts clients with and without TLS while encryption is only preferred', async () => {
    const found = await create('both', { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' })
    const { Address, Port } = found.NodeGroups![0]!.PrimaryEndpoint!
    const tls = { ca: await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text() }
    expect(await connect({ Address: Address!, Port: Port! }).set('by', 'plain text')).toBe('OK')
    expect(await connect({ Address: Address!, Port: Port! + 1 }, { tls }).get('by')).toBe('plain text')
    await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: 'both' }))
  })

  it('rotates the AUTH token without cutting anybody off', async () => {
    const tls = { ca: await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text() }
    const endpoint = (await group('sealed')).NodeGroups![0]!.PrimaryEndpoint
    const before = connect(endpoint, { tls, password: 'ThisIsA-Good-Token-1' })
    expect(await before.get('x')).toBe('1')
    const rotate = async (AuthTokenUpdateStrategy: 'ROTATE' | 'SET') => {
      const change = { ReplicationGroupId: 'sealed', AuthToken: 'ThisIsA-Good-Token-2', AuthTokenUpdateStrategy }
      await elasticache.send(new ModifyReplicationGroupCommand({ ...change, ApplyImmediately: true }))
      await available('sealed')
    }
    await rotate('ROTATE')
    for (const password of ['ThisIsA-Good-Token-1', 'ThisIsA-Good-Token-2']) {
      expect(await connect(endpoint, { tls, password }).get('x')).toBe('1')
    }
    await rotate('SET')
    await expect(connect(endpoint, { tls, password: 'ThisIsA-Good-Token-1' }).get('x')).rejects.toThrow(
      /WRONGPASS|NOAUTH/,
    )
    expect(await connect(endpoint, { tls, password: 'ThisIsA-Good-Token-2' }).get('x')).toBe('1')
    expect(await before.get('x')).toBe('1')
  })

  it('serves two groups on the same port at once, and deletes each without a trace', async () => {
    const both = await Promise.all([group('classic'), group('sealed')])
    expect(both.map(found => found.NodeGroups![0]!.PrimaryEndpoint!.Port)).toEqual([6379, 6379])
    for (const id of ['classic', 'sealed']) {
      await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
    }
    await eventually(
      () => elasticache.send(new DescribeCacheClustersCommand({})),
      answer => answer.CacheClusters!.length === 0,
    )
    await eventually(
      async () => processesIn(hotshelf.dataDir).filter(found => /classic|sealed/.test(found.directory)),
      left => left.length === 0,
    )
  })
})
