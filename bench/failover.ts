/**
 * How long a client cannot write when a primary is killed or stopped, in milliseconds from the signal to the first write that
 * another process acknowledged; beside sentinels and a cluster's own election in the same run.
 */
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { dispose, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster, type ClusterOptions } from 'ioredis'
import { byElection, bySentinels } from './failover-by-hand.ts'
import {
  type Address,
  downtime,
  pause,
  processAt,
  replicasAt,
  type Shard,
  shardsAt,
  type Signal,
} from './failover-client.ts'
import { median, type Outcome, surroundings, table } from './report.ts'

/** `BENCH_KILLS=5` looks whether it runs; nothing below 100 says anything about a 99th percentile. */
const kills = Number(process.env['BENCH_KILLS'] ?? 100)
const stops = Math.min(kills, 10)
const throughClients = Math.min(kills, 20)
const peerKills = { byDefault: 2, tuned: Math.min(kills, 5) } as const

type Mode = 'disabled' | 'enabled'

const shapes = {
  disabled: { NumCacheClusters: 3 },
  enabled: { NumNodeGroups: 3, ReplicasPerNodeGroup: 1, CacheParameterGroupName: 'default.valkey8.cluster.on' },
} as const

/** A group to kill primaries of, one after the other. */
class Group {
  private constructor(
    private readonly hotshelf: Hotshelf,
    private readonly elasticache: ElastiCacheClient,
    private readonly mode: Mode,
  ) {}

  static async create(hotshelf: Hotshelf, mode: Mode): Promise<Group> {
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
    const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
    const shape = { ReplicationGroupId: mode, ReplicationGroupDescription: mode, Engine: 'valkey', ...shapes[mode] }
    const size = { CacheNodeType: 'cache.t4g.micro', AutomaticFailoverEnabled: true }
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
      if (Date.now() - began > 60_000) throw new Error('the group did not become whole within 60 s')
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

async function measured(group: Group, rounds: number, signal: Signal): Promise<readonly number[]> {
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { shard, pid } = await group.victim(round)
    took.push(await downtime(shard, pid, signal))
  }
  return took
}

/** As long as the library takes for a write that is asked for at the moment of the kill, its own retries included. */
async function throughIoredis(group: Group, options: ClusterOptions): Promise<readonly number[]> {
  const { host, port } = await group.endpoint()
  const client = new Cluster([{ host, port }], options)
  client.on('error', () => {})
  const took: number[] = []
  try {
    for (let round = 0; round < throughClients; round++) {
      const { shard, pid } = await group.victim(round)
      await client.set(shard.key, 'before')
      const began = performance.now()
      process.kill(pid, 'SIGKILL')
      while ((await client.set(shard.key, 'after').catch(() => undefined)) !== 'OK') await pause(5)
      took.push(performance.now() - began)
    }
  } finally {
    client.disconnect()
  }
  return took
}

/** Nearest rank: a value that was measured. */
const percentile = (numbers: readonly number[], part: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length * part) - 1]!

const told = (numbers: readonly number[]): string => {
  const digits = median(numbers) < 100 ? 1 : 0
  const [p50, p99, least, most] = [
    median(numbers),
    percentile(numbers, 0.99),
    Math.min(...numbers),
    Math.max(...numbers),
  ].map(value => value.toFixed(digits))
  return numbers.length < 20 ? `${p50} ms [${least}-${most}]` : `p50 ${p50}, p99 ${p99} ms [${least}-${most}]`
}

/** A goal on milliseconds: what stands as the ratio is the value itself. */
const inMs = (what: string, numbers: readonly number[], value: number, goal: string): Outcome => ({
  what: `${what}, ms`,
  ours: told(numbers),
  peer: 'none: a goal in ms',
  ratio: value,
  goal,
  rounds: numbers.length,
})

