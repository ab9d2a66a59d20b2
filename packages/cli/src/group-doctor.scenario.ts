/**
 * `hotshelf doctor <id>` on real engines in which troubles were planted: it names each with its number and a command, and
 * what it asks of the nodes stays within its bounds, by the engine's own count.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyCacheParameterGroupCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../bin/hotshelf.js', import.meta.url))
const token = 'a-token-of-24-characters'

interface Found {
  readonly level: string
  readonly topic: string
  readonly thing: string
  readonly found: string
  readonly todo: string
  readonly command?: string
  readonly numbers: Readonly<Record<string, number>>
}

interface Report {
  readonly commandsSent: number
  readonly findings: readonly Found[]
  readonly checklist: readonly { readonly item: string; readonly state: string }[]
  readonly unknown: readonly string[]
  readonly samples: readonly {
    readonly node: string
    readonly onReplica: boolean
    readonly looked: number
    readonly ended: string
  }[]
}

let server: Hotshelf
let aws: ElastiCacheClient
let authority: string
const clients: (Redis | Cluster)[] = []

function hotshelf(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const env = { ...process.env, NO_COLOR: '1', HOTSHELF_AUTH_TOKEN: token }
  const child = spawn(process.execPath, [program, ...args, '--data-dir', server.dataDir], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', bytes => (out += String(bytes)))
  child.stderr.on('data', bytes => (err += String(bytes)))
  return new Promise(resolve => child.once('close', code => resolve({ code, out, err })))
}

async function report(id: string, ...args: string[]): Promise<Report> {
  const { out, err } = await hotshelf('doctor', id, '--json', ...args)
  expect(err).toBe('')
  return JSON.parse(out) as Report
}

async function withParameters(name: string, policy: string, cluster: boolean): Promise<void> {
  const parameters = {
    'maxmemory-policy': policy,
    'slowlog-log-slower-than': '10000',
    ...(cluster ? { 'cluster-enabled': 'yes' } : {}),
  }
  await aws.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: 'valkey8',
      Description: 'x',
    }),
  )
  await aws.send(
    new ModifyCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      ParameterNameValues: Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
        ParameterName,
        ParameterValue,
      })),
    }),
  )
}

async function create(
  input: Partial<CreateReplicationGroupCommandInput> & { ReplicationGroupId: string },
): Promise<ReplicationGroup> {
  const named = { ReplicationGroupDescription: 'x', Engine: 'valkey', CacheNodeType: 'cache.t4g.medium', ...input }
  await aws.send(new CreateReplicationGroupCommand(named))
  return eventually(
    async () =>
      (await aws.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: input.ReplicationGroupId })))
        .ReplicationGroups![0]!,
    group => group.Status === 'available',
  )
}

/** Members as `redis` clients, to plant and to count; the customer's view, as the doctor has it. */
async function nodesOf(id: string): Promise<readonly Redis[]> {
  const { CacheClusters } = await aws.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }))
  return CacheClusters!
    .filter(node => node.ReplicationGroupId === id)
    .map(node => {
      const { Address, Port } = node.CacheNodes![0]!.Endpoint!
      return keep(new Redis({ host: Address!, port: Port!, tls: { ca: authority }, password: token }))
    })
}

function keep<Client extends Redis | Cluster>(client: Client): Client {
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

const statOf = async (node: Redis, command: string): Promise<number> =>
  Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await node.info('commandstats'))?.[1] ?? 0)

const of = (found: Report, topic: string, thing?: string) =>
  found.findings.filter(one => one.topic === topic && (thing === undefined || one.thing === thing))

const json = (index: number) =>
  JSON.stringify(
    Array.from({ length: 60 }, (_, row) => ({ id: index * row, name: `customer number ${row}`, active: true })),
  )

/** As a cluster or as one primary: both have these. */
async function plant(client: Redis | Cluster): Promise<void> {
  await client.set('report:yearly', Buffer.alloc(5 * 1024 * 1024, 'x'))
  for (let from = 0; from < 200_000; from += 10_000) {
    const fields = Array.from({ length: 10_000 }, (_, index) => [`field${from + index}`, 'v']).flat()
    await client.hset('catalog', ...fields)
  }
  await Promise.all(Array.from({ length: 400 }, (_, index) => client.set(`order:${index}:json`, json(index))))
  await Promise.all(Array.from({ length: 200 }, (_, index) => client.set(`session:${index}`, 'x', 'EX', 3600 + index)))
}

const slowScript = 'local n = 0 for i = 1, 20000000 do n = n + i end return n'

beforeAll(async () => {
  server = await startHotshelf()
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  aws = new ElastiCacheClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
  authority = await (await fetch(`${server.endpoint}/_hotshelf/ca.pem`)).text()
})

afterAll(async () => {
  for (const client of clients) client.disconnect()
  aws?.destroy()
  if (server) await dispose(server)
})

