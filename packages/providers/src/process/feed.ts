/** Feeds a running node the data that it reads from its pipe, which is taken away when it is empty. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Unavailable } from '@hotshelf/domain'
import { isCode } from '../durable-file.ts'
import { keyOf, type NodeRecord } from './node-record.ts'
import { fillPipe } from './pipe.ts'
import type { Workshop } from './workshop.ts'

export async function feed(
  shop: Workshop,
  record: NodeRecord,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const { process, launch } = record
  const { node } = record.place
  const path = launch?.pipe === undefined ? undefined : join(record.directory, launch.pipe)
  if (!process || path === undefined) throw new Unavailable(`${node} was not started to be fed`)
  const runs = async (): Promise<boolean> => {
    const [state] = await shop.table.states([process])
    return record.process === process && (state === 'running' || state === 'frozen')
  }
  const stillAwaited = async (): Promise<void> => {
    if (!(await runs())) throw new Unavailable(`${node} ended before it read its data`)
  }
  await stillAwaited()
  try {
    await fillPipe(path, content, { signal, stillAwaited })
  } catch (error) {
    if (!isCode(error, 'EPIPE')) throw error
    throw new Unavailable(`${node} ended before it had read all of its data`, undefined, { cause: error })
  }
  await shop.turns(keyOf(record.place), async () => {
    // Of a node that was started anew meanwhile it would be the new pipe, and a program that finds none starts empty.
    if (record.process === process) await rm(path, { force: true })
  })
  shop.effect('node-fed')
}
