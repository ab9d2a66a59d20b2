/**
 * Where a node's unix socket lives. The kernel allows 103 (macOS) to 107 (Linux) bytes of path, so nodes in deep data
 * directories get theirs in a short directory of the user's own, which nobody else may enter.
 */
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Unavailable } from '@hotshelf/domain'
import { isCode } from '../durable-file.ts'

const longestPath = 100

export function chooseControlSocket(directory: string, name = 'control.sock'): string {
  const inside = join(directory, name)
  if (Buffer.byteLength(inside) <= longestPath) return inside
  const hash = createHash('sha256').update(inside).digest('hex').slice(0, 20)
  return join(tmpdir(), `hotshelf-${process.getuid?.() ?? 'user'}`, `${hash}.sock`)
}

/** Before every start: cleaners of the temporary directory may have taken the short one away. */
export async function prepareControlSocket(socket: string, nodeDirectory: string): Promise<void> {
  const parent = dirname(socket)
  if (parent === nodeDirectory) return
  try {
    await mkdir(parent, { mode: 0o700 })
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
  const found = await lstat(parent)
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new Unavailable(`${parent} belongs to somebody else: remove it, or choose a shorter data directory.`)
  }
  await chmod(parent, 0o700)
}

export const removeControlSocket = (socket: string): Promise<void> => rm(socket, { force: true })
