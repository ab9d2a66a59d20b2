/**
 * Parameters as customers have them: what takes effect at once takes effect on every node, what needs a restart waits for
 * RebootCacheCluster of each. CONFIG is closed to customers, so each is told by what it does.
 */
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type CacheCluster,
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  DeleteCacheParameterGroupCommand,
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type Endpoint,
  ModifyCacheParameterGroupCommand,
  ModifyReplicationGroupCommand,
  type NodeGroupMember,
  RebootCacheClusterCommand,
  type ReplicationGroup,
  ResetCacheParameterGroupCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, RespClient, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const id = 'live'
const parameterGroup = 'app-params'
const nodeIds = [`${id}-001`, `${id}-002`] as const

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient

beforeAll(async () => {
  hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  await createParameterGroup(parameterGroup, 'valkey8')
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: id,
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      CacheParameterGroupName: parameterGroup,
    }),
  )
  await available()
})
afterAll(() => dispose(hotshelf))

const createParameterGroup = (name: string, family: string) =>
  elasticache.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: family,
      Description: name,
    }),
  )

const modify = (name: string, values: Readonly<Record<string, string>>) =>
  elasticache.send(
    new ModifyCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      ParameterNameValues: Object.entries(values).map(([ParameterName, ParameterValue]) => ({
        ParameterName,
        ParameterValue,
      })),
    }),
  )

/** What differs from the defaults. */
async function userValues(name: string): Promise<Readonly<Record<string, string | undefined>>> {
  const request = { CacheParameterGroupName: name, Source: 'user' }
  const { Parameters = [] } = await elasticache.send(new DescribeCacheParametersCommand(request))
  return Object.fromEntries(Parameters.map(each => [each.ParameterName!, each.ParameterValue]))
}

const group = async (): Promise<ReplicationGroup> =>
  (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!

const available = (): Promise<ReplicationGroup> => eventually(group, found => found.Status === 'available')

const members = async (): Promise<readonly NodeGroupMember[]> => (await group()).NodeGroups![0]!.NodeGroupMembers!

const memberOf = async (role: 'primary' | 'replica'): Promise<NodeGroupMember> =>
  (await members()).find(node => node.CurrentRole === role)!

const node = async (nodeId: string): Promise<CacheCluster> =>
  (await elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: nodeId, ShowCacheNodeInfo: true })))
    .CacheClusters![0]!

const applyStatus = async (nodeId: string): Promise<string | undefined> =>
  (await node(nodeId)).CacheParameterGroup!.ParameterApplyStatus

const inSync = (nodeId: string): Promise<unknown> =>
  eventually(
    () => applyStatus(nodeId),
    status => status === 'in-sync',
  )

const open = ({ Address: host, Port: port }: Endpoint): Promise<RespClient> =>
  RespClient.connect({ host: host!, port: port! })

/** Asks each node over a connection of its own, in the order of their ids. */
async function onEach<T>(ask: (client: RespClient) => Promise<T>): Promise<readonly T[]> {
  const sorted = [...(await members())].sort((a, b) => a.CacheClusterId!.localeCompare(b.CacheClusterId!))
  return Promise.all(sorted.map(({ ReadEndpoint }) => on(ReadEndpoint!, ask)))
}

async function on<T>(endpoint: Endpoint, ask: (client: RespClient) => Promise<T>): Promise<T> {
  const client = await open(endpoint)
  try {
    return await ask(client)
  } finally {
    client.close()
  }
}

async function policy(client: RespClient): Promise<string | undefined> {
  return /^maxmemory_policy:(.*)\r$/m.exec(await client.text('INFO', 'memory'))?.[1]
}

const everyPolicy = (wanted: string) =>
  eventually(
    () => onEach(policy),
    found => found.every(one => one === wanted),
  )

const highDatabase = (client: RespClient): Promise<string> => client.text('SELECT', '17')
const outOfRange = 'ERR DB index is out of range'

describe("the guide's parameter group", () => {
  it('takes its four values and shows them', async () => {
    const values = {
      'maxmemory-policy': 'allkeys-lru',
      'notify-keyspace-events': 'Ex',
      timeout: '300',
      'tcp-keepalive': '60',
    }
    await createParameterGroup('app-redis71-params', 'redis7')
    await modify('app-redis71-params', values)
    expect(await userValues('app-redis71-params')).toEqual(values)
  })
})

