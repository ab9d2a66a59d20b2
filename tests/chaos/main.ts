/**
 * `npm run chaos [-- --faults 500] [--seed 7] [--episode 3]`: the long form. Random lives until so many faults were
 * inflicted, then Hotshelf killed behind every effect of every operation, then ninety nodes. Ends with a table; fails on any
 * complaint, whose story is printed with the numbers that bring it back. With `--episode` the timeline is always shown.
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
const roundsAnEpisode = 12
const tally = new Tally()

async function episode(name: string, options: Parameters<Tally['run']>[1]): Promise<void> {
  const began = performance.now()
  const { rounds, story, timeline } = await tally.run(name, options)
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
  for (let number = 0; tally.faults < wanted; number++) {
    await episode(again(number), randomEpisode(seed, number, roundsAnEpisode))
  }
  for (const shape of shapes) await episode(`Hotshelf killed behind every effect, ${shape.name}`, everyEffect(shape))
  if (process.platform === 'linux') {
    const { createdMs, failedOverMs, deletedMs } = await ninetyNodes()
    process.stdout.write(
      `ninety nodes: made in ${(createdMs / 1000).toFixed(1)} s, a killed primary replaced in ${failedOverMs.toFixed(0)} ms, gone in ${(deletedMs / 1000).toFixed(1)} s\n`,
    )
  }
}
process.stdout.write(`\n${tally.table()}\n\n`)
for (const [operation, reason] of tally.skipped) process.stdout.write(`skipped (${reason}): ${operation}\n`)
process.stdout.write(`seed ${seed}: ${tally.faults} faults, ${tally.complaints.length} complaints\n`)
process.exitCode = tally.complaints.length > 0 ? 1 : 0
