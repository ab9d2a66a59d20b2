/**
 * The guide's answer to "how does it scale?" as printed there, on a group that is being written to: replicas and a larger
 * node type. Then what belongs to it without cluster mode: a replica by its own name, a chosen primary, a replica less.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const hasAws = await run('sh', ['-c', 'command -v aws']).then(
  () => true,
  () => false,
)

let hotshelf: Hotshelf

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

const described = async (id: string) =>
  (await shell(`aws elasticache describe-replication-groups --replication-group-id ${id}`)).ReplicationGroups[0]
const settled = (id: string, members: number) =>
  eventually(
    () => described(id),
    group => group.Status === 'available' && group.MemberClusters.length === members,
    120_000,
  )
const running = (id: string): number =>
  processesIn(hotshelf.dataDir).filter(found => found.directory.includes(`/${id}/`)).length
const maxmemoryOf = async (client: Redis): Promise<number> =>
  Number(/^maxmemory:(\d+)/m.exec(await client.info('memory'))?.[1])

beforeAll(async () => {
  hotshelf = await startHotshelf()
})
afterAll(() => dispose(hotshelf))

describe.skipIf(!hasAws)("the guide's scaling commands through the aws CLI (needs `aws` on PATH)", () => {
  it('add replicas, give more memory and take replicas away, and lose no write', { timeout: 300_000 }, async () => {
    await shell(
      'aws elasticache create-replication-group --replication-group-id my-redis-cluster --replication-group-description guide ' +
        '--engine redis --engine-version 7.1 --cache-node-type cache.r7g.large --num-node-groups 2 --replicas-per-node-group 1 ' +
        '--automatic-failover-enabled',
    )
    const { ConfigurationEndpoint: endpoint } = await settled('my-redis-cluster', 4)
    const cluster = new Cluster([{ host: endpoint.Address, port: endpoint.Port }])
    cluster.on('error', () => {})
    let writes = 0
    const writing = { over: false }
    const writer = (async () => {
      while (!writing.over) await cluster.set(`key:${writes++}`, 'x')
    })()
    try {
      // As printed in the guide.
      await shell(`aws elasticache increase-replica-count \\
  --replication-group-id my-redis-cluster \\
  --new-replica-count 3 \\
  --apply-immediately`)
      await settled('my-redis-cluster', 8)
      expect(running('my-redis-cluster')).toBe(8)

      const [before] = await Promise.all(cluster.nodes('master').map(maxmemoryOf))
      // As printed in the guide.
      const scaled = await shell(`aws elasticache modify-replication-group \\
  --replication-group-id my-redis-cluster \\
  --cache-node-type cache.r7g.xlarge \\
  --apply-immediately`)
      expect(scaled.ReplicationGroup).toMatchObject({ Status: 'modifying', CacheNodeType: 'cache.r7g.xlarge' })
      await settled('my-redis-cluster', 8)
      for (const after of await Promise.all(cluster.nodes('all').map(maxmemoryOf)))
        expect(after).toBeGreaterThan(before!)

      await shell(
        'aws elasticache decrease-replica-count --replication-group-id my-redis-cluster --new-replica-count 1 --apply-immediately',
      )
      await settled('my-redis-cluster', 4)
      writing.over = true
      await writer
      const sizes = await Promise.all(cluster.nodes('master').map(node => node.dbsize()))
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(writes)
    } finally {
      writing.over = true
      await writer.catch(() => {})
      cluster.disconnect()
    }
  })

  it('add a replica by name, make it primary, and take the old one away', { timeout: 300_000 }, async () => {
    await shell(
      'aws elasticache create-replication-group --replication-group-id classic --replication-group-description guide ' +
        '--engine valkey --engine-version 8.0 --cache-node-type cache.t4g.micro --num-cache-clusters 2',
    )
    const { PrimaryEndpoint: endpoint } = (await settled('classic', 2)).NodeGroups[0]
    const client = new Redis({ host: endpoint.Address, port: endpoint.Port })
    client.on('error', () => {})
    try {
      await client.set('kept', 'yes')
      const added = await shell(
        'aws elasticache create-cache-cluster --cache-cluster-id read-here --replication-group-id classic',
      )
      expect(added.CacheCluster).toMatchObject({ CacheClusterStatus: 'creating', ReplicationGroupId: 'classic' })
      await settled('classic', 3)
      const [shown] = (
        await shell('aws elasticache describe-cache-clusters --cache-cluster-id read-here --show-cache-node-info')
      ).CacheClusters
      const { Address: host, Port: port } = shown.CacheNodes[0].Endpoint
      const replica = new Redis({ host, port })
      expect(await replica.get('kept')).toBe('yes')
      replica.disconnect()

      await shell(
        'aws elasticache modify-replication-group --replication-group-id classic --primary-cluster-id read-here --apply-immediately',
      )
      const promoted = await eventually(
        () => described('classic'),
        group =>
          group.Status === 'available' &&
          group.NodeGroups[0].NodeGroupMembers.find(
            (node: { CacheClusterId: string }) => node.CacheClusterId === 'read-here',
          ).CurrentRole === 'primary',
        120_000,
      )
      expect(promoted.NodeGroups[0].PrimaryEndpoint).toEqual(endpoint)
      await shell('aws elasticache delete-cache-cluster --cache-cluster-id classic-001')
      expect((await settled('classic', 2)).MemberClusters).toEqual(['classic-002', 'read-here'])
      const after = new Redis({ host: endpoint.Address, port: endpoint.Port })
      expect(await after.get('kept')).toBe('yes')
      expect(await after.set('after', 'promotion')).toBe('OK')
      after.disconnect()
    } finally {
      client.disconnect()
    }
  })
})
