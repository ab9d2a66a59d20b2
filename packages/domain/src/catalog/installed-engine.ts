/**
 * Which installed program serves a requested engine and version. ElastiCache's version is a promise of features, so a
 * program serves every version whose features it has: newer programs serve older requests, never the other way round.
 */
import { compareVersions, type EngineVersion } from './engine-versions.ts'

type Request = Pick<EngineVersion, 'engine' | 'version'>

export interface InstalledProgram {
  readonly kind: 'valkey' | 'redis' | 'memcached'
  /** `8.0.1` */
  readonly version: string
}

export type EngineChoice<P extends InstalledProgram> =
  | {
      readonly ok: true
      readonly binary: P
      /** For people: what runs, and what was asked for. */
      readonly note: string
    }
  | { readonly ok: false; readonly message: string }

/**
 * Redis OSS release whose features an ElastiCache version promises: 7.1 is AWS's own name for an improved 7.0, so any 7.0
 * serves it. Older versions ask for no more than their own major and minor.
 */
const redisReleaseOf = (version: string): string => (version === '7.1' ? '7.0' : majorMinor(version))

/** ElastiCache 8.2 is Valkey 8.1 with the search module; what 8.1 serves of it is everything but search. */
const valkeyReleaseOf = (version: string): string => (version === '8.2' ? '8.1' : majorMinor(version))

/** Valkey 7.2 was forked from Redis 7.2: from there on every Valkey has all that a Redis up to 7.2 has. */
const redisReleaseInValkey = '7.2'

const majorMinor = (version: string): string => version.split('.').slice(0, 2).join('.')

function serves(requested: Request, program: InstalledProgram): boolean {
  if (requested.engine === 'memcached' || program.kind === 'memcached') return requested.engine === program.kind
  if (requested.engine === 'valkey') {
    return program.kind === 'valkey' && compareVersions(program.version, valkeyReleaseOf(requested.version)) >= 0
  }
  const has = program.kind === 'redis' ? program.version : redisReleaseInValkey
  return compareVersions(has, redisReleaseOf(requested.version)) >= 0
}

/** Redis for `redis` when it is there, then the program whose version is nearest above the requested one. */
function preference(requested: Request) {
  return (a: InstalledProgram, b: InstalledProgram): number => {
    if (a.kind !== b.kind) return a.kind === requested.engine ? -1 : 1
    return compareVersions(a.version, b.version)
  }
}

export function installedEngineFor<P extends InstalledProgram>(
  requested: Request,
  installed: readonly P[],
): EngineChoice<P> {
  const binary = installed.filter(program => serves(requested, program)).toSorted(preference(requested))[0]
  if (!binary) return { ok: false, message: refusal(requested, installed) }
  const asked = `${requested.engine} ${requested.version}`
  const runs = `${binary.kind} ${binary.version}`
  const search = requested.version === '8.2' ? '; vector search needs the valkey-search module' : ''
  return { ok: true, binary, note: `${runs} serves ${asked}${search}` }
}

/** Why a program cannot serve encrypted, for people; undefined where it can. */
export const tlsRefusal = (
  program: InstalledProgram & { readonly path: string; readonly lacksTls?: true },
): string | undefined =>
  program.lacksTls &&
  `Encryption in transit is not possible here: ${program.kind} ${program.version} at ${program.path} was built without TLS. ` +
    'Install one that was built with it (--enable-tls).'

function refusal(requested: Request, installed: readonly InstalledProgram[]): string {
  const there = installed.map(program => `${program.kind} ${program.version}`)
  const list = there.length === 0 ? 'No engine is installed' : `Installed: ${there.join(', ')}`
  return `No installed engine can serve ${requested.engine} ${requested.version}. ${list}.`
}
