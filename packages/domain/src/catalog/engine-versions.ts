/**
 * Which engine versions a customer may ask for, what DescribeCacheEngineVersions says of them, and how versions compare.
 * From Redis 6 and in all of Valkey customers name a minor version (`7.1`); AWS picks the patch, which only shows in
 * CacheEngineVersionDescription and in a cluster's own EngineVersion.
 */
import { fault } from '../faults.ts'

export type EngineKind = 'redis' | 'valkey' | 'memcached'

export interface EngineVersion {
  readonly engine: EngineKind
  /** As customers ask for it and DescribeCacheEngineVersions lists it: `7.1`, `5.0.6`. */
  readonly version: string
  /** As clusters report it: `7.1.0`. */
  readonly patch: string
  /** CacheParameterGroupFamily: `redis7`. */
  readonly family: string
  /** CacheEngineDescription. */
  readonly engineDescription: string
  /** CacheEngineVersionDescription. */
  readonly description: string
  /** False for versions past their end of life: still described and served here, no longer sold by AWS. */
  readonly offered: boolean
}

type Row = readonly [version: string, patch: string, family: string, offered: boolean]

const redis: readonly Row[] = [
  ['2.6.13', '2.6.13', 'redis2.6', false],
  ['2.8.6', '2.8.6', 'redis2.8', false],
  ['2.8.19', '2.8.19', 'redis2.8', false],
  ['2.8.21', '2.8.21', 'redis2.8', false],
  ['2.8.22', '2.8.22', 'redis2.8', false],
  ['2.8.23', '2.8.23', 'redis2.8', false],
  ['2.8.24', '2.8.24', 'redis2.8', false],
  ['3.2.4', '3.2.4', 'redis3.2', false],
  ['3.2.6', '3.2.6', 'redis3.2', false],
  ['3.2.10', '3.2.10', 'redis3.2', false],
  ['4.0.10', '4.0.10', 'redis4.0', true],
  ['5.0.0', '5.0.0', 'redis5.0', false],
  ['5.0.3', '5.0.3', 'redis5.0', false],
  ['5.0.4', '5.0.4', 'redis5.0', false],
  ['5.0.5', '5.0.5', 'redis5.0', false],
  ['5.0.6', '5.0.6', 'redis5.0', true],
  ['6.0', '6.0.5', 'redis6.x', true],
  ['6.2', '6.2.6', 'redis6.x', true],
  ['7.0', '7.0.7', 'redis7', true],
  ['7.1', '7.1.0', 'redis7', true],
]

/** 7.2 reports 7.2.6 and 8.0 reports 8.0.1; the patch versions of the newer ones are ours. */
const valkey: readonly Row[] = [
  ['7.2', '7.2.6', 'valkey7', true],
  ['8.0', '8.0.1', 'valkey8', true],
  ['8.1', '8.1.0', 'valkey8', true],
  ['8.2', '8.2.0', 'valkey8', true],
  ['9.0', '9.0.0', 'valkey9', true],
  ['9.1', '9.1.0', 'valkey9', true],
]

const memcached: readonly Row[] = [
  ['1.4.5', '1.4.5', 'memcached1.4', true],
  ['1.4.14', '1.4.14', 'memcached1.4', true],
  ['1.4.24', '1.4.24', 'memcached1.4', true],
  ['1.4.33', '1.4.33', 'memcached1.4', true],
  ['1.4.34', '1.4.34', 'memcached1.4', true],
  ['1.5.10', '1.5.10', 'memcached1.5', true],
  ['1.5.16', '1.5.16', 'memcached1.5', true],
  ['1.6.6', '1.6.6', 'memcached1.6', true],
  ['1.6.12', '1.6.12', 'memcached1.6', true],
  ['1.6.17', '1.6.17', 'memcached1.6', true],
  ['1.6.22', '1.6.22', 'memcached1.6', true],
]

/** CacheEngineDescription as AWS writes it; Valkey's spelling is inferred from Redis's. */
const engineDescriptions: Readonly<Record<EngineKind, string>> = {
  redis: 'Redis',
  valkey: 'Valkey',
  memcached: 'memcached',
}

