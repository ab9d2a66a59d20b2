/**
 * Keys per second while a quarter of the slots moves to a fourth shard, beside `valkey-cli --cluster rebalance` on the same
 * group in the same run: idle, and while a cluster client reads and writes. What that client saw is an outcome as well.
 */
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupShardConfigurationCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, startHotshelf } from '@hotshelf/testkit'
import { Cluster } from 'ioredis'
import { type PeerCluster, rebalancedByHand, startPeer } from './reshard-by-hand.ts'
import type { Outcome } from './report.ts'

const keyCount = 500_000
const id = 'bench'

interface Seen {
  readonly seconds: number
  readonly keys: number
  readonly p99: number
  readonly errors: number
  readonly lost: number
}

type Move = () => Promise<number>

async function fill(cluster: Cluster): Promise<void> {
  for (let at = 0; at < keyCount; at += 5000)
    await Promise.all(Array.from({ length: 5000 }, (_, i) => cluster.set(`key:${at + i}`, 'x'.repeat(64))))
}

/** Asked by a client of its own: the one that moved along may not have heard of every node. */
async function sizeOf(known: Cluster): Promise<number> {
  const { host, port } = known.nodes('master')[0]!.options
  const cluster = new Cluster([{ host: host!, port: port! }])
  await cluster.ping()
  const sizes = await Promise.all(cluster.nodes('master').map(node => node.dbsize()))
  cluster.disconnect()
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** `move` answers how many seconds the moving took; a quarter of the keys moves. */
async function measure(cluster: Cluster, move: Move, load: boolean): Promise<Seen> {
  const waits: number[] = []
  let errors = 0
  const loading = { over: !load }
  const client = async (): Promise<void> => {
    while (!loading.over) {
      const key = `key:${Math.floor(Math.random() * keyCount)}`
      const began = performance.now()
      await (Math.random() < 0.2 ? cluster.set(key, 'x'.repeat(64)) : cluster.get(key)).catch(() => (errors += 1))
      waits.push(performance.now() - began)
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  const seconds = await move()
  loading.over = true
  await clients
  const p99 = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0
  return { seconds, keys: keyCount / 4, p99, errors, lost: keyCount - (await sizeOf(cluster)) }
}

async function ours(load: boolean): Promise<Seen> {
  const hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const group = async () =>
    (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!
  try {
    const shape = { ReplicationGroupId: id, ReplicationGroupDescription: id, Engine: 'valkey' }
    const size = { CacheNodeType: 'cache.r7g.large', NumNodeGroups: 3, ReplicasPerNodeGroup: 1 }
    await elasticache.send(new CreateReplicationGroupCommand({ ...shape, ...size, AutomaticFailoverEnabled: true }))
    const { ConfigurationEndpoint: at } = await eventually(group, found => found.Status === 'available')
    const cluster = new Cluster([{ host: at!.Address!, port: at!.Port! }])
    cluster.on('error', () => {})
    try {
      await fill(cluster)
      return await measure(cluster, () => scaleOut(elasticache, group), load)
    } finally {
      cluster.disconnect()
    }
  } finally {
    await dispose(hotshelf)
  }
}

/**
 * Seconds for the whole move, from the part of it that was seen: progress is told at the end of each turn, so the time of the
 * first turn is not known, and starting two nodes is no part of the peer's work either. The end is `available`.
 */
async function scaleOut(elasticache: ElastiCacheClient, group: () => Promise<ReplicationGroup>): Promise<number> {
  await elasticache.send(
    new ModifyReplicationGroupShardConfigurationCommand({
      ReplicationGroupId: id,
      NodeGroupCount: 4,
      ApplyImmediately: true,
    }),
  )
  let first: { readonly at: number; readonly part: number } | undefined
  return eventually(
    async () => {
      const { Status, PendingModifiedValues } = await group()
      const percent = PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage
      if (percent !== undefined && percent > 0) first ??= { at: performance.now(), part: percent / 100 }
      if (Status !== 'available' || percent !== undefined) return Number.NaN
      if (!first || first.part > 0.5) throw new Error('the move was over before half of it could be watched')
      return (performance.now() - first.at) / 1000 / (1 - first.part)
    },
    seconds => !Number.isNaN(seconds),
    600_000,
  )
}

async function peers(load: boolean): Promise<Seen> {
  const peer: PeerCluster = await startPeer(3, 1)
  const cluster = new Cluster([{ host: peer.host, port: 6379 }])
  cluster.on('error', () => {})
  try {
    await fill(cluster)
    await peer.addShard()
    return await measure(cluster, () => rebalancedByHand(peer), load)
  } finally {
    cluster.disconnect()
    await peer.close()
  }
}

const rate = ({ keys, seconds }: Seen): number => keys / seconds

export async function benchReshard(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const load of [false, true]) {
    const [own, other] = [await ours(load), await peers(load)]
    const told = (seen: Seen): string =>
      `${Math.round(rate(seen))} keys/s${load ? `, client p99 ${seen.p99.toFixed(1)} ms` : ''}, ${seen.errors} errors, ${seen.lost} lost`
    const what = `a quarter of the slots, ${keyCount} keys, ${load ? 'under load' : 'idle'}`
    const ratio = rate(own) / rate(other)
    outcomes.push({ what, ours: told(own), peer: told(other), ratio, goal: load ? '≥ 2' : '≥ 5', rounds: 1 })
    if (!load) continue
    const about = { ours: told(own), peer: told(other), rounds: 1 } as const
    outcomes.push({ what: 'client p99 (ms) meanwhile', ratio: own.p99, goal: '≤ 5', ...about })
    outcomes.push({ what: 'client errors and lost keys', ratio: own.errors + own.lost, goal: '≤ 0', ...about })
  }
  return outcomes
}
