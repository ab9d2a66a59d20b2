/**
 * `npm run bench [create|throughput|describe|scale|failover|reshard|snapshot|cache|cache-outages …]`: how fast Hotshelf is,
 * as ratios against a peer or the bare engine measured in the same run, since machines are noisy. The last whole run is
 * kept in RESULTS.md.
 */
import { benchCache } from './cache.ts'
import { benchOutages } from './cache-outages.ts'
import { benchCreate } from './create.ts'
import { benchDescribe } from './describe.ts'
import { benchFailover } from './failover.ts'
import { benchScale } from './scale.ts'
import { benchThroughput } from './throughput.ts'
import { benchReshard } from './reshard.ts'
import { benchSnapshot } from './snapshot.ts'
import { type Outcome, printOutcomes, writeResults } from './report.ts'

// The SDK warns about Node 20 on every start; the floor is ours to raise.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const benches: Readonly<Record<string, () => Promise<readonly Outcome[]>>> = {
  create: benchCreate,
  throughput: benchThroughput,
  describe: benchDescribe,
  scale: benchScale,
  cache: benchCache,
  'cache-outages': benchOutages,
  failover: benchFailover,
  reshard: benchReshard,
  snapshot: benchSnapshot,
}

const asked = process.argv.slice(2)
const unknown = asked.filter(name => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.\n`,
  )
  process.exit(2)
}
const names = asked.length > 0 ? asked : Object.keys(benches)
const outcomes: Outcome[] = []
for (const name of names) {
  process.stderr.write(`${name} …\n`)
  outcomes.push(...(await benches[name]!()))
}
printOutcomes(outcomes)
if (asked.length === 0) writeResults(outcomes)
