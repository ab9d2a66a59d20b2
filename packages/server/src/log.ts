/**
 * The log: pino's JSON lines on stderr, or the same lines made readable where a person looks at them.
 * Facts come before the sentence: `log.info({ group }, 'started')`. Secrets have no business here; members with the
 * names that secrets go by are blotted out all the same.
 */
import { pino, type Logger } from 'pino'
import type { Config } from './config.ts'

export type Log = Logger

const secretNames = ['password', 'passwords', 'secret', 'authToken', 'AuthToken', 'controlPassword', 'token', 'tokens']

export interface LogDestination {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** The logger writes synchronously where `to` does: the last words of a process that ends must not be lost. */
export function openLog(settings: Pick<Config, 'logLevel' | 'logFormat'>, to: LogDestination = process.stderr): Log {
  const forPeople = settings.logFormat === 'pretty' || (settings.logFormat === 'auto' && to.isTTY === true)
  return pino(
    {
      level: settings.logLevel,
      base: null,
      redact: { paths: secretNames.flatMap(name => [name, `*.${name}`, `*.*.${name}`]), censor: '(hidden)' },
    },
    forPeople ? { write: line => to.write(readable(line, to.isTTY === true)) } : to,
  )
}

const levels: Readonly<Record<number, { readonly name: string; readonly colour: number }>> = {
  10: { name: 'trace', colour: 90 },
  20: { name: 'debug', colour: 90 },
  30: { name: 'info ', colour: 32 },
  40: { name: 'warn ', colour: 33 },
  50: { name: 'error', colour: 31 },
  60: { name: 'fatal', colour: 31 },
}

/** One JSON line as `12:03:04 info  what happened  group=orders`; an error's stack follows on lines of its own. */
export function readable(line: string, colours: boolean): string {
  const { level, time, msg, err, ...facts } = JSON.parse(line) as Record<string, unknown> & {
    readonly err?: ShownError
  }
  const { name, colour } = levels[level as number] ?? { name: String(level), colour: 37 }
  const paint = (text: string, code: number) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const clock = new Date(time as number).toTimeString().slice(0, 8)
  const told = Object.entries(facts).map(([key, value]) => `${key}=${oneWord(value)}`)
  const details = told.length > 0 ? `  ${paint(told.join(' '), 90)}` : ''
  const trace = err ? `\n${err.stack ?? `${err.type}: ${err.message}`}` : ''
  return `${paint(clock, 90)} ${paint(name, colour)} ${String(msg ?? '')}${details}${trace}\n`
}

interface ShownError {
  readonly type?: string
  readonly message?: string
  readonly stack?: string
}

function oneWord(value: unknown): string {
  if (typeof value === 'string') return /^[^\s="]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value)
}
