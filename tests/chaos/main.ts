/**
 * `npm run chaos [-- --faults 500] [--seed 7] [--episode 3] [--keep <directory>] [random] [effects] [ninety]`: the long form. Random lives until so
 * many faults were inflicted, then Hotshelf killed behind every effect of every operation, then ninety nodes; or only those
 * parts that are named. Ends with a table; fails on any complaint, whose story is printed with the numbers that bring it
 * back. With `--episode` the timeline is always shown; with `--keep` all that nodes and server wrote is copied on a complaint.
 */
import { ninetyNodes } from './ninety-nodes.ts'
import { everyEffect, randomEpisode, shapes, Tally } from './suite.ts'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

function option(name: string): number | undefined {
  const at = process.argv.indexOf(`--${name}`)
  if (at < 0) return undefined
  const value = Number(process.argv[at + 1])
  if (Number.isSafeInteger(value) && value >= 0) return value
  process.stderr.write(`--${name} wants a number\n`)
  process.exit(2)
}

const seed = option('seed') ?? Date.now() % 1_000_000
const wanted = option('faults') ?? 500
const only = option('episode')
const parts = ['random', 'effects', 'ninety'] as const
const named = parts.filter(part => process.argv.includes(part))
const chosen = (part: (typeof parts)[number]): boolean => named.length === 0 || named.includes(part)
const roundsAnEpisode = 12
const tally = new Tally()
const keepAt = process.argv.indexOf('--keep')
const keep = keepAt < 0 ? {} : { keepIn: process.argv[keepAt + 1] ?? 'chaos-kept' }

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
