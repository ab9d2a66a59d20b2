/**
 * SnapshotStorage in a directory of this machine. Files are made in `.incoming` and renamed to where they belong; what a kill
 * left there is cleared away when the directory is opened again, so only one server may use it.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { Bug, NoSuchFile, type SnapshotStorage, type StoredFile, Unavailable } from '@hotshelf/domain'
import { isCode, makeDirectory, openDirectory } from '../durable-file.ts'
import { writeStream } from '../whole-file.ts'

const incoming = '.incoming'

export async function directoryStorage(path: string): Promise<SnapshotStorage> {
  const root = await openDirectory(path).catch((error: unknown) => Promise.reject(explained(error, path)))
  await rm(join(root, incoming), { recursive: true, force: true })
  return {
    where: root,
    async put(key, content, signal) {
      const file = pathOf(root, key)
      try {
        await makeDirectory(join(root, incoming))
        await makeDirectory(dirname(file))
        return await writeStream(file, content, { aside: join(root, incoming, randomBytes(8).toString('hex')), signal })
      } catch (error) {
        throw explained(error, root)
      }
    },
    async get(key) {
      const file = pathOf(root, key)
      try {
        await (await open(file, 'r')).close()
      } catch (error) {
        if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) throw new NoSuchFile(`${file} is not there`)
        throw explained(error, root)
      }
      return createReadStream(file, { highWaterMark: 1 << 18 })
    },
    list: prefix => filesBelow(root, prefix),
    async remove(key) {
      const file = pathOf(root, key)
      await rm(file, { force: true }).catch((error: unknown) => Promise.reject(explained(error, root)))
      await removeEmptyParents(root, file)
    },
  }
}

/** Keys are ours, but part of them are customers' names: none may lead out of the root. */
function pathOf(root: string, key: string): string {
  const parts = key.split('/')
  if (
    parts.some(
      part => part === '' || part === '..' || part.startsWith('.') || part.includes('\0') || part.includes(sep),
    )
  )
    throw new Bug(`"${key}" cannot name a stored file`)
  return join(root, ...parts)
}

async function filesBelow(root: string, prefix: string): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = []
  const walk = async (parts: readonly string[]): Promise<void> => {
    const entries = await readdir(join(root, ...parts), { withFileTypes: true }).catch((error: unknown) => {
      if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return []
      throw explained(error, root)
    })
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const key = [...parts, entry.name].join('/')
      const leads = entry.isDirectory() && (prefix.startsWith(`${key}/`) || key.startsWith(prefix) || prefix === '')
      if (leads) await walk([...parts, entry.name])
      else if (entry.isFile() && key.startsWith(prefix)) files.push({ key, bytes: (await stat(join(root, key))).size })
    }
  }
  await walk([])
  return files.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

async function removeEmptyParents(root: string, file: string): Promise<void> {
  for (let parent = dirname(file); parent.length > root.length; parent = dirname(parent)) {
    try {
      await rmdir(parent)
    } catch {
      return // somebody's files are in it
    }
  }
}

/** Words for whoever owns the disk; anything else is passed on as it is. */
export function explained(error: unknown, where: string): unknown {
  if (isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT'))
    return new Unavailable(`The disk below ${where} is full. Free some space.`, 1000, { cause: error })
  if (isCode(error, 'EACCES') || isCode(error, 'EROFS') || isCode(error, 'EPERM'))
    return new Unavailable(`${where} may not be written or read by this user.`, 1000, { cause: error })
  if (isCode(error, 'EIO')) return new Unavailable(`The disk below ${where} fails.`, 1000, { cause: error })
  return error
}
