/**
 * Machine-wide claims on names (a loopback network, a port), so that servers with different data directories never
 * use each other's. A claim is one small file that appears whole or not at all; its owner is a data directory.
 * A claim whose owner is gone is stale and may be taken over.
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCode } from '../durable-file.ts'

export interface Claims {
  /** True when the name now belongs to `owner`, or did before. */
  claim(name: string): boolean
  /** The data directory that holds the name, undefined while nobody does. */
  ownerOf(name: string): string | undefined
  /** All names that belong to us. */
  mine(): readonly string[]
  /** Only ever removes an own claim. */
  release(name: string): void
  /** Cleaners of the temporary directory go by age: keep an own claim young. */
  refresh(name: string): void
}

export const claimsDirectoryHere = (): string => join(tmpdir(), 'hotshelf-claims')

/** `owner`: absolute path of a data directory. */
export function openClaims(owner: string, directory = claimsDirectoryHere()): Claims {
  shareDirectory(directory)
  const path = (name: string) => join(directory, name)
  const ownerOf = (name: string) => readOwner(path(name))

  const claim = (name: string): boolean => {
    const holder = ownerOf(name)
    if (holder === owner) return true
    if (holder !== undefined && existsSync(holder)) return false
    if (holder !== undefined && !discardStale(path(name), holder)) return false
    return appearWhole(path(name), owner)
  }
  return {
    claim,
    ownerOf,
    mine: () => readdirSync(directory).filter(name => ownerOf(name) === owner),
    release: name => {
      if (ownerOf(name) === owner) rmSync(path(name), { force: true })
    },
    refresh: name => {
      if (!claim(name)) return
      const now = new Date()
      utimesSync(path(name), now, now)
    },
  }
}

/** Every user of the machine may add claims, and only remove own ones (sticky bit, as the temporary directory has it). */
function shareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true })
  try {
    chmodSync(directory, 0o1777)
  } catch (error) {
    if (!isCode(error, 'EPERM')) throw error
  }
}

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** A link either makes the complete file or fails because somebody was faster. */
function appearWhole(path: string, owner: string): boolean {
  const neighbour = `${path}.${randomBytes(4).toString('hex')}.new`
  writeFileSync(neighbour, `${owner}\n`, { flag: 'wx', mode: 0o644 })
  try {
    linkSync(neighbour, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return readOwner(path) === owner
    throw error
  } finally {
    rmSync(neighbour, { force: true })
  }
}

/** Moves the file aside before judging it: between look and removal another server may have taken it over. */
function discardStale(path: string, holder: string): boolean {
  const aside = `${path}.${randomBytes(4).toString('hex')}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true
    if (isCode(error, 'EPERM') || isCode(error, 'EACCES')) return false
    throw error
  }
  const moved = readOwner(aside)
  if (moved !== undefined && moved !== holder) {
    try {
      linkSync(aside, path)
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
  }
  rmSync(aside, { force: true })
  return moved === holder
}
