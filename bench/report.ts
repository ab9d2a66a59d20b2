/** What a bench found, as a table for people and a page that is kept. */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  readonly what: string
  readonly ours: string
  readonly peer: string
  readonly ratio: number
  /** `≤ 1.5` or `≥ 0.98`. */
  readonly goal: string
  readonly rounds: number
}

export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export const spread = (numbers: readonly number[], digits = 0): string =>
  `${median(numbers).toFixed(digits)} [${Math.min(...numbers).toFixed(digits)}-${Math.max(...numbers).toFixed(digits)}]`

function reached(outcome: Outcome): boolean {
  const [sign, limit] = outcome.goal.split(' ')
  return sign === '≤' ? outcome.ratio <= Number(limit) : outcome.ratio >= Number(limit)
}

const rowOf = (outcome: Outcome): readonly string[] => [
  outcome.what,
  outcome.ours,
  outcome.peer,
  outcome.ratio.toFixed(2),
  outcome.goal,
  reached(outcome) ? 'reached' : 'missed',
  String(outcome.rounds),
]

const heading = ['what', 'Hotshelf', 'peer', 'ratio', 'goal', '', 'rounds'] as const

export function table(outcomes: readonly Outcome[]): string {
  const rows = [heading, heading.map(() => '---'), ...outcomes.map(rowOf)]
  return rows.map(row => `| ${row.join(' | ')} |`).join('\n')
}

export function printOutcomes(outcomes: readonly Outcome[]): void {
  process.stdout.write(`${table(outcomes)}\n`)
}

/** The machine and how busy it was: without them no number on a page means anything. */
export function surroundings(): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Node ${process.version}`
  const load = loadavg()
    .map(value => value.toFixed(1))
    .join(' ')
  return `Machine: ${machine}; load average at the end ${load}; ${new Date().toISOString().slice(0, 10)}.`
}

export function writeResults(outcomes: readonly Outcome[]): void {
  const text = `# The last run of \`npm run bench\`

Ratios are Hotshelf to peer, medians with [minimum-maximum]; both were measured in turn in the same run.

${table(outcomes)}

${surroundings()}
`
  writeFileSync(fileURLToPath(new URL('./RESULTS.md', import.meta.url)), text)
}