describe('parameters that take effect at once', () => {
  it('do so on every node', async () => {
    expect(await onEach(policy)).toEqual(['volatile-lru', 'volatile-lru'])
    await modify(parameterGroup, { 'maxmemory-policy': 'allkeys-lru', 'slowlog-log-slower-than': '0' })
    await everyPolicy('allkeys-lru')
    const slow = await onEach(async client => {
      await client.text('ECHO', 'slow enough')
      return client.text('SLOWLOG', 'GET', '5')
    })
    for (const entries of slow) expect(entries).toContain('slow enough')
    await modify(parameterGroup, { 'slowlog-log-slower-than': '10000' })
    for (const nodeId of nodeIds) await inSync(nodeId)
  })

  it('notify-keyspace-events tells subscribers which keys expire, and those of every node what is written', async () => {
    const heard = new Set<string>()
    const subscribers = await Promise.all(
      (await members()).map(async ({ CacheClusterId, ReadEndpoint }) => {
        const subscriber = new Redis({ host: ReadEndpoint!.Address!, port: ReadEndpoint!.Port! })
        subscriber.on('error', () => {})
        subscriber.on('pmessage', (_, channel: string, key: string) => heard.add(`${CacheClusterId} ${channel} ${key}`))
        await subscriber.psubscribe('__key*__:*')
        return subscriber
      }),
    )
    const { PrimaryEndpoint } = (await group()).NodeGroups![0]!
    const expire = (key: string) => on(PrimaryEndpoint!, client => client.text('SET', key, 'x', 'PX', '50'))
    const hears = (key: string, count: number) =>
      eventually(
        async () => {
          await expire(key)
          return [...heard].sort()
        },
        told => told.length >= count,
      )
    await expire('unheard')
    await pause(300)
    await modify(parameterGroup, { 'notify-keyspace-events': 'Ex' })
    const primary = (await memberOf('primary')).CacheClusterId!
    // By event only and of expiry only. A replica does not expire keys: its primary tells it to delete them.
    expect(await hears('lapsed', 1)).toEqual([`${primary} __keyevent@0__:expired lapsed`])
    await modify(parameterGroup, { 'notify-keyspace-events': 'K$' })
    const written = nodeIds.map(nodeId => `${nodeId} __keyspace@0__:written set`)
    await eventually(
      async () => {
        await expire('written')
        return [...heard]
      },
      told => written.every(one => told.includes(one)),
    )
    for (const subscriber of subscribers) subscriber.disconnect()
  })

  it.skipIf(!existsSync('/proc/net/tcp'))('tcp-keepalive decides when idle connections are probed', async () => {
    const probes = async () => Promise.all((await members()).map(({ ReadEndpoint }) => secondsToProbe(ReadEndpoint!)))
    for (const seconds of await probes()) expect(seconds).toBeGreaterThan(60)
    await modify(parameterGroup, { 'tcp-keepalive': '60' })
    const found = await eventually(probes, all => all.every(seconds => seconds <= 60))
    for (const seconds of found) expect(seconds).toBeGreaterThan(30)
  })

  it('timeout cuts clients that are idle, at every endpoint, and no others', async () => {
    const { PrimaryEndpoint, ReaderEndpoint } = (await group()).NodeGroups![0]!
    const endpoints = [PrimaryEndpoint!, ReaderEndpoint!, ...(await members()).map(each => each.ReadEndpoint!)]
    const idle = await Promise.all(endpoints.map(open))
    const busy = await Promise.all(endpoints.map(open))
    for (const client of idle) expect(await client.text('PING')).toBe('PONG')
    // The shortest that ElastiCache takes.
    await modify(parameterGroup, { timeout: '20' })
    const since = Date.now()
    await eventually(
      async () => {
        for (const client of busy) expect(await client.text('PING')).toBe('PONG')
        return idle.map(client => client.closed)
      },
      closed => closed.every(Boolean),
    )
    expect(Date.now() - since).toBeGreaterThan(15_000)
    for (const client of busy) client.close()
    // Neither replication nor what looks after the nodes counts as idle.
    expect((await group()).Status).toBe('available')
    expect(await onEach(client => client.text('PING'))).toEqual(['PONG', 'PONG'])
  })
})

