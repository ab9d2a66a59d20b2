/**
 * How long a client cannot write when a primary is killed or stopped, in milliseconds from the signal to the first write that
 * another process acknowledged; beside sentinels and a cluster's own election in the same run.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { dispose, startHotshelf } from '@hotshelf/testkit'
import { byElection, bySentinels } from './failover-by-hand.ts'
import { downtime, type Signal } from './failover-client.ts'
import { Group, type Mode } from './failover-group.ts'
import { fillTo } from './failover-large.ts'
import { type Library, seenThrough, throughIoredis, throughNodeRedis, throughRedisPy } from './failover-libraries.ts'
import { median, type Outcome, surroundings, table } from './report.ts'

const python = ['python3', '/usr/bin/python3'].find(
  name => spawnSync(name, ['-c', 'import redis.cluster']).status === 0,
)

/** `BENCH_KILLS=5` looks whether it runs; nothing below 100 says anything about a 99th percentile. */
const kills = Number(process.env['BENCH_KILLS'] ?? 100)
const stops = Math.min(kills, 10)
const throughClients = Math.min(kills, 20)
const largeKills = Math.min(kills, 10)
const peerKills = { byDefault: 2, tuned: Math.min(kills, 5) } as const

async function measured(group: Group, rounds: number, signal: Signal): Promise<readonly number[]> {
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { shard, pid } = await group.victim(round)
    took.push(await downtime(shard, pid, signal))
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

/** At their defaults, and as the README recommends. */
const libraries: readonly (readonly [string, Library | undefined])[] = [
  ['ioredis 6 Cluster at its defaults', throughIoredis()],
  [
    'ioredis 6 Cluster with delays of 5 ms',
    throughIoredis({ retryDelayOnFailover: 5, retryDelayOnClusterDown: 5, clusterRetryStrategy: () => 5 }),
  ],
  ['node-redis 6 cluster at its defaults', throughNodeRedis()],
  ['node-redis 6 cluster that reconnects after 5 ms', throughNodeRedis({ reconnectStrategy: 5 })],
  ['redis-py RedisCluster at its defaults', python === undefined ? undefined : throughRedisPy(python)],
]

async function librariesSee(group: Group): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [name, library] of libraries) {
    if (!library) {
      say(`${name}: left out, no python3 on this machine has the module redis`)
      continue
    }
    const took = await seenThrough(library, group, throughClients)
    say(`${name}: ${told(took)}`)
    outcomes.push(...killedOutcomes(`primary killed, seen through ${name}`, took))
  }
  return outcomes
}

/** Two gigabytes in each of three nodes. */
async function large(): Promise<readonly Outcome[]> {
  const hotshelf = await startHotshelf()
  try {
    const group = await Group.create(hotshelf, 'disabled', { CacheNodeType: 'cache.r7g.large' })
    const bytes = await fillTo((await group.whole())[0]!.primary, 2 * 2 ** 30)
    const took = await measured(group, largeKills, 'SIGKILL')
    say(`${(bytes / 2 ** 30).toFixed(1)} GiB, killed: ${told(took)}`)
    return killedOutcomes(`primary of ${(bytes / 2 ** 30).toFixed(1)} GiB killed, cluster mode disabled`, took)
  } finally {
    await dispose(hotshelf)
  }
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
    if (mode === 'enabled') outcomes.push(...(await librariesSee(group)))
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
  const withMuchData = await large()
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
    ...withMuchData,
    ...enabled.outcomes,
    ahead("a cluster's election at its default (node timeout 15 s)", enabled.killed, election, '≥ 50'),
    ahead("a cluster's election at a node timeout of 1 s", enabled.killed, quickElection, '≥ 1'),
  ]
  if (kills >= 100) writePage(outcomes, startLoad)
  return outcomes
}
