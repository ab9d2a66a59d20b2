/** Checks of the machine itself. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { serverAt } from '../api.ts'
import { serverEndpoint } from '../find-server.ts'
import { type Finding, ok, problem, type Subject, warning } from './finding.ts'

export function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return ok(process.versions.node)
  return problem(process.versions.node, 'install Node 20.19 or newer: https://nodejs.org')
}

/** Signatures are refused five minutes off, certificates outside their days. */
const mostSkewSeconds = 60
/** Nothing of this program is older. */
const released = Date.UTC(2025, 0, 1)

export async function clock(subject: Subject): Promise<Finding> {
  const now = Date.now()
  const shown = new Date(now).toISOString()
  if (now < released) return problem(shown, 'set the clock: certificates made now would not be valid later')
  try {
    const { time } = await serverAt(endpointOf(subject)).health()
    const skew = Math.abs(time - now / 1000)
    if (skew > mostSkewSeconds) return problem(`${Math.round(skew)} s from the server's`, 'set both clocks by NTP')
    return ok(`${shown}, ${Math.round(skew)} s from the server's`)
  } catch {
    return ok(shown)
  }
}

export const endpointOf = ({ config, endpointUrl }: Subject): string =>
  serverEndpoint({ endpointUrl, dataDir: endpointUrl === undefined ? config.dataDir : undefined })

/** An engine takes a descriptor per client, and asks for 10,000 clients. */
const wantedFiles = 10_240

export function fileLimit(): Finding {
  const limit = hardFileLimit()
  if (limit === undefined) return ok('not known here')
  if (limit >= wantedFiles) return ok(limit === Number.POSITIVE_INFINITY ? 'no limit' : `up to ${limit}`)
  return warning(
    `up to ${limit}`,
    `raise it to ${wantedFiles} (ulimit -Hn): nodes accept fewer clients than 10000 otherwise`,
  )
}

function hardFileLimit(): number | undefined {
  if (process.platform === 'win32') return undefined
  try {
    const said = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
    return said === 'unlimited' ? Number.POSITIVE_INFINITY : Number(said)
  } catch {
    return undefined
  }
}

/** Engines save through a fork, which asks for as much memory again as they hold, on paper. */
export function overcommit(): Finding {
  try {
    const mode = readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim()
    if (mode !== '2') return ok(mode === '1' ? 'always' : 'by estimate')
    return warning('never', 'sysctl vm.overcommit_memory=1: saving and replicating may fail when memory is half full')
  } catch {
    return ok('not known here')
  }
}