const fromRows = (engine: EngineKind, rows: readonly Row[]): readonly EngineVersion[] =>
  rows.map(([version, patch, family, offered]) => ({
    engine,
    version,
    patch,
    family,
    engineDescription: engineDescriptions[engine],
    description: `${engine} version ${patch}`,
    offered,
  }))

/** Oldest first within each engine. */
export const engineVersions: readonly EngineVersion[] = [
  ...fromRows('memcached', memcached),
  ...fromRows('redis', redis),
  ...fromRows('valkey', valkey),
]

/** What AWS runs when a request names no version. Valkey's is ours: AWS asks for a version there. */
const defaults: Readonly<Record<EngineKind, string>> = { redis: '7.1', valkey: '8.0', memcached: '1.6.22' }

export const isEngineKind = (text: string): text is EngineKind => Object.hasOwn(defaults, text)

export function defaultEngineVersion(engine: EngineKind): EngineVersion {
  return engineVersion(engine, defaults[engine]) as EngineVersion
}

export const engineVersion = (engine: EngineKind, version: string): EngineVersion | undefined =>
  engineVersions.find(known => known.engine === engine && known.version === version)

/** Compares number by number; missing and `x` parts count as 0, so `7` = `7.0` = `7.0.0`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')]
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (Number(left[part]) || 0) - (Number(right[part]) || 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}

/**
 * The version that a request means. `6.2` and `5.0.6` are exact; `6.x`, `7` and `5.0` mean the newest below them;
 * undefined is the engine's default. Faults have AWS's wording.
 */
export function resolveEngineVersion(engine: EngineKind, requested: string | undefined): EngineVersion {
  if (requested === undefined || requested === '') return defaultEngineVersion(engine)
  const text = requested.trim().toLowerCase()
  const exact = engineVersion(engine, text)
  if (exact) return exact
  const parts = text.split('.')
  const minor = engineVersion(engine, parts.slice(0, 2).join('.'))
  if (minor && parts.length === 3 && parts[2] !== 'x' && /^\d+$/.test(parts[2] ?? '')) {
    throw fault(
      'InvalidParameterValueException',
      `Specific version selection is not allowed for '${requested}', please use '${minor.version}'`,
    )
  }
  const prefix = parts.at(-1) === 'x' ? parts.slice(0, -1) : parts
  const newest = engineVersions
    .filter(known => known.engine === engine && isPrefix(prefix, known.version.split('.')))
    .at(-1)
  if (newest) return newest
  throw fault('InvalidParameterCombinationException', `Cannot find version ${requested} for ${engine}`)
}

const isPrefix = (prefix: readonly string[], parts: readonly string[]): boolean =>
  prefix.length > 0 && prefix.every((part, position) => part === parts[position])

export interface EngineVersionFilter {
  readonly engine?: string | undefined
  readonly version?: string | undefined
  readonly family?: string | undefined
  readonly defaultOnly?: boolean | undefined
}

/** DescribeCacheEngineVersions' answer, in AWS's order: by engine, then by version as plain text. */
export function describeEngineVersions(filter: EngineVersionFilter): readonly EngineVersion[] {
  return engineVersions
    .filter(
      known =>
        (filter.engine === undefined || known.engine === filter.engine.toLowerCase()) &&
        (filter.version === undefined || known.version === filter.version || known.patch === filter.version) &&
        (filter.family === undefined || known.family === filter.family) &&
        (!filter.defaultOnly || isDefault(known, filter)),
    )
    .toSorted((a, b) => (`${a.engine} ${a.version}` < `${b.engine} ${b.version}` ? -1 : 1))
}

/** Of an engine its default version; of a family the newest version in it. */
function isDefault(known: EngineVersion, filter: EngineVersionFilter): boolean {
  if (filter.family === undefined) return known.version === defaults[known.engine]
  return engineVersions.findLast(other => other.family === known.family) === known
}
