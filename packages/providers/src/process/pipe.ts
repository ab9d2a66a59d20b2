/**
 * Named pipes that programs read their data from: what is written goes from our memory into theirs and never to a disk. A
 * writer that ends early, by an error or a SIGKILL, is seen by the reader as an end in the middle.
 */
import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isCode } from '../durable-file.ts'

const run = promisify(execFile)

/** A new one, mode 0600: whoever still reads or writes one of that name is not connected to it. */
export async function makePipe(path: string): Promise<void> {
  await rm(path, { force: true })
  await run('mkfifo', ['-m', '600', path])
}

export interface FillOptions {
  readonly signal?: AbortSignal | undefined
  /** Asked before every try to reach a reader; throws where nobody ever will read. */
  readonly stillAwaited: () => Promise<void>
}

const lookEveryMs = 5
/** Made ahead of the reader, so that it does not wait while the next bytes are unsealed. */
const aheadBytes = 4 << 20

/**
 * Resolves once everything is in the pipe, whose name is gone as soon as somebody reads: engines open what they have loaded
 * once more (to have its pages forgotten), which on a pipe would wait for ever. Throws what `content` or `signal` throws,
 * and EPIPE where the reader is gone.
 */
export async function fillPipe(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { signal, stillAwaited }: FillOptions,
): Promise<void> {
  const descriptor = await openToReader(path, stillAwaited, signal)
  if (signal?.aborted) closeSync(descriptor)
  signal?.throwIfAborted()
  const pipe = new Socket({ fd: descriptor, readable: false, writable: true })
  try {
    await pipeline(content, new PassThrough({ highWaterMark: aheadBytes }), pipe, { signal })
  } catch (error) {
    // The pipeline names the abort, not what it was for.
    signal?.throwIfAborted()
    throw error
  }
}

/** Opened without waiting, which a pipe refuses while nobody reads: waiting would hold a thread that a signal cannot reach. */
async function openToReader(
  path: string,
  stillAwaited: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (;;) {
    signal?.throwIfAborted()
    await stillAwaited()
    // Nothing may come in between: a name that belongs to a later reader must not be taken away.
    try {
      const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      unlinkSync(path)
      return descriptor
    } catch (error) {
      if (!isCode(error, 'ENXIO')) throw error
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
  }
}
