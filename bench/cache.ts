/** `npm run bench cache`: @hotshelf/cache and the libraries people use instead, as ratios to a raw ioredis 6 GET. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startBenchEngine } from './cache/engine.ts'
import { benchExactness, benchHandoff } from './cache/handoff.ts'
import type { Million } from './cache/million.ts'
import type { Row } from './cache/one-subject.ts'
import { type Found, writeCachePage } from './cache/results.ts'
import type { Pace } from './cache/rounds.ts'
import { hotshelf } from './cache/subjects/hotshelf.ts'
import { subjects } from './cache/subjects/index.ts'
import type { Feature } from './cache/subjects/subject.ts'
import type { Outcome } from './report.ts'

/** Short and many: the machine's speed drifts from second to second. */
const pace: Pace = { rounds: 11, ms: 50 }

/** Goals at the lower and the higher concurrency. */
const goals: Readonly<Record<Feature, readonly [number, number]>> = {
  hit: [0.95, 2],
  'hit-memory': [1, 1],
  'hit-tags': [0.8, 1.5],
  'get-many': [4, 4],
  limit: [0.65, 0.85],
  lock: [0.4, 0.75],
}

function answerOf<T>(program: string, args: readonly string[], nodeFlags: readonly string[] = []): Promise<T> {
  const path = fileURLToPath(new URL(`./cache/${program}`, import.meta.url))
  const child = fork(path, args, {
    execArgv: [...process.execArgv, ...nodeFlags],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('message', message => resolve(message as T))
    child.once('exit', code => reject(new Error(said.match(/\w*Error: .*/)?.[0] ?? `ended with ${code}`)))
  })
}

export async function measureSubjects(port: number, { rounds, ms }: Pace, wanted = /./): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const [place, subject] of subjects.entries()) {
    const name = `${subject.feature} ${subject.library} ${subject.note ?? ''}`
    if (!wanted.test(name)) continue
    process.stderr.write(`  ${name}\n`)
    try {
      const rows = await answerOf<readonly Row[]>('one-subject.ts', [place, port, rounds, ms].map(String))
      found.push({ subject, rows })
    } catch (error) {
      found.push({ subject, rows: undefined, failure: (error as Error).message })
    }
  }
  return found
}

/** Our rows become outcomes; the best peer of the same feature and shape is named beside them. */
function outcomesOf(found: readonly Found[]): readonly Outcome[] {
  return found.filter(({ subject }) => subject.library === hotshelf).flatMap(mine => outcomesOfOne(mine, found))
}

function outcomesOfOne({ subject, rows }: Found, found: readonly Found[]): readonly Outcome[] {
  const beside = subject.note?.startsWith('beside') ?? false
  if (subject.feature === 'hit-memory' && !beside) return []
  const peers = found.filter(other => other.subject.feature === subject.feature && other.subject.library !== hotshelf)
  return (rows ?? []).map((row, i) => {
    const ratios = peers
      .filter(({ rows: theirs, subject: peer }) => theirs && !peer.library.startsWith('by hand'))
      .map(({ subject: peer, rows: theirs }) => ({ library: peer.library, ratio: theirs![i]!.ratio }))
      .toSorted((a, b) => b.ratio - a.ratio)
    const best = ratios[0] ? `best peer ${ratios[0].ratio.toFixed(2)} (${ratios[0].library})` : 'no peer does this'
    return {
      what: `cache: ${subject.feature}${subject.note ? ` (${subject.note})` : ''}, concurrency ${row.concurrency}`,
      ours: `${row.ratio.toFixed(2)} [${row.lowest.toFixed(2)}-${row.highest.toFixed(2)}]`,
      peer: beside ? 'layered-loader in the same rounds = 1' : `${best}; raw ioredis 6 = 1`,
      ratio: row.ratio,
      goal: `≥ ${goals[subject.feature][i]}`,
      rounds: pace.rounds,
    }
  })
}

async function benchMillion(port: number): Promise<readonly Outcome[]> {
  const million = await answerOf<Million>('million.ts', [String(port)], ['--expose-gc', '--max-old-space-size=4096'])
  const perHit = (ms: number) => `${(ms / 1000).toFixed(2)} µs a hit`
  return [
    {
      what: 'cache: 1 M entries in memory, bytes of heap per entry',
      ours: `${million.bytes.toFixed(0)}, read from the server in ${(million.fillMs / 1000).toFixed(1)} s`,
      peer: `${million.bareBytes.toFixed(0)} in a bare lru-cache`,
      ratio: million.bytes / million.bareBytes,
      goal: '≤ 1.5',
      rounds: 1,
    },
    {
      what: 'cache: 1 M entries in memory, a hit on each in turn',
      ours: perHit(million.hitsMs),
      peer: `${perHit(million.bareHitsMs)} in a bare lru-cache`,
      ratio: million.hitsMs / million.bareHitsMs,
      goal: '≤ 2',
      rounds: 1,
    },
  ]
}

export async function benchCache(): Promise<readonly Outcome[]> {
  const engine = await startBenchEngine()
  try {
    const found = await measureSubjects(engine.port, pace)
    const recipes = [...(await benchHandoff(engine.port)), ...(await benchExactness(engine.port))]
    const first = [...outcomesOf(found), ...recipes]
    // The longest part comes last: what was found before it is kept whatever becomes of it.
    writeCachePage(found, first)
    const outcomes = [...first, ...(await benchMillion(engine.port))]
    writeCachePage(found, outcomes)
    return outcomes
  } finally {
    await engine.stop()
  }
}
