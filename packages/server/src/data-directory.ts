/**
 * One server per data directory: two would start the same nodes twice. `server.lock` names the process that holds it,
 * and where it can be reached, so that commands find the server and people learn who is in the way.
 * A lock outlives its process only after a crash; it is then taken over. Invariant: the file appears whole (by link),
 * and is moved aside before it is judged stale, so that two servers can never both take it over.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart } from './cannot-start.ts'

export interface ServerLock {
  readonly pid: number
  /** When the process started, in the kernel's own count: tells a process from a later one with the same id. */
  readonly born: string | undefined
  /** Undefined until the server listens. */
  readonly endpoint: string | undefined
}

export interface HeldDirectory {
  /** Says where the server can be reached. */
  announce(endpoint: string): void
  release(): void
}

export const lockPath = (dataDir: string): string => join(dataDir, 'server.lock')

/** Makes the directory if need be. Throws CannotStart, naming the other server, when it is held. */
export function holdDirectory(dataDir: string): HeldDirectory {
  makeDirectory(dataDir)
  const path = lockPath(dataDir)
  const own: ServerLock = { pid: process.pid, born: bornAt(process.pid), endpoint: undefined }
  while (!appear(path, own)) {
    const holder = readLock(path)
    if (holder && isAlive(holder)) {
      const where = holder.endpoint ? ` on ${holder.endpoint}` : ''
      throw new CannotStart(
        `Another Hotshelf (process ${holder.pid}) runs${where} with its data in ${dataDir}. ` +
          'Use it, stop it, or start this one with another --data-dir.',
      )
    }
    discard(path, holder)
  }
  return {
    announce: endpoint => replace(path, { ...own, endpoint }),
    release: () => {
      if (readLock(path)?.pid === process.pid) rmSync(path, { force: true })
    },
  }
}

/** Who holds the directory, if that process lives. */
export function holderOf(dataDir: string): ServerLock | undefined {
  const holder = readLock(lockPath(dataDir))
  return holder && isAlive(holder) ? holder : undefined
}

function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const probe = join(dataDir, `.write-${randomBytes(4).toString('hex')}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    throw new CannotStart(
      `The data directory ${dataDir} cannot be written (${(error as Error).message}). ` +
        'Make room, change its owner, or name another with --data-dir.',
    )
  }
}

/** False when a lock is there already. */
function appear(path: string, lock: ServerLock): boolean {
  const neighbour = beside(path)
  writeFileSync(neighbour, text(lock), { flag: 'wx' })
  try {
    linkSync(neighbour, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(neighbour, { force: true })
  }
}

function replace(path: string, lock: ServerLock): void {
  const neighbour = beside(path)
  writeFileSync(neighbour, text(lock), { flag: 'wx' })
  renameSync(neighbour, path)
}

/** Puts the lock back when it turns out to be a newer one than was judged. */
function discard(path: string, judged: ServerLock | undefined): void {
  const aside = beside(path)
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = readLock(aside)
  if (moved && (moved.pid !== judged?.pid || moved.born !== judged.born)) {
    try {
      linkSync(aside, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  rmSync(aside, { force: true })
}

function readLock(path: string): ServerLock | undefined {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServerLock>
    return typeof parsed.pid === 'number'
      ? { born: undefined, endpoint: undefined, ...parsed, pid: parsed.pid }
      : undefined
  } catch {
    return undefined
  }
}

function isAlive(holder: ServerLock): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const stat = readStat(holder.pid)
  if (stat?.ended) return false
  return !stat || holder.born === undefined || stat.born === holder.born
}

const bornAt = (pid: number): string | undefined => readStat(pid)?.born

/** Where /proc tells. The command's name, in parentheses, may hold anything; the fields are counted after it. */
function readStat(pid: number): { readonly ended: boolean; readonly born: string } | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { ended: state === 'Z' || state === 'X', born: `${boot} ${fields[18]}` }
  } catch {
    return undefined
  }
}

const text = (lock: ServerLock): string => `${JSON.stringify(lock)}\n`
const beside = (path: string): string => `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
