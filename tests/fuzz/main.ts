/** `npm run fuzz [-- --requests 200000] [--seed 7]`: the long form. Fails on a crash, a 5xx, a hang or memory that grows. */
import { fuzzFrontDoor, report } from './suite.ts'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`)
  if (at < 0) return fallback
  const value = Number(process.argv[at + 1])
  if (Number.isSafeInteger(value) && value > 0) return value
  process.stderr.write(`--${name} wants a number\n`)
  process.exit(2)
}

const seed = option('seed', Date.now() % 1_000_000)
process.stdout.write(`seed ${seed}\n`)
const found = await fuzzFrontDoor({
  requests: option('requests', 200_000),
  seed,
  onProgress: (done, rssMiB) => process.stdout.write(`${done} requests, ${rssMiB} MiB\n`),
})
process.stdout.write(`${report(found)}\n`)
const grew = found.rss.end - found.rss.early
if (grew > 128) process.stdout.write(`memory grew by ${grew} MiB\n`)
process.exitCode = found.alive && found.complaints.length + found.failures.length === 0 && grew <= 128 ? 0 : 1
