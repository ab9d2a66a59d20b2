/** A group of Hotshelf's whose primaries are killed, one after the other; each kill finds it whole. */
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { type Hotshelf, processesIn } from '@hotshelf/testkit'
import { type Address, pause, processAt, replicasAt, type Shard, shardsAt } from './failover-client.ts'

/** A replica of gigabytes takes its time to copy them. */
const wholeMs = 180_000

export type Mode = 'disabled' | 'enabled'

const shapes = {
  disabled: { NumCacheClusters: 3 },
  enabled: { NumNodeGroups: 3, ReplicasPerNodeGroup: 1, CacheParameterGroupName: 'default.valkey8.cluster.on' },
} as const

/** A group to kill primaries of, one after the other. */
export class Group {
  private constructor(
    private readonly hotshelf: Hotshelf,
    private readonly elasticache: ElastiCacheClient,
    private readonly mode: Mode,
  ) {}

  static async create(hotshelf: Hotshelf, mode: Mode, more: object = {}): Promise<Group> {
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
    const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
    const shape = { ReplicationGroupId: mode, ReplicationGroupDescription: mode, Engine: 'valkey', ...shapes[mode] }
    const size = { CacheNodeType: 'cache.t4g.micro', AutomaticFailoverEnabled: true, ...more }
    await elasticache.send(new CreateReplicationGroupCommand({ ...shape, ...size }))
    return new Group(hotshelf, elasticache, mode)
  }

  private async described(): Promise<ReplicationGroup> {
    const describe = new DescribeReplicationGroupsCommand({ ReplicationGroupId: this.mode })
    return (await this.elasticache.send(describe)).ReplicationGroups![0]!
  }

  async endpoint(): Promise<Address> {
    const found = await this.described()
    const at = found.ConfigurationEndpoint ?? found.NodeGroups![0]!.PrimaryEndpoint
    return { host: at!.Address!, port: at!.Port! }
  }

  private async shards(): Promise<readonly Shard[]> {
    const at = await this.endpoint()
    return this.mode === 'enabled' ? shardsAt([at]) : [{ primary: at, tried: [at], key: 'key' }]
  }

  /** Available, and every replica in sync: what a kill finds is a whole group. */
  async whole(): Promise<readonly Shard[]> {
    const wanted = this.mode === 'enabled' ? { shards: 3, replicas: 1 } : { shards: 1, replicas: 2 }
    for (const began = Date.now(); ; await pause(20)) {
      if (Date.now() - began > wholeMs) throw new Error(`the group did not become whole within ${wholeMs / 1000} s`)
      if ((await this.described()).Status !== 'available') continue
      const shards = await this.shards()
      const counts = await Promise.all(shards.map(shard => replicasAt(shard.primary)))
      if (shards.length === wanted.shards && counts.every(count => count === wanted.replicas)) return shards
    }
  }

  async victim(round: number): Promise<{ readonly shard: Shard; readonly pid: number }> {
    const shards = await this.whole()
    // Kills must not fall on the beat of anything that is done regularly.
    await pause(Math.random() * 100)
    const shard = shards[round % shards.length]!
    const pid = await processAt(shard.primary)
    if (!processesIn(this.hotshelf.dataDir).some(found => found.pid === pid))
      throw new Error(`a stranger answers on ${shard.primary.host}`)
    return { shard, pid }
  }
}
