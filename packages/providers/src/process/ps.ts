/**
 * Processes as ps tells them, where there is no /proc (macOS). A node's process is known by its pid file and start time;
 * when we died between fork and pid file, by the address that engines write into their title
 * (`valkey-server 127.0.0.1:20014 [cluster]`) or by the node's directory among its arguments.
 */
import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import type { Candidate, ProcessIdentity, ProcessState, ProcessTable } from './process-table.ts'

export interface PsRow {
  readonly pid: number
  readonly group: number
  readonly stat: string
  readonly startedAt: string
  readonly command: string
}

const columns = 'pid=,pgid=,stat=,lstart=,command='
const watchMs = 50
const slowLookEvery = 40

/** A row: `  501   501 Ss   Mon Nov 24 09:15:02 2025 valkey-server 127.0.0.1:20014`. */
export function parsePs(text: string): readonly PsRow[] {
  const row = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+[\d:]+\s+\d{4})\s+(.*)$/
  return text.split('\n').flatMap(line => {
    const [, pid, group, stat, startedAt, command] = row.exec(line) ?? []
    if (!pid || !group || !stat || !startedAt || command === undefined) return []
    return [{ pid: Number(pid), group: Number(group), stat, startedAt: startedAt.replace(/\s+/g, ' '), command }]
  })
}

/** The first letter is the state; E among the flags behind it: "trying to exit" (macOS). */
export function stateOfRow(row: PsRow): ProcessState {
  if (row.stat.startsWith('Z') || row.stat.startsWith('X')) return 'gone'
  if (row.stat.slice(1).includes('E')) return 'dying'
  return row.stat.startsWith('T') ? 'frozen' : 'running'
}

export function psProcessTable(): ProcessTable {
  const rowsOf = shared(async pids => parsePs(await ps(['-ww', '-o', columns, '-p', pids.join(',')])))
  const states = async (identities: readonly ProcessIdentity[]): Promise<readonly ProcessState[]> => {
    const there = identities.map(({ pid }) => pid).filter(exists)
    const rows = new Map((await rowsOf(there)).map(row => [row.pid, row]))
    return identities.map(identity => {
      const row = rows.get(identity.pid)
      return row && isSame(row, identity) ? stateOfRow(row) : 'gone'
    })
  }
  return {
    identify: async pid => (await rowsOf([pid])).map(({ startedAt }) => ({ pid, startedAt }))[0],
    isSame,
    states,
    find: async candidates => match(candidates, parsePs(await ps(['-A', '-ww', '-o', columns]))),
    watch: (identity, onEnd) => watchBySignal(identity, states, onEnd),
  }
}

export function match(candidates: readonly Candidate[], rows: readonly PsRow[]): ReadonlyMap<string, ProcessIdentity> {
  const alive = rows.filter(row => stateOfRow(row) !== 'gone')
  const found = new Map<string, ProcessIdentity>()
  for (const candidate of candidates) {
    const { remembered } = candidate
    const row =
      alive.find(row => remembered && isSame(row, remembered)) ??
      alive.find(row => row.pid === row.group && looksLike(candidate, row.command))
    if (row) found.set(candidate.directory, { pid: row.pid, startedAt: row.startedAt })
  }
  return found
}

function looksLike(candidate: Candidate, command: string): boolean {
  const [program = '', ...rest] = command.split(' ')
  if (basename(program) !== basename(candidate.program)) return false
  const here = `${candidate.address}:${candidate.port}`
  return rest.some(word => word === here || word.startsWith(`${candidate.directory}/`))
}

/** Some systems reckon the start from "how long ago", which wavers by a second from one look to the next. */
const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.pid === other.pid && Math.abs(Date.parse(`${one.startedAt} UTC`) - Date.parse(`${other.startedAt} UTC`)) <= 2_000

type Look = (pids: readonly number[]) => Promise<readonly PsRow[]>

/** ps costs milliseconds, and many nodes are asked about at once: one ps at a time, for everybody who asked meanwhile. */
export function shared(look: Look): Look {
  let next: { readonly pids: Set<number>; readonly rows: Promise<readonly PsRow[]> } | undefined
  let last: Promise<unknown> = Promise.resolve()
  const begin = () => {
    const pids = new Set<number>()
    const rows = last.then(() => {
      next = undefined
      return look([...pids])
    })
    last = rows.catch(() => {})
    return { pids, rows }
  }
  return async pids => {
    if (pids.length === 0) return []
    next ??= begin()
    for (const pid of pids) next.pids.add(pid)
    return next.rows
  }
}

/** Costs 2 µs. Another user's process counts as none: it cannot be ours. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const run = promisify(execFile)

async function ps(parameters: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('ps', [...parameters], {
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      maxBuffer: 16 << 20,
      timeout: 10_000,
    })
    return stdout
  } catch (error) {
    // Status 1 with no output: none of the asked pids exists.
    if (error instanceof Error && 'code' in error && error.code === 1) return ''
    throw error
  }
}

/** The end is seen once the pid is free; zombies and pids given to others by a slower look. */
function watchBySignal(identity: ProcessIdentity, states: ProcessTable['states'], onEnd: () => void): () => void {
  let ticks = 0
  let watching = true
  const unwatch = (): void => {
    watching = false
    clearInterval(timer)
  }
  const end = (): void => {
    if (!watching) return
    unwatch()
    onEnd()
  }
  const timer = setInterval(() => {
    ticks++
    if (!exists(identity.pid)) return end()
    if (ticks % slowLookEvery !== 0) return
    states([identity]).then(
      ([state]) => (state === 'gone' ? end() : undefined),
      () => {},
    )
  }, watchMs).unref()
  return unwatch
}
