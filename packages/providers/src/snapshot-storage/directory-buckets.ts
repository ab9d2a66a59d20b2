/** Buckets of the built-in kind: a directory for each, made when somebody creates the bucket. */
import { mkdir, readdir, rmdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Buckets, NoSuchBucket, type SnapshotStorage } from '@hotshelf/domain'
import { isCode, openDirectory } from '../durable-file.ts'
import { directoryStorage, explained } from './directory.ts'

export interface BucketEntry {
  readonly name: string
  readonly createdAt: Date
}

export interface DirectoryBuckets extends Buckets {
  exists(bucket: string): Promise<boolean>
  list(): Promise<readonly BucketEntry[]>
  /** One that is there already is a success. */
  create(bucket: string): Promise<void>
  /** False where files are in it. Throws NoSuchBucket. */
  remove(bucket: string): Promise<boolean>
  /** Where pieces of large files wait until all are there. */
  readonly pieces: SnapshotStorage
}

/** As S3 has it; none can lead out of the directory. */
export const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..')

export async function directoryBuckets(path: string): Promise<DirectoryBuckets> {
  const root = await openDirectory(path).catch((error: unknown) => Promise.reject(explained(error, path)))
  const opened = new Map<string, Promise<SnapshotStorage>>()
  const exists = async (bucket: string): Promise<boolean> =>
    isBucketName(bucket) &&
    (await stat(join(root, bucket)).then(
      entry => entry.isDirectory(),
      () => false,
    ))
  const required = async (bucket: string): Promise<void> => {
    if (!(await exists(bucket))) throw new NoSuchBucket(`The S3 bucket ${bucket} does not exist.`)
  }
  // Nobody can go on with an upload that a server before this one had begun.
  await rm(join(root, '.pieces'), { recursive: true, force: true })
  return {
    pieces: await directoryStorage(join(root, '.pieces')),
    exists,
    async list() {
      const names = (await readdir(root)).filter(isBucketName).toSorted()
      return Promise.all(names.map(async name => ({ name, createdAt: (await stat(join(root, name))).birthtime })))
    },
    create: async bucket => {
      await mkdir(join(root, bucket), { mode: 0o700 }).catch((error: unknown) => {
        if (!isCode(error, 'EEXIST')) throw explained(error, root)
      })
    },
    async remove(bucket) {
      await required(bucket)
      const storage = await (opened.get(bucket) ?? directoryStorage(join(root, bucket)))
      if ((await storage.list('')).length > 0) return false
      opened.delete(bucket)
      await rm(join(root, bucket, '.incoming'), { recursive: true, force: true })
      await rmdir(join(root, bucket))
      return true
    },
    async open(bucket) {
      await required(bucket)
      // Opened once: opening clears away what is on its way in.
      const known = opened.get(bucket) ?? directoryStorage(join(root, bucket))
      opened.set(bucket, known)
      return known
    },
  }
}
