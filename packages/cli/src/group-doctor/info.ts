/** Reads INFO, SLOWLOG and LATENCY answers. Pure; unknown lines are ignored, because every release adds some. */
import type { LatencyEvent, SlowCommand } from './facts.ts'
import { printable } from './key-name.ts'

export type Info = ReadonlyMap<string, string>

export function parseInfo(text: string): Info {
  const fields = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

export const numberIn = (info: Info, field: string): number => Number(info.get(field) ?? 0)

/** `keys=10,expires=2,avg_ttl=0` and its like. */
export const partsOf = (value: string | undefined): ReadonlyMap<string, string> =>
  new Map((value ?? '').split(',').map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]))

const part = (info: Info, field: string, name: string): number => Number(partsOf(info.get(field)).get(name) ?? 0)

export interface Database {
  readonly db: number
  readonly keys: number
  readonly expires: number
}

export const databasesIn = (info: Info): readonly Database[] =>
  [...info.keys()]
    .filter(field => /^db\d+$/.test(field))
    .map(field => ({
      db: Number(field.slice(2)),
      keys: part(info, field, 'keys'),
      expires: part(info, field, 'expires'),
    }))

export const keysIn = (info: Info): number => databasesIn(info).reduce((sum, { keys }) => sum + keys, 0)
export const expiresIn = (info: Info): number => databasesIn(info).reduce((sum, { expires }) => sum + expires, 0)

export interface CommandStats {
  readonly calls: number
  readonly micros: number
}

export const commandStats = (info: Info, command: string): CommandStats => ({
  calls: part(info, `cmdstat_${command}`, 'calls'),
  micros: part(info, `cmdstat_${command}`, 'usec'),
})

export const errorCount = (info: Info, code: string): number => part(info, `errorstat_${code}`, 'count')

export interface Follower {
  readonly host: string
  readonly port: number
  readonly online: boolean
  readonly offset: number
  readonly lagSeconds: number
}

export const followersIn = (info: Info): readonly Follower[] =>
  [...info]
    .filter(([field]) => /^slave\d+$/.test(field))
    .map(([, value]) => {
      const parts = partsOf(value)
      return {
        host: parts.get('ip') ?? '',
        port: Number(parts.get('port') ?? 0),
        online: parts.get('state') === 'online',
        offset: Number(parts.get('offset') ?? 0),
        lagSeconds: Number(parts.get('lag') ?? 0),
      }
    })

const textOf = (value: unknown): string => (Buffer.isBuffer(value) ? printable(value) : String(value))

/**
 * `[id, unix time, microseconds, [command, argument, …], client, name]` each. What came over a socket file came from control,
 * which hands roles over and moves slots: customers have no way there, and nothing to do about it.
 */
export function slowCommands(reply: unknown): readonly SlowCommand[] | undefined {
  if (!Array.isArray(reply)) return undefined
  return reply.flatMap((entry: unknown) => {
    if (!Array.isArray(entry) || !Array.isArray(entry[3])) return []
    if (textOf(entry[4] ?? '').startsWith('/')) return []
    const [name = '', first] = (entry[3] as readonly unknown[]).map(textOf)
    const command = first === undefined ? name.toUpperCase() : `${name.toUpperCase()} ${shortened(first)}`
    return [{ at: new Date(Number(entry[1]) * 1000), micros: Number(entry[2]), command }]
  })
}

/** `[event, unix time, latest, worst]` each; later releases add two more. */
export function latencyEvents(reply: unknown): readonly LatencyEvent[] | undefined {
  if (!Array.isArray(reply)) return undefined
  return reply.flatMap((entry: unknown) =>
    Array.isArray(entry) ? [{ event: textOf(entry[0]), latestMs: Number(entry[2]), worstMs: Number(entry[3]) }] : [],
  )
}

const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 48 ? line : `${line.slice(0, 47)}…`
}
