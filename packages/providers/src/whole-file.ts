/**
 * A file of any size from a stream: written beside its place, synced, renamed into it. Whatever ends the stream, the process
 * or the power before that leaves nothing under the file's name.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from './durable-file.ts'

export interface WholeFileOptions {
  /** Where it is written first; on the same file system. Default: beside it. */
  readonly aside?: string
  readonly signal?: AbortSignal | undefined
  /** Wait until the disk has it; default true. */
  readonly durable?: boolean
}

/** Chunks are small; the disk is asked for this much at a time. */
const writtenTogether = 1 << 20
const syncedTogether = 8 << 20

/** Resolves with the number of bytes. */
export async function writeStream(
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: WholeFileOptions = {},
): Promise<number> {
  const { signal, durable = true } = options
  const aside = options.aside ?? `${path}.${randomBytes(4).toString('hex')}.new`
  let size = 0
  try {
    const file = await open(aside, options.aside === undefined ? 'wx' : 'w', 0o600)
    try {
      // One write goes on while the next bytes are made.
      let writing = Promise.resolve()
      const disk = durable ? syncing(file) : undefined
      for await (const bytes of gathered(content)) {
        await writing
        signal?.throwIfAborted()
        await disk?.written(size)
        writing = writeWhole(file, bytes)
        // Noticed by the next await, or not at all where the content itself failed.
        writing.catch(() => {})
        size += bytes.length
      }
      await writing
      signal?.throwIfAborted()
      await disk?.all()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  if (durable) await syncDirectory(dirname(path))
  return size
}

/** Asks the disk to have a file while the rest of it is still written: at the end there is little left to wait for. */
function syncing(file: FileHandle) {
  let [asked, busy] = [0, false]
  let last = Promise.resolve()
  return {
    /** `size`: bytes that are written. Throws what an earlier sync failed with: the system tells a failure once only. */
    async written(size: number): Promise<void> {
      if (busy || size - asked < syncedTogether) return
      await last
      ;[asked, busy] = [size, true]
      last = file.datasync().finally(() => (busy = false))
      last.catch(() => {})
    },
    async all(): Promise<void> {
      await last
      await file.datasync()
    },
  }
}

/** A disk that has little room left takes a part and says how much: not asking on would end in a file that is cut. */
async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}

async function* gathered(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const chunk of content) {
    waiting.push(chunk)
    size += chunk.length
    if (size < writtenTogether) continue
    yield Buffer.concat(waiting)
    waiting = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(waiting)
}
