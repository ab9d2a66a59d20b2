/**
 * How fast two or more operations are beside each other on a machine that others use too: each round measures all of them
 * in turn, ratios are taken within a round, and the median of the rounds counts.
 */
import { performance } from 'node:perf_hooks'
import { median } from '../report.ts'

/** `i` counts up; the operation turns it into a key. */
export type Operation = (i: number) => Promise<unknown>

export interface Pace {
  readonly rounds: number
  /** How long each operation runs in a round. */
  readonly ms: number
}

interface Measured {
  readonly perSecond: number
  /** CPU microseconds of this process per operation. */
  readonly cpu: number
}

export interface Compared {
  /** Operations per second, medians over the rounds. */
  readonly ours: number
  readonly baseline: number
  readonly ratio: number
  readonly lowest: number
  readonly highest: number
  /** CPU per operation of the baseline over that of ours: less disturbed by what else the machine does. */
  readonly cpuRatio: number
}

async function measure(operation: Operation, concurrency: number, ms: number): Promise<Measured> {
  let done = 0
  let counter = 0
  const cpu = process.cpuUsage()
  const start = performance.now()
  const end = start + ms
  const loop = async () => {
    while (performance.now() < end) {
      await operation(counter++)
      done++
    }
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: (done * 1000) / (performance.now() - start), cpu: (user + system) / done }
}

export async function compare(
  { operation, baseline }: { readonly operation: Operation; readonly baseline: Operation },
  concurrency: number,
  { rounds, ms }: Pace,
): Promise<Compared> {
  // Until the compiler is done with both: one at a time a slow machine runs too few in a round for that.
  for (const one of [baseline, operation]) {
    await measure(one, 50, 500)
    await measure(one, concurrency, 1500)
  }
  const ours: Measured[] = []
  const theirs: Measured[] = []
  for (let round = 0; round < rounds; round++) {
    // Whoever runs second inherits the other's garbage: take turns.
    if (round % 2 === 0) theirs.push(await measure(baseline, concurrency, ms))
    ours.push(await measure(operation, concurrency, ms))
    if (round % 2 === 1) theirs.push(await measure(baseline, concurrency, ms))
  }
  const ratios = ours.map((mine, i) => mine.perSecond / theirs[i]!.perSecond)
  return {
    ours: median(ours.map(({ perSecond }) => perSecond)),
    baseline: median(theirs.map(({ perSecond }) => perSecond)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    cpuRatio: median(ours.map((mine, i) => theirs[i]!.cpu / mine.cpu)),
  }
}
