/**
 * The guide's first command, as printed there but for the endpoint and two names that must exist:
 * three shards of a primary and two replicas, encrypted, and three kinds of clients on it.
 */
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const program = async (name: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${name}`]).then(
    () => true,
    () => false,
  )
const hasAws = await program('aws')
const pythonWithRedis = await (async () => {
  for (const python of ['python3', '/usr/bin/python3']) {
    if (
      await run(python, ['-c', 'import redis']).then(
        () => true,
        () => false,
      )
    )
      return python
  }
  return undefined
})()

let hotshelf: Hotshelf
let authority: string

/** Runs a command line as the guide prints it; answers what it wrote, as JSON. */
async function shell(command: string): Promise<any> {
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL: hotshelf.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_PAGER: '',
  }
  const { stdout } = await run('bash', ['-c', command], { env: environment, maxBuffer: 16 << 20 })
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

beforeAll(async () => {
  hotshelf = await startHotshelf()
  authority = join(hotshelf.dataDir, 'authority-for-clients.pem')
  const pem = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
  expect(pem).toContain('BEGIN CERTIFICATE')
  writeFileSync(authority, pem)
})
afterAll(() => dispose(hotshelf))

describe.skipIf(!hasAws)("the guide's replication group through the aws CLI (needs `aws` on PATH)", () => {
  it('is created and becomes available, with nine engines running', async () => {
    const { Subnets } = await shell('aws ec2 describe-subnets')
    const subnets = Subnets.map((subnet: { SubnetId: string }) => subnet.SubnetId)
    expect(subnets.length).toBeGreaterThanOrEqual(3)
    await shell(
      `aws elasticache create-cache-subnet-group --cache-subnet-group-name my-cache-subnet --cache-subnet-group-description guide --subnet-ids ${subnets.join(' ')}`,
    )
    const { GroupId } = await shell('aws ec2 create-security-group --group-name cache --description cache')

    // As printed in the guide, but for the security group's id and `--node-type`, which is not the CLI's word.
    const created = await shell(`aws elasticache create-replication-group \\
  --replication-group-id my-redis-cluster \\
  --replication-group-description "Production Redis Cache" \\
  --engine redis \\
  --engine-version 7.1 \\
  --cache-node-type cache.r7g.large \\
  --num-node-groups 3 \\
  --replicas-per-node-group 2 \\
  --cache-subnet-group-name my-cache-subnet \\
  --security-group-ids ${GroupId} \\
  --at-rest-encryption-enabled \\
  --transit-encryption-enabled \\
  --automatic-failover-enabled \\
  --multi-az-enabled \\
  --snapshot-retention-limit 7 \\
  --snapshot-window "03:00-05:00" \\
  --tags Key=Environment,Value=production`)
    expect(created.ReplicationGroup.Status).toBe('creating')
    expect(created.ReplicationGroup.MemberClusters).toHaveLength(9)

    const described = await eventually(
      () => shell('aws elasticache describe-replication-groups --replication-group-id my-redis-cluster'),
      answer => answer.ReplicationGroups[0].Status !== 'creating',
    )
    expect(described.ReplicationGroups[0]).toMatchObject({ Status: 'available', ClusterEnabled: true })
    expect(processesIn(hotshelf.dataDir).filter(found => found.directory.includes('my-redis-cluster'))).toHaveLength(9)
  })

  it("answers the guide's two describe queries", async () => {
    const status = await shell(`aws elasticache describe-replication-groups \\
  --replication-group-id my-redis-cluster \\
  --query 'ReplicationGroups[0].{Status:Status,Nodes:NodeGroups[*].NodeGroupMembers[*].{Id:CacheClusterId,AZ:PreferredAvailabilityZone,Role:CurrentRole}}'`)
    expect(status.Status).toBe('available')
    expect(status.Nodes).toHaveLength(3)
    const ids = status.Nodes.flat().map((node: { Id: string }) => node.Id)
    expect(ids).toContain('my-redis-cluster-0001-001')
    expect(ids).toContain('my-redis-cluster-0003-003')
    for (const shard of status.Nodes) expect(new Set(shard.map((node: { AZ: string }) => node.AZ)).size).toBe(3)

    const endpoints = await shell(`aws elasticache describe-replication-groups \\
  --replication-group-id my-redis-cluster \\
  --query 'ReplicationGroups[0].{Primary:NodeGroups[0].PrimaryEndpoint,Reader:NodeGroups[0].ReaderEndpoint}'`)
    // Cluster mode enabled has a configuration endpoint instead, on AWS too.
    expect(endpoints).toEqual({ Primary: null, Reader: null })
  })

  it('tells every member apart with its node, zone and parameter group', async () => {
    const { CacheClusters } = await shell('aws elasticache describe-cache-clusters --show-cache-node-info')
    expect(CacheClusters).toHaveLength(9)
    for (const member of CacheClusters) {
      expect(member).toMatchObject({ CacheClusterStatus: 'available', Engine: 'redis', NumCacheNodes: 1 })
      expect(member.CacheNodes[0]).toMatchObject({ CacheNodeId: '0001', CacheNodeStatus: 'available' })
      expect(member.CacheParameterGroup.CacheParameterGroupName).toBe('default.redis7.cluster.on')
      expect(member).not.toHaveProperty('ConfigurationEndpoint')
    }
  })
})

describe.skipIf(!hasAws)('clients of the configuration endpoint, certificates verified', () => {
  async function configurationEndpoint(): Promise<{ Address: string; Port: number }> {
    const answer = await shell('aws elasticache describe-replication-groups --replication-group-id my-redis-cluster')
    return answer.ReplicationGroups[0].ConfigurationEndpoint
  }

  it('ioredis reads and writes keys of every shard', async () => {
    const { Address, Port } = await configurationEndpoint()
    const { readFileSync } = await import('node:fs')
    const cluster = new Cluster([{ host: Address, port: Port }], {
      redisOptions: { tls: { ca: readFileSync(authority) } },
    })
    try {
      const keys = Array.from({ length: 300 }, (_, i) => `guide:${i}`)
      await Promise.all(keys.map(key => cluster.set(key, `value of ${key}`)))
      expect(await Promise.all(keys.map(key => cluster.get(key)))).toEqual(keys.map(key => `value of ${key}`))
      expect(cluster.nodes('master')).toHaveLength(3)
      // A node tells clients of a replica once it has heard that replica's offset.
      await eventually(
        async () => (await cluster.nodes('master')[0]!.cluster('SLOTS')).flatMap((range: any) => range.slice(3)).length,
        replicas => replicas === 6,
      )
    } finally {
      cluster.disconnect()
    }
  })

  it.skipIf(pythonWithRedis === undefined)('redis-py reads and writes (needs python3 with redis)', async () => {
    const { Address, Port } = await configurationEndpoint()
    const script = `
import redis, time
c = redis.RedisCluster(host='${Address}', port=${Port}, ssl=True, ssl_cert_reqs='required', ssl_ca_certs='${authority}', decode_responses=True, socket_timeout=5.0)
for i in range(100): c.set(f'py:{i}', i)
for _ in range(100):
    if len(c.get_replicas()) == 6: break
    time.sleep(0.1)
    c.nodes_manager.initialize()
print(sum(int(c.get(f'py:{i}')) for i in range(100)), len(c.get_primaries()), len(c.get_replicas()))
`
    const { stdout } = await run(pythonWithRedis!, ['-c', script])
    expect(stdout.trim()).toBe('4950 3 6')
  })

  it('valkey-cli -c --tls follows redirections', async () => {
    const { Address, Port } = await configurationEndpoint()
    const cli = ['-c', '--tls', '--cacert', authority, '-h', Address, '-p', String(Port)]
    for (const key of ['a', 'b', 'c', 'd']) {
      expect((await run('valkey-cli', [...cli, 'SET', `cli:${key}`, key])).stdout.trim()).toBe('OK')
      expect((await run('valkey-cli', [...cli, 'GET', `cli:${key}`])).stdout.trim()).toBe(key)
    }
    const info = await run('valkey-cli', [...cli, 'CLUSTER', 'INFO'])
    expect(info.stdout).toContain('cluster_state:ok')
    expect(info.stdout).toContain('cluster_known_nodes:9')
  })

  it('hides the commands that ElastiCache hides, and its own user', async () => {
    const { Address, Port } = await configurationEndpoint()
    const cli = ['--tls', '--cacert', authority, '-h', Address, '-p', String(Port)]
    const answer = async (...words: string[]): Promise<string> => (await run('valkey-cli', [...cli, ...words])).stdout
    expect(await answer('CONFIG', 'GET', 'maxmemory')).toMatch(/ERR unknown command 'CONFIG'/)
    expect(await answer('REPLICAOF', 'NO', 'ONE')).toMatch(/ERR unknown command 'REPLICAOF'/)
    expect(await answer('CLUSTER', 'FORGET', 'x')).toMatch(/NOPERM/)
    expect(await answer('ACL', 'USERS')).toMatch(/NOPERM/)
    expect(await answer('ACL', 'WHOAMI')).toBe('default\n')
  })
})

describe.skipIf(!hasAws)('the end of the group', () => {
  it('leaves no process, file or address behind', async () => {
    await shell('aws elasticache delete-replication-group --replication-group-id my-redis-cluster')
    await eventually(
      () => shell('aws elasticache describe-replication-groups'),
      answer => answer.ReplicationGroups.length === 0,
    )
    expect(processesIn(hotshelf.dataDir).filter(found => found.directory.includes('my-redis-cluster'))).toEqual([])
    const { stdout } = await run('find', [hotshelf.dataDir, '-path', '*my-redis-cluster*'])
    expect(stdout).toBe('')
    expect(existsSync(hotshelf.dataDir)).toBe(true)
  })
})
