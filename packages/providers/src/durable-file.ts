/**
 * Files that a kill or a power cut never leaves half written: content goes to a neighbour first and is renamed over.
 * `durable` also waits for the disk (fsync of file and directory), which costs milliseconds: only for what must survive
 * a power cut, such as an address that customers already know.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface WriteOptions {
  /** Permission bits; default 0600. */
  readonly mode?: number
  /** Wait until the disk has it; default false. */
  readonly durable?: boolean
}

export async function writeWhole(path: string, content: string, options: WriteOptions = {}): Promise<void> {
  const neighbour = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    const file = await open(neighbour, 'wx', options.mode ?? 0o600)
    try {
      await file.writeFile(content)
      if (options.durable) await file.sync()
    } finally {
      await file.close()
    }
    await rename(neighbour, path)
  } catch (error) {
    await rm(neighbour, { force: true })
    throw error
  }
  if (options.durable) await syncDirectory(dirname(path))
}

/** Makes renames and removals inside the directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The text, or undefined where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Makes it when missing. Answers its path without symbolic links, which is the one that the system tells of processes. */
export async function openDirectory(path: string): Promise<string> {
  await makeDirectory(path)
  return realpath(path)
}

export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
