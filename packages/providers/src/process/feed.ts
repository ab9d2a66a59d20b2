/** Feeds a running node the data that it reads from its pipe. */
import { join } from 'node:path'
import { Unavailable } from '@hotshelf/domain'
import { isCode } from '../durable-file.ts'
import type { NodeRecord } from './node-record.ts'
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
  // A node that was started anew has another pipe, by the same name: that is not this one's to fill.
  const stillAwaited = async (): Promise<void> => {
    if (!(await runs())) throw new Unavailable(`${node} ended before it read its data`)
  }
  try {
    await fillPipe(path, content, { signal, stillAwaited })
  } catch (error) {
    if (isCode(error, 'ENOENT')) throw new Unavailable(`${node} was fed already`, undefined, { cause: error })
    if (!isCode(error, 'EPIPE')) throw error
    throw new Unavailable(`${node} ended before it had read all of its data`, undefined, { cause: error })
  }
  shop.effect('node-fed')
}
