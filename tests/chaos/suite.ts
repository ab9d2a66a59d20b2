/** Episodes from a seed, and what came of them as a table. Every episode is drawn from seed and number alone: it can be run by itself. */
import { type EpisodeOptions, type EpisodeResult, type Round, type RoundResult, runEpisode } from './episode.ts'
import { randomFault } from './faults.ts'
import type { Shape } from './group.ts'
import { type Operation, operations } from './operations.ts'
import { type Random, seeded } from './random.ts'

export const shapes: readonly Shape[] = [
  { name: 'one shard', engine: 'valkey', shards: 1, replicas: 2, clusterMode: false },
  { name: 'three shards', engine: 'valkey', shards: 3, replicas: 1, clusterMode: true },
  { name: 'redis', engine: 'redis', shards: 1, replicas: 2, clusterMode: false },
]

const everyShape: readonly Shape[] = [
  ...shapes,
  { name: 'one shard, sync', engine: 'valkey', shards: 1, replicas: 2, clusterMode: false, durability: 'sync' },
  { name: 'two shards, sync', engine: 'valkey', shards: 2, replicas: 1, clusterMode: true, durability: 'sync' },
]

const spreadMs = 2500
const mostFaultsARound = 4

const faultsOf = (random: Random, most: number) =>
  Array.from({ length: random.below(most + 1) }, () => randomFault(random, spreadMs)).toSorted((a, b) => a.at - b.at)

/** A life of random operations, with faults at random moments or Hotshelf killed at a random effect. */
export function randomEpisode(seed: number, number: number, roundsWanted: number): EpisodeOptions {
  const random = seeded(seed * 100_003 + number)
  const edge = (effects: number, faults: number) =>
    random.chance(0.5)
      ? { faults: [], crashAfterEffect: 1 + random.below(effects) }
      : { faults: faultsOf(random, faults) }
  const absent = new Set<string>()
  let left = roundsWanted
  let last: Operation | undefined
  return {
    shape: everyShape[number % everyShape.length]!,
    first: edge(40, 2),
    last: edge(10, 2),
    nextRound: (shape, before) => {
      if (before?.skipped !== undefined && last) absent.add(last.name)
      if (left-- <= 0) return undefined
      const able = operations.filter(one => one.after(shape) !== undefined && !absent.has(one.name))
      last = random.pick(able)
      const crash = last.name !== 'nothing' && random.chance(0.2)
      return {
        operation: last,
        faults: crash ? [] : [randomFault(random, spreadMs), ...faultsOf(random, mostFaultsARound - 1)],
        crashAfterEffect: crash ? 1 + random.below(12) : undefined,
      }
    },
  }
}

const mostEffects = 60

/** Hotshelf killed behind every single effect of every operation, until an operation takes fewer. */
export function everyEffect(shape: Shape): EpisodeOptions {
  const finished = new Set(['nothing'])
  let effect = 1
  let position = -1
  let last: Round | undefined
  return {
    shape,
    first: { faults: [] },
    last: { faults: [], crashAfterEffect: 3 },
    nextRound: (present, before) => {
      if (last && before && (before.skipped !== undefined || !before.crashed)) finished.add(last.operation.name)
      for (;;) {
        position += 1
        if (position >= operations.length) {
          position = 0
          effect += 1
        }
        // What undoes another is played for as long as the other is.
        if (effect > mostEffects || operations.every(one => finished.has(one.name))) return undefined
        const operation = operations[position]!
        if (finished.has(operation.name)) continue
        if (operation.after(present) === undefined) {
          if (operations.every(one => finished.has(one.name) || one.after(present) === undefined)) return undefined
          continue
        }
        last = { operation, faults: [], crashAfterEffect: effect }
        return last
      }
    },
  }
}

export class Tally {
  readonly #results: RoundResult[] = []
  readonly stories: string[] = []

  async run(name: string, options: EpisodeOptions): Promise<EpisodeResult> {
    const result = await runEpisode(options)
    this.#results.push(...result.rounds)
    if (result.story !== '') this.stories.push(`${name}\n${result.story}`)
    return result
  }

  get faults(): number {
    return this.#results.reduce((sum, result) => sum + result.faults, 0)
  }

  get complaints(): readonly string[] {
    return this.#results.flatMap(result => result.complaints)
  }

  get acknowledged(): number {
    return this.#results.reduce((sum, result) => sum + result.acknowledged, 0)
  }

  /** Reasons by operation, for what this build answers as not there. */
  get skipped(): ReadonlyMap<string, string> {
    return new Map(
      this.#results.flatMap(({ operation, skipped }) => (skipped === undefined ? [] : [[operation, skipped]])),
    )
  }

  table(): string {
    const done = this.#results.filter(result => result.skipped === undefined)
    const rows = [...new Set(done.map(result => result.operation))].map(operation => {
      return row(
        operation,
        done.filter(result => result.operation === operation),
      )
    })
    const heading = [
      'operation',
      'rounds',
      'faults',
      'converged',
      'slowest (s)',
      'acknowledged',
      'lost',
      'lost with a whole shard',
      'complaints',
    ]
    const lines = [heading, heading.map(() => '---'), ...rows, row('all', done)]
    return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  }
}

function row(name: string, results: readonly RoundResult[]): readonly string[] {
  const sum = (of: (result: RoundResult) => number): number => results.reduce((total, result) => total + of(result), 0)
  const slowest = Math.max(0, ...results.map(result => result.convergedMs)) / 1000
  return [
    name,
    String(results.length),
    String(sum(result => result.faults)),
    String(results.filter(result => !result.complaints.some(one => one.startsWith('not '))).length),
    slowest.toFixed(1),
    String(sum(result => result.acknowledged)),
    String(sum(result => result.lost)),
    String(sum(result => result.lostWithShard)),
    String(sum(result => result.complaints.length)),
  ]
}
