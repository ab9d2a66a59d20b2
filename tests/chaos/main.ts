/**
 * `npm run chaos [-- --faults 500] [--seed 7] [--episode 3] [--keep <directory>] [random] [effects] [ninety]`: the long form. Random lives until so
 * many faults were inflicted, then Hotshelf killed behind every effect of every operation, then ninety nodes; or only those
 * parts that are named. Ends with a table; fails on any complaint, whose story is printed with the numbers that bring it
 * back. With `--episode` the timeline is always shown; with `--keep` all that nodes and server wrote is copied on a complaint.
 */
import { parseArgs } from 'node:util'
import { ninetyNodes } from './ninety-nodes.ts'
import { everyEffect, randomEpisode, shapes, Tally } from './suite.ts'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const usage = `npm run chaos -- [--faults 500] [--seed 7] [--episode 3] [--keep <directory>] [random] [effects] [ninety]

Runs the parts that are named, or all: random lives of groups, Hotshelf killed behind every effect, ninety nodes.
`

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}`)
  process.exit(2)
}

function told() {
  try {
    const text = { type: 'string' } as const
    const options = {
      faults: text,
      seed: text,
      episode: text,
      keep: text,
      help: { type: 'boolean', short: 'h' },
    } as const
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    // An unknown option must not start an hour of faults.
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const { values, positionals } = told()
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}

function count(name: 'faults' | 'seed' | 'episode'): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse(`--${name} wants a number, not '${text}'`)
}

const seed = count('seed') ?? Date.now() % 1_000_000
const wanted = count('faults') ?? 500
const only = count('episode')
const parts = ['random', 'effects', 'ninety'] as const
const unknown = positionals.find(word => !parts.some(part => part === word))
if (unknown !== undefined) refuse(`no part is called '${unknown}'`)
const chosen = (part: (typeof parts)[number]): boolean => positionals.length === 0 || positionals.includes(part)
const roundsAnEpisode = 12
const tally = new Tally()
const keep = values.keep === undefined ? {} : { keepIn: values.keep }

async function episode(name: string, options: Parameters<Tally['run']>[1]): Promise<void> {
  const began = performance.now()
  const { rounds, story, timeline } = await tally.run(name, { ...options, ...keep })
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const verdict = story === '' ? 'whole' : 'COMPLAINTS'
  process.stdout.write(`${name}: ${rounds.length} rounds, ${tally.faults} faults so far, ${seconds} s, ${verdict}\n`)
  if (story !== '') process.stdout.write(`${story}\n`)
  else if (only !== undefined) process.stdout.write(`${timeline.join('\n')}\n`)
}

process.stdout.write(`seed ${seed}\n`)
const again = (number: number): string => `npm run chaos -- --seed ${seed} --episode ${number}`
if (only !== undefined) await episode(again(only), randomEpisode(seed, only, roundsAnEpisode))
else {
  for (let number = 0; chosen('random') && tally.faults < wanted; number++) {
    await episode(again(number), randomEpisode(seed, number, roundsAnEpisode))
  }
  for (const shape of chosen('effects') ? shapes : [])
    await episode(`Hotshelf killed behind every effect, ${shape.name}`, everyEffect(shape))
  if (chosen('ninety') && process.platform === 'linux') {
    const { createdMs, failedOverMs, repairedMs, deletedMs } = await ninetyNodes()
    const [created, repaired, deleted] = [createdMs, repairedMs, deletedMs].map(ms => (ms / 1000).toFixed(1))
    process.stdout.write(
      `ninety nodes: made in ${created} s, a killed primary replaced in ${failedOverMs.toFixed(0)} ms, whole again after ${repaired} s, gone in ${deleted} s\n`,
    )
  }
}
process.stdout.write(`\n${tally.table()}\n\n`)
for (const [operation, reason] of tally.skipped) process.stdout.write(`skipped (${reason}): ${operation}\n`)
process.stdout.write(`seed ${seed}: ${tally.faults} faults, ${tally.complaints.length} complaints\n`)
process.exitCode = tally.complaints.length > 0 ? 1 : 0
