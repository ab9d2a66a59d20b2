/**
 * Processes as Linux tells them in /proc. A node's process is known by its working directory (engines are started in
 * their node's directory and stay there), so it is found even when we died between the fork and the pid file.
 * Watching keeps /proc/<pid>/statm open: a read from it fails once that very process is gone, whoever has its pid by
 * then, tells its death before the kernel has freed its memory, and costs 2 µs (opening and reading stat costs 12).
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import type { Candidate, ProcessIdentity, ProcessState, ProcessTable } from './process-table.ts'

export interface ProcStat {
  readonly pid: number
  readonly state: string
  readonly group: number
  readonly session: number
  readonly flags: number
  readonly threads: number
  /** Clock ticks of CPU time, in user and kernel mode. */
  readonly cpuTicks: number
  /** Clock ticks since the machine was started. */
  readonly startTicks: string
}

const exiting = 0x4
/** 20 ms for few nodes; at most 1000 looks a second however many there are: about 1 % of a core. */
const watchMs = (nodes: number): number => Math.max(20, nodes)
const zero = '0'.charCodeAt(0)
/** USER_HZ: 100 on every Linux that Node runs on. */
const msPerTick = 10

/** proc(5): the command's name stands in parentheses and may hold anything, further parentheses included. */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 1 || close < open) return undefined
  const rest = text.slice(close + 2).split(' ')
  const [state, , group, session, , , flags] = rest
  const [userTicks, systemTicks] = rest.slice(11)
  const [threads, , startTicks] = rest.slice(17)
  if (!state || !group || !session || !flags || !threads || !startTicks) return undefined
  return {
    pid: Number(text.slice(0, open)),
    state,
    group: Number(group),
    session: Number(session),
    flags: Number(flags),
    threads: Number(threads),
    cpuTicks: Number(userTicks) + Number(systemTicks),
    startTicks,
  }
}

/** A zombie whose threads are still on their way out is not gone: they hold its sockets. */
export function stateOf(stat: ProcStat): ProcessState {
  if (stat.state === 'Z' || stat.state === 'X') return stat.threads > 1 ? 'dying' : 'gone'
  if ((stat.flags & exiting) !== 0) return 'dying'
  return stat.state === 'T' ? 'frozen' : 'running'
}

export function linuxProcessTable(): ProcessTable {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
  const token = (stat: ProcStat) => `${stat.startTicks}@${boot}`
  const identityOf = (stat: ProcStat): ProcessIdentity => ({ pid: stat.pid, startedAt: token(stat) })
  const state = ({ pid, startedAt }: ProcessIdentity): ProcessState => {
    const stat = readStat(pid)
    return stat && token(stat) === startedAt ? stateOf(stat) : 'gone'
  }
  const watcher = memoryWatcher()
  return {
    identify: async pid => {
      const stat = readStat(pid)
      return stat && identityOf(stat)
    },
    isSame: (one, other) => one.pid === other.pid && one.startedAt === other.startedAt,
    states: async identities => identities.map(state),
    cpuMs: ({ pid, startedAt }) => {
      const stat = readStat(pid)
      return stat && token(stat) === startedAt ? stat.cpuTicks * msPerTick : undefined
    },
    find: async candidates => findByDirectory(candidates, identityOf),
    watch: (identity, onEnd) => {
      if (state(identity) === 'gone') {
        const soon = setImmediate(onEnd)
        return () => clearImmediate(soon)
      }
      return watcher(identity.pid, onEnd)
    },
  }
}

function findByDirectory(candidates: readonly Candidate[], identityOf: (stat: ProcStat) => ProcessIdentity) {
  const byDirectory = new Map(candidates.map(candidate => [candidate.directory, candidate]))
  const found = new Map<string, ProcessIdentity>()
  for (const { remembered, directory } of candidates) {
    const stat = remembered && readStat(remembered.pid)
    if (stat && identityOf(stat).startedAt === remembered.startedAt && stateOf(stat) !== 'gone')
      found.set(directory, remembered)
  }
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const candidate = byDirectory.get(link(`/proc/${entry}/cwd`) ?? '')
    if (!candidate || found.has(candidate.directory)) continue
    const stat = readStat(Number(entry))
    // An engine's own children (background saves) share directory and program; only the node itself leads a session.
    if (!stat || stat.session !== stat.pid || stateOf(stat) === 'gone') continue
    // A person's shell may stand in the directory too.
    if (runs(link(`/proc/${entry}/exe`), candidate.program)) found.set(candidate.directory, identityOf(stat))
  }
  return found
}

/** A program that was replaced by an upgrade while it ran shows as "/path (deleted)". */
function runs(executable: string | undefined, program: string): boolean {
  if (executable === undefined) return false
  const path = executable.replace(/ \(deleted\)$/, '')
  try {
    return path === realpathSync(program)
  } catch {
    return path === program
  }
}

function readStat(pid: number): ProcStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined // gone between two looks
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined // gone, or another user's
  }
}

/** One timer for all watched processes; it stands still while there are none. */
function memoryWatcher(): (pid: number, onEnd: () => void) => () => void {
  const watched = new Map<number, () => void>()
  const firstDigit = Buffer.alloc(1)
  let timer: NodeJS.Timeout | undefined
  const forget = (descriptor: number): void => {
    if (watched.delete(descriptor)) closeSync(descriptor)
  }
  const look = (): void => {
    for (const [descriptor, onEnd] of watched) {
      if (livesStill(descriptor, firstDigit)) continue
      forget(descriptor)
      onEnd()
    }
    timer = watched.size > 0 ? setTimeout(look, watchMs(watched.size)).unref() : undefined
  }
  return (pid, onEnd) => {
    let descriptor: number
    try {
      descriptor = openSync(`/proc/${pid}/statm`, 'r')
    } catch {
      const soon = setImmediate(onEnd)
      return () => clearImmediate(soon)
    }
    watched.set(descriptor, onEnd)
    timer ??= setTimeout(look, watchMs(watched.size)).unref()
    return () => forget(descriptor)
  }
}

/** The size of a process that has given up its memory, or is a zombie, is 0; that of a living one begins with another digit. */
function livesStill(descriptor: number, firstDigit: Buffer): boolean {
  try {
    return readSync(descriptor, firstDigit, 0, 1, 0) === 1 && firstDigit[0] !== zero
  } catch {
    return false // ESRCH: that process is gone
  }
}
