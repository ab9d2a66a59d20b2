/** The page that is kept of the last run: every library beside every other, then the goals. */
import { cpus, loadavg, totalmem, type } from 'node:os'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Outcome, table } from '../report.ts'
import type { Row } from './one-subject.ts'
import type { Feature, Subject } from './subjects/subject.ts'

export interface Found {
  readonly subject: Subject
  /** Undefined when the library failed; `failure` says how. */
  readonly rows: readonly Row[] | undefined
  readonly failure?: string
}

const titles: Readonly<Record<Feature, string>> = {
  hit: 'A hit without memory in front (`getOrSet`, 238 bytes of JSON)',
  'hit-memory': 'A hit in memory',
  'hit-tags': 'A hit with three tags',
  'get-many': '100 keys at once, beside a pipeline of 100 GETs',
  limit: 'One call of a rate limiter',
  lock: 'Acquire and release a lock',
}

function short(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M`
  return perSecond >= 1000 ? `${(perSecond / 1000).toFixed(1)} k` : perSecond.toFixed(0)
}

const cell = (row: Row): string =>
  `${short(row.ours)} · **${row.ratio.toFixed(2)}** [${row.lowest.toFixed(2)}-${row.highest.toFixed(2)}] · ${row.cpuRatio.toFixed(2)}`

function lineOf({ subject, rows, failure }: Found): string {
  const name = subject.note ? `${subject.library} (${subject.note})` : subject.library
  return `| ${[name, ...(rows?.map(cell) ?? [`failed: ${failure}`, ''])].join(' | ')} |`
}

function section(feature: Feature, found: readonly Found[]): string {
  const mine = found.filter(({ subject }) => subject.feature === feature)
  const at = mine.flatMap(({ rows }) => rows ?? []).map(({ concurrency }) => concurrency)
  const columns = [...new Set(at)].map(concurrency => `concurrency ${concurrency}`)
  return [`## ${titles[feature]}`, '', `| | ${columns.join(' | ')} |`, '|---|---:|---:|', ...mine.map(lineOf)].join(
    '\n',
  )
}

export function writeCachePage(found: readonly Found[], outcomes: readonly Outcome[]): void {
  const load = loadavg().map(value => value.toFixed(1))
  const features = [...new Set(found.map(({ subject }) => subject.feature))]
  const text = `# The last run of \`npm run bench cache\`

Each cell: operations per second · **ratio** to a raw ioredis 6 GET of the same shape [lowest-highest round] · ratio of client
CPU per operation. Both are measured in turn in each round, in a process per library; the median of the rounds counts. More is
better everywhere. Every library runs on the client its documentation names, with the settings it comes with.

${features.map(feature => section(feature, found)).join('\n\n')}

## Goals

${table(outcomes)}

Machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Node ${process.version}, shared with other work; load average at the end ${load.join(' ')}; ${new Date().toISOString().slice(0, 10)}.
`
  writeFileSync(fileURLToPath(new URL('./RESULTS.md', import.meta.url)), text)
}