describe('a group with cluster mode disabled, a replica, TLS, AUTH and volatile-lru', () => {
  let found: Report
  let nodes: readonly Redis[]
  let monitored: string[][]

  beforeAll(async () => {
    await withParameters('lru', 'volatile-lru', false)
    const sealed = { TransitEncryptionEnabled: true, AuthToken: token, CacheParameterGroupName: 'lru' }
    await create({ ReplicationGroupId: 'troubled', NumCacheClusters: 2, AutomaticFailoverEnabled: true, ...sealed })
    nodes = await nodesOf('troubled')
    const roles = await Promise.all(nodes.map(async node => (await node.role())[0] as string))
    const primary = nodes[roles.indexOf('master')]!
    await plant(primary)
    await primary.select(3)
    await primary.set('other:database', 'x')
    await primary.select(0)
    await primary.eval(slowScript, 0)
    await primary.del('nothing')
    await primary.wait(1, 30_000)
    monitored = []
    const monitors = await Promise.all(nodes.map(async node => keep(await node.duplicate().monitor())))
    for (const monitor of monitors) monitor.on('monitor', (_at: string, args: string[]) => monitored.push(args))
    found = await report('troubled', '--sample', 'all')
    for (const monitor of monitors) monitor.disconnect()
  })

  it('finds the 5 MB string and the hash of 200,000 fields, with the command to look at each', () => {
    const [text] = of(found, 'big keys', 'report:yearly')
    expect(text).toMatchObject({ level: 'problem', command: 'hotshelf connect troubled -- STRLEN report:yearly' })
    expect(text!.numbers['bytes']).toBeGreaterThanOrEqual(5 * 1024 * 1024)
    expect(of(found, 'big keys', 'catalog')[0]).toMatchObject({
      level: 'problem',
      found: expect.stringContaining('200000 fields'),
      command: 'hotshelf connect troubled -- HSCAN catalog 0 COUNT 100',
      numbers: { length: 200_000 },
    })
  })

  it('counts keys without TTL exactly, names their patterns, and says what that means for volatile-lru', () => {
    expect(of(found, 'time to live', 'troubled')[0]).toMatchObject({
      level: 'warning',
      numbers: { keys: 603, without: 403 },
    })
    expect(of(found, 'time to live', 'order:*:json')[0]?.numbers['keys']).toBe(400)
    expect(of(found, 'time to live', 'session:*')).toEqual([])
    expect(of(found, 'time to live', 'other:database')[0]?.command).toContain('-- -n 3 EXPIRE other:database')
  })

  it('finds values that compress, and by how much', () => {
    const [compress] = of(found, 'compression', 'order:*:json')
    expect(compress?.found).toContain('400 JSON values')
    expect(compress?.numbers['ratio']).toBeLessThan(0.5)
  })

  it('finds the script that held the node, DEL beside big keys, and keys just used', () => {
    const slow = of(found, 'slow commands').find(one => one.thing.includes('EVAL'))
    expect(slow?.numbers['worstMicros']).toBeGreaterThan(10_000)
    expect(of(found, 'freeing')[0]?.todo).toContain('UNLINK')
    expect(found.unknown.join()).toContain('Under volatile-lru the engine counts no uses')
  })

  it('asks the replica about keys, in small pieces, and never KEYS or a command that changes anything', () => {
    expect(found.samples).toMatchObject([{ onReplica: true, looked: 603, ended: 'whole' }])
    const names = new Set(monitored.map(args => args[0]!.toUpperCase()))
    const allowed = [
      'AUTH',
      'INFO',
      'SLOWLOG',
      'LATENCY',
      'MEMORY',
      'CLIENT',
      'SELECT',
      'SCAN',
      'TYPE',
      'OBJECT',
      'PTTL',
    ]
    const lengths = ['STRLEN', 'HLEN', 'LLEN', 'SCARD', 'ZCARD', 'XLEN', 'GETRANGE']
    const others = ['PING', 'REPLCONF', 'ACL', 'CONFIG', 'CLUSTER', 'HELLO']
    // Control asks its own questions under a renamed CONFIG all the while.
    const strange = [...names].filter(
      name => ![...allowed, ...lengths, ...others].includes(name) && !name.startsWith('CONFIG-'),
    )
    expect(strange).toEqual([])
    const scans = monitored.filter(args => args[0]!.toUpperCase() === 'SCAN')
    expect(scans.length).toBeGreaterThan(0)
    for (const [, , , count] of scans) expect(Number(count)).toBeLessThanOrEqual(100)
  })

  it('stays within the sample that it is given', async () => {
    const before = await Promise.all(nodes.map(node => statOf(node, 'scan')))
    const small = await report('troubled', '--sample', '200')
    const after = await Promise.all(nodes.map(node => statOf(node, 'scan')))
    expect(small.samples[0]!.looked).toBeLessThanOrEqual(203)
    expect(small.unknown.join()).toMatch(/20\d of 603 keys were looked at/)
    // 200 keys by hundreds, once for weight on the replica and once for heat on the primary, in two databases each.
    for (const [index, calls] of after.entries()) expect(calls - before[index]!).toBeLessThanOrEqual(2 * 4)
    expect(await Promise.all(nodes.map(node => statOf(node, 'keys')))).toEqual([0, 0])
    expect(small.commandsSent).toBeLessThan(2500)
  })

  it('draws the same for people, and fails because there are problems', async () => {
    const { code, out } = await hotshelf('doctor', 'troubled')
    expect(code).toBe(1)
    expect(out).toMatch(/^problem +1\. data structures +.*report:yearly|^problem +1\. data structures +.*catalog/m)
    expect(out).toMatch(/\$ hotshelf connect troubled -- HSCAN catalog 0 COUNT 100/)
    expect(out).not.toContain('customer number')
  })

  it('says where the token goes when it is wrong', async () => {
    const child = await new Promise<{ code: number | null; err: string }>(resolve => {
      const env = { ...process.env, HOTSHELF_AUTH_TOKEN: 'a-token-that-nobody-gave' }
      const asked = spawn(process.execPath, [program, 'doctor', 'troubled', '--data-dir', server.dataDir], { env })
      let err = ''
      asked.stderr.on('data', bytes => (err += String(bytes)))
      asked.once('close', code => resolve({ code, err }))
    })
    expect(child).toMatchObject({ code: 1, err: expect.stringContaining('HOTSHELF_AUTH_TOKEN') })
  })
})

