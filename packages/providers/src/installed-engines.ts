/**
 * The engines of this machine: what stands on PATH and in the usual places. A program is what it says it is: compatibility
 * packages install `redis-server` as another name of valkey, so only the answer to --version counts.
 */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import type { InstalledEngine } from '@hotshelf/domain'

const programs = ['valkey-server', 'redis-server', 'memcached']
const usualPlaces = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/opt/homebrew/bin',
  '/usr/bin',
  '/usr/sbin',
  '/opt/valkey/bin',
  '/opt/redis/bin',
]

/** Each installed version of each engine once, in the order of the search path. `path` as in PATH, `/a:/b`. */
export async function findEngines(path = process.env['PATH'] ?? '', places = usualPlaces): Promise<InstalledEngine[]> {
  const directories = [...new Set([...path.split(delimiter).filter(isAbsolute), ...places])]
  const paths = directories.flatMap(directory => programs.map(program => join(directory, program)))
  const found = await Promise.all(paths.map(ask))
  const seen = new Set<string>()
  return found.flatMap(engine => {
    if (!engine) return []
    const key = `${engine.kind} ${engine.version}`
    if (seen.has(key)) return []
    seen.add(key)
    return [engine]
  })
}

/** `Valkey server v=8.0.1 sha=…`, `Redis server v=7.0.15 sha=…`, `memcached 1.6.18`. */
export function parseVersion(text: string): Pick<InstalledEngine, 'kind' | 'version'> | undefined {
  const [, name, version] = /^(Valkey server|Redis server|memcached) (?:v=)?(\d+\.\d+(?:\.\d+)?)/m.exec(text) ?? []
  if (name === undefined || version === undefined) return undefined
  const kind = name === 'Valkey server' ? 'valkey' : name === 'Redis server' ? 'redis' : 'memcached'
  return { kind, version }
}

const run = promisify(execFile)

async function ask(path: string): Promise<InstalledEngine | undefined> {
  try {
    await access(path, constants.X_OK)
    const { stdout } = await run(path, ['--version'], { timeout: 5_000 })
    const parsed = parseVersion(stdout)
    if (!parsed) return undefined
    return {
      ...parsed,
      path,
      ...(parsed.kind === 'memcached' && (await lacksTls(path)) && { lacksTls: true as const }),
    }
  } catch {
    return undefined // not there, not ours to run, or not an engine
  }
}

/** Its help lists `--enable-ssl` only where it was built with it. */
async function lacksTls(path: string): Promise<boolean> {
  const { stdout } = await run(path, ['-h'], { timeout: 5_000 })
  return !stdout.includes('--enable-ssl')
}
