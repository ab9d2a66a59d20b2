/** A Memcached cluster on real processes: the guide's own command, auto discovery, nodes that come, go and are lost. */
import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import {
  type CacheCluster,
  CreateCacheClusterCommand,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  ElastiCacheClient,
  ModifyCacheClusterCommand,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient

const clientOf = (server: Hotshelf) =>
  new ElastiCacheClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })

beforeAll(async () => {
  hotshelf = await startHotshelf()
  elasticache = clientOf(hotshelf)
})
afterAll(() => dispose(hotshelf))

/** One conversation in the text protocol: everything the server says until it has said `end` for the last request. */
function talk(at: { Address?: string; Port?: number }, request: string, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: at.Address!, port: at.Port! })
    let text = ''
    const timer = setTimeout(() => socket.destroy(new Error(`no "${end}" in ${JSON.stringify(text)}`)), 10_000)
    socket.on('error', reject)
    socket.on('data', bytes => {
      text += bytes.toString('latin1')
      if (!text.endsWith(end)) return
      clearTimeout(timer)
      socket.destroy()
      resolve(text)
    })
    socket.write(request)
  })
}

const cluster = async (id: string): Promise<CacheCluster> =>
  (await elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: id, ShowCacheNodeInfo: true })))
    .CacheClusters![0]!
const available = (id: string): Promise<CacheCluster> =>
  eventually(
    () => cluster(id),
    found => found.CacheClusterStatus === 'available',
  )
const discover = (found: CacheCluster): Promise<string> =>
  talk(found.ConfigurationEndpoint!, 'config get cluster\r\n', '\n\r\nEND\r\n')

/** Exactly what AWS's User Guide shows: the length counts the version's line and the nodes' line. */
function expected(version: number, found: CacheCluster): string {
  const nodes = found
    .CacheNodes!.map(({ Endpoint }) => `${Endpoint!.Address}|${Endpoint!.Address}|${Endpoint!.Port}`)
    .toSorted()
    .join(' ')
  const payload = `${version}\n${nodes}\n`
  return `CONFIG cluster 0 ${payload.length}\r\n${payload}\r\nEND\r\n`
}
const pidOf = (id: string, node: string): number =>
  processesIn(hotshelf.dataDir).find(found => found.directory.endsWith(`/${id}/${node}`))!.pid
const events = async (id: string): Promise<readonly string[]> =>
  (
    await elasticache.send(new DescribeEventsCommand({ SourceType: 'cache-cluster', SourceIdentifier: id }))
  ).Events!.map(event => event.Message!)

