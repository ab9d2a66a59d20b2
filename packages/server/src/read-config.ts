/**
 * Puts the settings together: flag, else environment variable, else config file, else default.
 * Whatever cannot be understood is refused by name with what was wanted, all at once, before anything is opened.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CannotStart } from './cannot-start.ts'
import { type Config, configFileIn, flagOf, type Setting, settings, variableOf } from './config.ts'
import { Unreadable } from './setting-values.ts'

export interface ConfigSources {
  /** By setting name, as text; from the command line. */
  readonly flags?: Readonly<Partial<Record<keyof Config, string>>>
  /** `--config`. */
  readonly file?: string | undefined
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** Variables of this name that other parts of Hotshelf read. */
const otherVariables = ['HOTSHELF_CONFIG', 'HOTSHELF_INSTALL', 'HOTSHELF_ENDPOINT', 'HOTSHELF_AUTH_TOKEN']

export interface ReadConfig {
  readonly config: Config
  /** Worth a line in the log, not worth refusing to start. */
  readonly warnings: readonly string[]
}

export function readConfig(sources: ConfigSources = {}): ReadConfig {
  const environment = sources.environment ?? {}
  const problems: string[] = []
  const file = readFile(sources, environment, problems)
  const config = {} as { -readonly [Name in keyof Config]: Config[Name] }
  for (const it of settings) {
    const given = givenValue(it, sources, environment, file)
    const value = given ? it.read(given.value) : fallbackOf(it, config)
    if (value instanceof Unreadable) problems.push(refusal(it, given, value))
    else Object.assign(config, { [it.name]: value })
  }
  if (problems.length > 0) throw new CannotStart(problems.join('\n'))
  return { config, warnings: unknownVariables(environment) }
}

interface Given {
  readonly value: unknown
  /** The way the person said it, to find it again. */
  readonly where: string
}

type FileValues = { readonly path: string; readonly values: Readonly<Record<string, unknown>> } | undefined

function givenValue(
  it: Setting,
  sources: ConfigSources,
  environment: NonNullable<ConfigSources['environment']>,
  file: FileValues,
): Given | undefined {
  const flag = it.testOnly ? undefined : sources.flags?.[it.name]
  if (flag !== undefined) return { value: flag, where: flagOf(it.name) }
  const variable = environment[variableOf(it.name)]
  if (variable !== undefined && variable !== '') return { value: variable, where: variableOf(it.name) }
  if (file && !it.testOnly && it.name in file.values) {
    return { value: file.values[it.name], where: `"${it.name}" in ${file.path}` }
  }
  return undefined
}

function fallbackOf(it: Setting, before: Partial<Config>): unknown {
  return typeof it.fallback === 'function' ? it.fallback(before as Config) : it.fallback
}

function refusal(it: Setting, given: Given | undefined, wanted: Unreadable): string {
  // A store's URL may hold a password: what was given is not repeated.
  const said = it.name === 'store' ? 'what it is' : JSON.stringify(given?.value)
  return `${given?.where}: should be ${wanted.wanted}, not ${said}. Leave it out for the default (${it.shown}).`
}

function readFile(
  sources: ConfigSources,
  environment: NonNullable<ConfigSources['environment']>,
  problems: string[],
): FileValues {
  const named = sources.file ?? (environment.HOTSHELF_CONFIG || undefined)
  const path = named === undefined ? configFileIn(dataDirBeforeFile(sources, environment)) : resolve(named)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (named === undefined && isMissing(error)) return undefined
    problems.push(`${path}: cannot be read (${(error as Error).message}). Name another with --config, or leave it out.`)
    return undefined
  }
  const values = parseFile(path, text, problems)
  if (values && named === undefined && 'dataDir' in values) {
    problems.push(`"dataDir" in ${path}: that file is found by the data directory. Use ${flagOf('dataDir')} instead.`)
  }
  return values && { path, values }
}

function parseFile(path: string, text: string, problems: string[]): Record<string, unknown> | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    problems.push(`${path}: is not valid JSON (${(error as Error).message}).`)
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    problems.push(`${path}: should hold one JSON object, such as {"port": 4566}.`)
    return undefined
  }
  const known = settings.filter(it => !it.testOnly).map(it => it.name as string)
  for (const key of Object.keys(parsed)) {
    if (!known.includes(key))
      problems.push(`"${key}" in ${path}: there is no such setting. Known are ${known.join(', ')}.`)
  }
  return parsed as Record<string, unknown>
}

/** Where to look for the file: what it says about the data directory itself cannot count. */
function dataDirBeforeFile(sources: ConfigSources, environment: NonNullable<ConfigSources['environment']>): string {
  const it = settings.find(setting => setting.name === 'dataDir') as Setting
  const given = givenValue(it, sources, environment, undefined)
  const value = given ? it.read(given.value) : undefined
  return typeof value === 'string' ? value : (fallbackOf(it, {}) as string)
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([...settings.map(it => variableOf(it.name)), ...otherVariables])
  return Object.keys(environment)
    .filter(name => name.startsWith('HOTSHELF_') && !known.has(name))
    .map(name => `${name} is set, but there is no such setting; it is ignored`)
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host) || host.startsWith('::ffff:127.')

/** Also where a file stands in the way of its directory: whoever opens the directory will say so. */
const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