const ahead = (what: string, ours: readonly number[], peer: readonly number[], goal: string): Outcome => ({
  what: `times ahead of ${what}`,
  ours: told(ours),
  peer: `${told(peer)}, n = ${peer.length}`,
  ratio: median(peer) / median(ours),
  goal,
  rounds: ours.length,
})

const killedOutcomes = (what: string, took: readonly number[]): readonly Outcome[] => [
  inMs(`${what}, p50`, took, median(took), '≤ 20'),
  inMs(`${what}, p99`, took, percentile(took, 0.99), '≤ 150'),
]

const say = (text: string): boolean => process.stderr.write(`  ${text}\n`)

interface Ours {
  readonly killed: readonly number[]
  readonly stopped: readonly number[]
  readonly outcomes: readonly Outcome[]
}

async function ours(mode: Mode): Promise<Ours> {
  const hotshelf = await startHotshelf()
  try {
    const group = await Group.create(hotshelf, mode)
    const killed = await measured(group, kills, 'SIGKILL')
    say(`${mode}, killed: ${told(killed)}`)
    const stopped = await measured(group, stops, 'SIGSTOP')
    say(`${mode}, stopped: ${told(stopped)}`)
    const about = `cluster mode ${mode}`
    const outcomes: Outcome[] = [
      ...killedOutcomes(`primary killed, ${about}`, killed),
      inMs(`primary stopped, ${about}, longest`, stopped, Math.max(...stopped), '≤ 3000'),
    ]
    if (mode === 'enabled') {
      const byDefault = await throughIoredis(group, {})
      say(`ioredis: ${told(byDefault)}`)
      outcomes.push(...killedOutcomes('primary killed, seen through ioredis 6 Cluster at its defaults', byDefault))
      const quick = { retryDelayOnFailover: 5, retryDelayOnClusterDown: 5, clusterRetryStrategy: () => 5 }
      const tuned = await throughIoredis(group, quick)
      say(`ioredis tuned: ${told(tuned)}`)
      outcomes.push(...killedOutcomes('primary killed, seen through ioredis 6 Cluster with delays of 5 ms', tuned))
    }
    return { killed, stopped, outcomes }
  } finally {
    await dispose(hotshelf)
  }
}

function writePage(outcomes: readonly Outcome[], startLoad: string): void {
  const text = `# The last run of \`npm run bench failover\`

Milliseconds from the signal to a primary's process until a client with a fresh connection every 5 ms had a write acknowledged
by another process. In rows in ms the ratio is that value itself; in the others it is the peer's median to Hotshelf's. The
peers ran after Hotshelf in the same run, beside one another, since they mostly wait.

${table(outcomes)}

${surroundings()} Load average at the start: ${startLoad}.
`
  writeFileSync(fileURLToPath(new URL('./RESULTS-failover.md', import.meta.url)), text)
}

export async function benchFailover(): Promise<readonly Outcome[]> {
  const startLoad = loadavg()[0]!.toFixed(1)
  const disabled = await ours('disabled')
  const enabled = await ours('enabled')
  const [sentinel, quickSentinel, election, quickElection] = await Promise.all([
    bySentinels(undefined, peerKills.byDefault),
    bySentinels(1000, peerKills.tuned),
    byElection(15_000, peerKills.byDefault),
    byElection(1000, peerKills.tuned),
  ])
  const outcomes = [
    ...disabled.outcomes,
    ahead('three sentinels at their default (down after 30 s)', disabled.killed, sentinel, '≥ 50'),
    ahead('three sentinels at their best safe setting (1 s)', disabled.killed, quickSentinel, '≥ 1'),
    ...enabled.outcomes,
    ahead("a cluster's election at its default (node timeout 15 s)", enabled.killed, election, '≥ 50'),
    ahead("a cluster's election at a node timeout of 1 s", enabled.killed, quickElection, '≥ 1'),
  ]
  if (kills >= 100) writePage(outcomes, startLoad)
  return outcomes
}