describe('a cluster with allkeys-lfu', () => {
  it('finds the hot key by the engine’s own count, and the big ones of every shard', async () => {
    await withParameters('lfu', 'allkeys-lfu', true)
    const sealed = { TransitEncryptionEnabled: true, AuthToken: token, CacheParameterGroupName: 'lfu' }
    const wide = await create({
      ReplicationGroupId: 'wide',
      NumNodeGroups: 2,
      ReplicasPerNodeGroup: 1,
      AutomaticFailoverEnabled: true,
      ...sealed,
    })
    const { Address, Port } = wide.ConfigurationEndpoint!
    const cluster = keep(
      new Cluster([{ host: Address!, port: Port! }], { redisOptions: { tls: { ca: authority }, password: token } }),
    )
    await plant(cluster)
    await cluster.set('front:page', 'x')
    for (let round = 0; round < 40; round += 1) {
      await Promise.all(Array.from({ length: 500 }, () => cluster.get('front:page')))
    }
    const nodes = await nodesOf('wide')
    await eventually(
      () => Promise.all(nodes.map(node => node.dbsize())),
      sizes => sizes.reduce((sum, size) => sum + size, 0) === 2 * 603,
    )
    const found = await report('wide', '--sample', 'all')
    const [hot] = of(found, 'hot keys', 'front:page')
    expect(hot?.command).toBe('hotshelf connect wide -- OBJECT FREQ front:page')
    // 20,000 reads; the counter is logarithmic and random.
    expect(hot?.numbers['uses']).toBeGreaterThan(5000)
    expect(of(found, 'hot keys').length).toBe(1)
    expect(
      of(found, 'big keys')
        .map(one => one.thing)
        .toSorted(),
    ).toEqual(['catalog', 'report:yearly'])
    expect(found.samples.map(sample => sample.onReplica)).toEqual([true, true])
    expect(found.samples.reduce((sum, sample) => sum + sample.looked, 0)).toBe(603)
    expect(of(found, 'time to live', 'wide')[0]).toMatchObject({ level: 'advice', numbers: { without: 403 } })
    expect(await Promise.all(nodes.map(node => statOf(node, 'keys')))).toEqual([0, 0, 0, 0])
  })
})

describe('failover and reshard', () => {
  it('failover shows the events and who took over', async () => {
    const { code, out } = await hotshelf('failover', 'troubled', '--json')
    expect(code).toBe(0)
    const told = JSON.parse(out) as { from: string; to: string; events: readonly { message: string }[] }
    expect(told).toMatchObject({ from: 'troubled-001', to: 'troubled-002' })
    expect(told.events.map(event => event.message).join('\n')).toContain('Failover from primary node troubled-001')
  })

  it('failover asks which shard where there are several', async () => {
    expect(await hotshelf('failover', 'wide')).toMatchObject({ code: 2, err: expect.stringContaining('0001, 0002') })
    expect(await hotshelf('failover', 'wide', '0009')).toMatchObject({
      code: 2,
      err: expect.stringContaining('0001, 0002'),
    })
    expect(await hotshelf('failover', 'nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('troubled') })
  })

  it('reshard refuses what cannot be, and says what can', async () => {
    expect(await hotshelf('reshard', 'troubled', '2')).toMatchObject({
      code: 2,
      err: expect.stringContaining('cluster mode disabled'),
    })
    expect(await hotshelf('reshard', 'wide', '2')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has 2 shards already'),
    })
    expect(await hotshelf('reshard', 'wide', 'many')).toMatchObject({ code: 2 })
  })
})
