/**
 * SQLite's result codes in our words. Extended codes carry the primary one in their low byte.
 * https://www.sqlite.org/rescode.html
 */
import { Bug, Unavailable } from '@hotshelf/domain'
import { Conflict, StoreUnusable } from '../errors.ts'

const sqlite = { perm: 3, busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 }

/** What the operating system says while the file is being made, as the result code SQLite would give. */
const systemCodes: Readonly<Record<string, number>> = {
  ENOSPC: sqlite.full,
  EDQUOT: sqlite.full,
  EIO: sqlite.ioerr,
  EROFS: sqlite.readonly,
  EACCES: sqlite.perm,
  EPERM: sqlite.perm,
  EEXIST: sqlite.cantopen,
  EISDIR: sqlite.cantopen,
  ENOENT: sqlite.cantopen,
  ENOTDIR: sqlite.cantopen,
}

/** The primary result code, also from the text of the driver's open error, which carries it nowhere else. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string' && error.code in systemCodes) return systemCodes[error.code]
  const raw = 'rawCode' in error && typeof error.rawCode === 'number' ? error.rawCode : undefined
  const code = raw ?? Number(/ConnectionFailed\(".*: (\d+)"\)/s.exec(error.message)?.[1] ?? Number.NaN)
  return Number.isNaN(code) ? undefined : code & 0xff
}

export const isBusy = (error: unknown): boolean => {
  const code = resultCode(error)
  return code === sqlite.busy || code === sqlite.locked
}

/** What the driver threw, as something a person or a loop can act on. */
export function sqliteTrouble(error: unknown, path: string): Error {
  const cause = { cause: error }
  switch (resultCode(error)) {
    case sqlite.busy:
    case sqlite.locked:
      return new Conflict(`${path} is being written by another process and did not become free.`, cause)
    case sqlite.full:
      return new Unavailable(
        `The disk that holds ${path} is full: make room on it. Nothing acknowledged is lost.`,
        1000,
        cause,
      )
    case sqlite.ioerr:
      return new Unavailable(`${path} could not be read or written: look at its disk and its free space.`, 1000, cause)
    case sqlite.notadb:
      return new StoreUnusable(
        `${path} is not a database of Hotshelf's: name another file, or move this one away.`,
        cause,
      )
    case sqlite.corrupt:
      return new StoreUnusable(`${path} is damaged: restore it from a backup, or move it away to start empty.`, cause)
    case sqlite.readonly:
    case sqlite.perm:
    case sqlite.cantopen:
      return new StoreUnusable(
        `${path} cannot be opened for writing: give this user write access to the file and its directory, or name another file.`,
        cause,
      )
    default:
      return new Bug(`${path}: ${error instanceof Error ? error.message : String(error)}`, cause)
  }
}