describe('a parameter that needs a restart', () => {
  it('is pending on each node until that node is rebooted', async () => {
    const { PrimaryEndpoint } = (await group()).NodeGroups![0]!
    await on(PrimaryEndpoint!, client => client.text('SET', 'kept', 'yes'))
    // A group in use refuses such a change, so it comes with another parameter group.
    await expect(modify(parameterGroup, { databases: '20' })).rejects.toThrow('while the parameter group is in use')
    await createParameterGroup('wide-params', 'valkey8')
    await modify('wide-params', { databases: '20', 'maxmemory-policy': 'allkeys-lfu' })
    await use('wide-params')
    await everyPolicy('allkeys-lfu')
    for (const nodeId of nodeIds) {
      const found = await eventually(
        () => node(nodeId),
        one => one.CacheParameterGroup!.ParameterApplyStatus === 'pending-reboot',
      )
      expect(found.CacheParameterGroup!.CacheParameterGroupName).toBe('wide-params')
      expect(found.CacheParameterGroup!.CacheNodeIdsToReboot).toEqual(['0001'])
      expect(found.CacheNodes![0]!.ParameterGroupStatus).toBe('pending-reboot')
    }
    expect(await onEach(highDatabase)).toEqual([outOfRange, outOfRange])

    const replica = (await memberOf('replica')).CacheClusterId!
    const primary = (await memberOf('primary')).CacheClusterId!
    await reboot(replica)
    expect(await applyStatus(primary)).toBe('pending-reboot')
    const answers = await onEach(highDatabase)
    expect(answers).toEqual(nodeIds.map(nodeId => (nodeId === replica ? 'OK' : outOfRange)))

    expect(await onEach(client => client.text('GET', 'kept'))).toEqual(['yes', 'yes'])

    await reboot(primary)
    expect(await applyStatus(replica)).toBe('in-sync')
    expect(await onEach(highDatabase)).toEqual(['OK', 'OK'])
    // As AWS has it, a primary that is rebooted stays the primary, and comes back empty.
    expect((await memberOf('primary')).CacheClusterId).toBe(primary)
    expect(await onEach(client => client.text('DBSIZE'))).toEqual(['0', '0'])
  })
})

describe('a group that is given another parameter group', () => {
  it('serves by its values at once, and no longer by those of before', async () => {
    await modify(parameterGroup, { 'maxmemory-policy': 'noeviction' })
    await pause(1000)
    expect(await onEach(policy)).toEqual(['allkeys-lfu', 'allkeys-lfu'])

    await use(parameterGroup)
    await everyPolicy('noeviction')
    await expect(remove(parameterGroup)).rejects.toThrow('are still members of this parameter group')
    for (const nodeId of nodeIds)
      await eventually(
        () => applyStatus(nodeId),
        status => status === 'pending-reboot',
      )
    expect(await onEach(highDatabase)).toEqual(['OK', 'OK'])
    // Back to what the nodes were started with: nothing is left to wait for.
    await use('wide-params')
    for (const nodeId of nodeIds) await inSync(nodeId)
    await everyPolicy('allkeys-lfu')
    await remove(parameterGroup)
  })
})

describe('ResetCacheParameterGroup', () => {
  it('gives one parameter its default back, on every node', async () => {
    const ParameterNameValues = [{ ParameterName: 'maxmemory-policy' }]
    await elasticache.send(
      new ResetCacheParameterGroupCommand({ CacheParameterGroupName: 'wide-params', ParameterNameValues }),
    )
    await everyPolicy('volatile-lru')
    expect(await userValues('wide-params')).toEqual({ databases: '20' })
    for (const nodeId of nodeIds) await inSync(nodeId)
  })
})

async function use(name: string): Promise<void> {
  await elasticache.send(
    new ModifyReplicationGroupCommand({
      ReplicationGroupId: id,
      CacheParameterGroupName: name,
      ApplyImmediately: true,
    }),
  )
  await available()
}

const remove = (name: string) =>
  elasticache.send(new DeleteCacheParameterGroupCommand({ CacheParameterGroupName: name }))

/** Until the node is back with what it waited for. */
async function reboot(nodeId: string): Promise<void> {
  const request = { CacheClusterId: nodeId, CacheNodeIdsToReboot: ['0001'] }
  const { CacheCluster: told } = await elasticache.send(new RebootCacheClusterCommand(request))
  expect(told!.CacheClusterStatus).toBe('rebooting cluster nodes')
  await eventually(
    () => node(nodeId),
    found => found.CacheClusterStatus === 'available' && found.CacheParameterGroup!.ParameterApplyStatus === 'in-sync',
  )
  await available()
}

/** Of a new connection, at the side of who accepted it, as Linux tells: the timer `02` is the one of keepalive. */
async function secondsToProbe({ Address: host, Port: port }: Endpoint): Promise<number> {
  const socket = connect({ host: host!, port: port! })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('data', () => resolve())
      socket.once('error', reject)
      socket.write('PING\r\n')
    })
    // What was sent last is acknowledged first; until then another timer is shown.
    await pause(300)
    const accepted = `${hexOf(socket.remoteAddress!, socket.remotePort!)} ${hexOf(socket.localAddress!, socket.localPort!)}`
    const line = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .find(each => each.includes(accepted))
    const [, timer, ticks] = /^\s*\d+: \S+ \S+ \S+ \S+ (\w{2}):(\w+)/.exec(line ?? '') ?? []
    if (timer !== '02') throw new Error(`no keepalive timer: ${line}`)
    return Number.parseInt(ticks!, 16) / 100
  } finally {
    socket.destroy()
  }
}

const hexOf = (address: string, port: number): string => {
  const bytes = address.split('.').reverse().map(Number)
  const host = bytes.map(byte => byte.toString(16).padStart(2, '0')).join('')
  return `${host}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}
