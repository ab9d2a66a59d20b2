/**
 * Starts a process that outlives us: a session of its own (no terminal's or parent's signal reaches it), output into a
 * file (a pipe would break when we go), and its directory as working directory, by which it is found again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, closeSync, openSync, renameSync, statSync } from 'node:fs'

/** How a child ended; `failure` when it never came to run. */
export type Ending =
  | { readonly code: number | undefined; readonly signal: NodeJS.Signals | undefined }
  | { readonly failure: NodeJS.ErrnoException }

export interface DetachedOptions {
  readonly program: string
  readonly arguments: readonly string[]
  readonly directory: string
  readonly log: string
  readonly environment?: Readonly<Record<string, string>>
}

export interface Detached {
  /** Undefined when the process could not be made. */
  readonly pid: number | undefined
  /** Settles when the process ends, as long as we live. */
  readonly ended: Promise<Ending>
}

const largestLog = 16 << 20
/** Nothing else of our environment is an engine's business; it may hold secrets. */
const passedOn = ['PATH', 'HOME', 'TZ', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LC_COLLATE', 'LD_LIBRARY_PATH']

export function spawnDetached(options: DetachedOptions): Detached {
  const log = openSync(options.log, 'a', 0o600)
  try {
    const child = spawn(options.program, [...options.arguments], {
      cwd: options.directory,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...ownEnvironment(), ...options.environment },
    })
    const ended = ending(child)
    child.unref()
    return { pid: child.pid, ended }
  } catch (error) {
    // Some failures (a NUL byte among the arguments, E2BIG) are thrown instead of reported.
    return { pid: undefined, ended: Promise.resolve({ failure: error as NodeJS.ErrnoException }) }
  } finally {
    closeSync(log)
  }
}

/** Makes room in the log and answers where the next run's lines will begin. Only while nothing runs: it may rename the file. */
export function beginLog(log: string): number {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (size <= largestLog) return size
  renameSync(log, `${log}.1`)
  return 0
}

/** Into the node's own log, so that the reason is still there when another Hotshelf asks. A full disk is no reason to fail. */
export function noteInLog(log: string, what: string): void {
  try {
    appendFileSync(log, `hotshelf: ${what}\n`, { mode: 0o600 })
  } catch {
    // Only a memory for later; the caller has its own.
  }
}

const ending = (child: ChildProcess): Promise<Ending> =>
  new Promise(resolve => {
    child.once('error', failure => {
      // A failed kill is reported here too, and is no end.
      if (child.pid === undefined) resolve({ failure })
    })
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
  })

function ownEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const name of passedOn) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}