describe('a Memcached cluster', { timeout: 120_000 }, () => {
  it('is made by the guide’s command as it stands there', async () => {
    const environment = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_PAGER: '',
      AWS_ENDPOINT_URL: hotshelf.endpoint,
    }
    const shell = async (command: string): Promise<any> => {
      const { stdout } = await promisify(execFile)('bash', ['-c', command], { env: environment })
      return stdout.trim() === '' ? undefined : JSON.parse(stdout)
    }
    const { Subnets } = await shell('aws ec2 describe-subnets')
    const subnets = Subnets.map((subnet: { SubnetId: string }) => subnet.SubnetId).join(' ')
    await shell(
      `aws elasticache create-cache-subnet-group --cache-subnet-group-name my-cache-subnet --cache-subnet-group-description guide --subnet-ids ${subnets}`,
    )
    const { GroupId } = await shell('aws ec2 create-security-group --group-name cache --description cache')
    // As printed in the guide, but for the security group's id.
    await shell(`aws elasticache create-cache-cluster \\
  --cache-cluster-id my-memcached-cluster \\
  --engine memcached \\
  --engine-version 1.6.22 \\
  --cache-node-type cache.r7g.large \\
  --num-cache-nodes 3 \\
  --cache-subnet-group-name my-cache-subnet \\
  --security-group-ids ${GroupId} \\
  --az-mode cross-az \\
  --tags Key=Environment,Value=production`)
    const made = await available('my-memcached-cluster')
    expect(made).toMatchObject({ NumCacheNodes: 3, EngineVersion: '1.6.22', PreferredAvailabilityZone: 'Multiple' })
    expect(made.CacheNodes!.map(node => node.CacheNodeId)).toEqual(['0001', '0002', '0003'])
    for (const { Endpoint } of made.CacheNodes!) {
      expect(await talk(Endpoint!, 'set a 0 0 1\r\nx\r\nget a\r\n', 'END\r\n')).toBe(
        'STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n',
      )
    }
  })

  it('tells its nodes in the bytes of AWS, and passes everything else to a node, in order', async () => {
    const found = await cluster('my-memcached-cluster')
    const at = found.ConfigurationEndpoint!
    expect(await discover(found)).toBe(expected(1, found))
    const payload = /\r\n([\s\S]*)\r\nEND/.exec(expected(1, found))![1]!
    const old = `VALUE AmazonElastiCache:cluster 0 ${payload.length}\r\n${payload}\r\nEND\r\n`
    expect(await talk(at, 'get AmazonElastiCache:cluster\r\n', 'END\r\n')).toBe(old)
    // Clients that poll the nodes themselves find it there.
    expect(await talk(found.CacheNodes![1]!.Endpoint!, 'get AmazonElastiCache:cluster\r\n', 'END\r\n')).toBe(old)
    expect(await talk(at, 'version\r\n', '\r\n')).toMatch(/^VERSION 1\.\d/)
    expect(await talk(at, 'stats\r\n', 'END\r\n')).toContain('STAT pid ')
    // The value is our own command: a customer's bytes are never taken for one.
    const value = 'config get cluster\r\n'
    const asked = `set k 0 0 ${value.length}\r\n${value}\r\nget k\r\nconfig get cluster\r\n`
    expect(await talk(at, asked, expected(1, found))).toBe(
      `STORED\r\nVALUE k 0 ${value.length}\r\n${value}\r\nEND\r\n${expected(1, found)}`,
    )
  })

  it('replaces a lost node under its id and address, empty, without a new version', async () => {
    const before = await cluster('my-memcached-cluster')
    const second = before.CacheNodes![1]!.Endpoint!
    process.kill(pidOf('my-memcached-cluster', '0002'), 'SIGKILL')
    await eventually(
      () => events('my-memcached-cluster'),
      told => told.includes('Finished recovery for cache nodes 0002'),
    )
    const after = await available('my-memcached-cluster')
    expect(after.CacheNodes![1]!.Endpoint).toEqual(second)
    expect(await talk(second, 'get a\r\n', 'END\r\n')).toBe('END\r\n')
    expect(await discover(after)).toBe(expected(1, after))
    expect(await events('my-memcached-cluster')).toContain('Recovering cache nodes 0002')
  })

  it('grows to five and shrinks to two, one version a change', async () => {
    const CacheClusterId = 'my-memcached-cluster'
    await elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId, NumCacheNodes: 5, ApplyImmediately: true }))
    const five = await available(CacheClusterId)
    expect(five.CacheNodes).toHaveLength(5)
    expect(await discover(five)).toBe(expected(2, five))
    const CacheNodeIdsToRemove = ['0001', '0003', '0005']
    await elasticache.send(
      new ModifyCacheClusterCommand({
        CacheClusterId,
        NumCacheNodes: 2,
        CacheNodeIdsToRemove,
        ApplyImmediately: true,
      }),
    )
    const two = await available(CacheClusterId)
    expect(two.CacheNodes!.map(node => node.CacheNodeId)).toEqual(['0002', '0004'])
    expect(await discover(two)).toBe(expected(3, two))
    expect(await events(CacheClusterId)).toContain('Finished modifying number of nodes from 3 to 5')
  })

  it('goes on without the control plane, and is found again by it', async () => {
    const before = await cluster('my-memcached-cluster')
    const pids = ['0002', '0004', 'cfg'].map(node => pidOf('my-memcached-cluster', node))
    const [first] = before.CacheNodes!
    await talk(first!.Endpoint!, 'set kept 0 0 1\r\ny\r\n', '\r\n')
    await hotshelf.kill()
    expect(await discover(before)).toBe(expected(3, before))
    hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir })
    elasticache = clientOf(hotshelf)
    const after = await available('my-memcached-cluster')
    expect(['0002', '0004', 'cfg'].map(node => pidOf('my-memcached-cluster', node))).toEqual(pids)
    expect(await talk(first!.Endpoint!, 'get kept\r\n', 'END\r\n')).toContain('y\r\n')
    expect(await discover(after)).toBe(expected(3, after))
  })

  it('brings the configuration endpoint back with the list it told last', async () => {
    const found = await cluster('my-memcached-cluster')
    const pid = pidOf('my-memcached-cluster', 'cfg')
    process.kill(pid, 'SIGKILL')
    const answer = await eventually(
      () => discover(found).catch(() => ''),
      text => text !== '',
    )
    expect(answer).toBe(expected(3, found))
  })

  it('reboots the nodes that are named, and no other', async () => {
    const CacheClusterId = 'my-memcached-cluster'
    await available(CacheClusterId)
    const [before, other] = [pidOf(CacheClusterId, '0002'), pidOf(CacheClusterId, '0004')]
    await elasticache.send(new RebootCacheClusterCommand({ CacheClusterId, CacheNodeIdsToReboot: ['0002'] }))
    expect((await cluster(CacheClusterId)).CacheClusterStatus).toBe('rebooting cluster nodes')
    await available(CacheClusterId)
    expect(pidOf(CacheClusterId, '0002')).not.toBe(before)
    expect(pidOf(CacheClusterId, '0004')).toBe(other)
  })

  it('encrypts in transit, the configuration endpoint too', async () => {
    await elasticache.send(
      new CreateCacheClusterCommand({
        CacheClusterId: 'sealed',
        Engine: 'memcached',
        CacheNodeType: 'cache.t4g.micro',
        NumCacheNodes: 1,
        TransitEncryptionEnabled: true,
      }),
    )
    const sealed = await available('sealed')
    const { connect: connectTls } = await import('node:tls')
    const { Address: host, Port: port } = sealed.ConfigurationEndpoint!
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectTls({ host: host!, port: port!, rejectUnauthorized: false }, () =>
        socket.write('config get cluster\r\nset a 0 0 1\r\nx\r\n'),
      )
      let text = ''
      socket.on('error', reject)
      socket.on('data', bytes => {
        text += bytes.toString()
        if (text.endsWith('STORED\r\n')) resolve(text)
      })
    })
    expect(answer).toBe(`${expected(1, sealed)}STORED\r\n`)
  })

  it('is taken away whole', async () => {
    for (const CacheClusterId of ['my-memcached-cluster', 'sealed'])
      await elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId }))
    await eventually(
      async () => (await elasticache.send(new DescribeCacheClustersCommand({}))).CacheClusters,
      left => left?.length === 0,
    )
    expect(processesIn(hotshelf.dataDir)).toEqual([])
  })
})
