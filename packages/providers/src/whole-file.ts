/**
 * A file of any size from a stream: written beside its place, synced, renamed into it. Whatever ends the stream, the process
 * or the power before that leaves nothing under the file's name.
 */
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
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
      for await (const bytes of gathered(content)) {
        signal?.throwIfAborted()
        await file.write(bytes)
        size += bytes.length
      }
      signal?.throwIfAborted()
      if (durable) await file.datasync()
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
