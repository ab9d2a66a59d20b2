/**
 * The key that secrets are sealed with, kept in a file of its own: a stolen database alone opens nothing.
 * 32 bytes as base64 text, readable by its owner only. Whoever loses the file has to set every secret again.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreUnusable } from './errors.ts'

const keyBytes = 32

/** Makes the file when there is none. Throws StoreUnusable when it is not a key, or others may read it. */
export function loadSealKey(path: string): Uint8Array {
  try {
    create(path)
    refuseShared(path)
    return decode(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof StoreUnusable) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new StoreUnusable(`The seal key ${path} cannot be read or made (${reason}): give this user access to it.`)
  }
}

/** Linked into place whole: of two servers that start at once, one makes the key and both read that one. */
function create(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function refuseShared(path: string): void {
  // Windows has no such bits; its files are private to the profile they lie in.
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return
  throw new StoreUnusable(`The seal key ${path} can be read by other users: run "chmod 600 ${path}".`)
}

function decode(text: string, path: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === keyBytes) return new Uint8Array(key)
  throw new StoreUnusable(
    `${path} is not a seal key: it should hold ${keyBytes} bytes as base64. Restore it from a backup.`,
  )
}
