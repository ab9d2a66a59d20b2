/** `npm run bench cache-outages`: what each library answers while its server is away, and whether it works again. */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { libraries } from './cache/outage/libraries.ts'
import { type Answer, patienceMs, type Told } from './cache/outage/told.ts'
import { ways } from './cache/outage/ways.ts'
import { type Outcome, surroundings } from './report.ts'

/** They mostly wait. */
const sideBySide = 4

function tell(library: number, way: number): Promise<Told | undefined> {
  const program = fileURLToPath(new URL('./cache/outage/one-outage.ts', import.meta.url))
  const child = fork(program, [String(library), String(way)], { execArgv: process.execArgv, stdio: 'ignore' })
  const tooLong = setTimeout(() => child.kill(), 10 * patienceMs)
  return new Promise(resolve => {
    child.once('message', message => resolve(message as Told))
    child.once('exit', () => {
      clearTimeout(tooLong)
      resolve(undefined)
    })
  })
}

async function tellAll(): Promise<readonly (readonly (Told | undefined)[])[]> {
  const told: (Told | undefined)[][] = libraries.map(() => [])
  const jobs = ways.flatMap((_, way) => libraries.map((_, library) => ({ library, way }))).values()
  const work = async () => {
    for (const { library, way } of jobs) {
      process.stderr.write(`  ${ways[way]!.name}: ${libraries[library]!.name}\n`)
      told[library]![way] = await tell(library, way)
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work))
  return told
}

const seconds = (ms: number): string => (ms < 995 ? ms.toFixed(0).concat(' ms') : `${(ms / 1000).toFixed(1)} s`)

function answerCell({ ms, said }: Answer): string {
  return said === 'nothing' ? 'still waiting' : `${seconds(ms)}${said === 'error' ? ', an error' : ''}`
}

function answersCell(told: Told | undefined): string {
  if (!told) return 'no outcome'
  const [first, second] = told.answers.map(answerCell)
  const crash = told.uncaught.length > 0 ? '; an uncaught error' : ''
  return `${first === second ? first : `${first}, then ${second}`}${crash}`
}

function againCell(told: Told | undefined): string {
  if (!told) return 'no outcome'
  return told.againMs === undefined ? 'never' : seconds(told.againMs)
}

function tableOf(cells: (library: number, way: number) => string): string {
  const rows = libraries.map(({ name }, library) => [name, ...ways.map((_, way) => cells(library, way))])
  const all = [['', ...ways.map(({ name }) => name)], ['---', ...ways.map(() => '---')], ...rows]
  return all.map(row => `| ${row.join(' | ')} |`).join('\n')
}

export async function benchOutages(): Promise<readonly Outcome[]> {
  const told = await tellAll()
  const text = `# The last run of \`npm run bench cache-outages\`

Each library as its documentation sets it up, with nothing said of timeouts. The server is killed (connections are refused),
frozen (SIGSTOP), slow (it answers nothing for 3 s), flushed (scripts too), or failed over as a planned failover does it: the
endpoint's name points to the new primary, and open connections stay with the old one, a replica by now. Read and load of a
missing key; waited for ${patienceMs / 1000} s.

## Until the value is there

Of the first read, then of the second.

${tableOf((library, way) => answersCell(told[library]![way]))}

## Until values are stored again, from when the server is back

Without a restart of the application. "Never" is within ${patienceMs / 1000} s.

${tableOf((library, way) => againCell(told[library]![way]))}

${surroundings()}
`
  writeFileSync(fileURLToPath(new URL('./cache/OUTAGES.md', import.meta.url)), text)
  const ours = told[0]!.flatMap(way => way?.answers ?? []).map(({ ms, said }) => (said === 'value' ? ms : patienceMs))
  return [
    {
      what: 'cache: read and load while the server is away, the slowest of five ways (ms)',
      ours: Math.max(...ours).toFixed(0),
      peer: 'its deadlines: 100 ms to read, 250 ms for the lease, 250 ms to store',
      ratio: Math.max(...ours),
      goal: '≤ 1000',
      rounds: ours.length,
    },
  ]
}
