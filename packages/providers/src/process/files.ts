/** Files that others put into a node's directory, and take out again. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Bug } from '@hotshelf/domain'
import { writeStream } from '../whole-file.ts'
import type { NodeRecord } from './node-record.ts'
import { storageTrouble } from './storage-trouble.ts'
import type { Workshop } from './workshop.ts'

export async function deliver(
  shop: Workshop,
  record: NodeRecord,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    const path = join(record.directory, fileName(name))
    // Under one name, so that what a kill left is written over.
    await writeStream(path, content, { aside: `${path}.incoming` })
  } catch (error) {
    throw storageTrouble(error, record.directory)
  }
  shop.effect('file-delivered')
}

export async function discard(shop: Workshop, record: NodeRecord, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(record.directory, fileName(name)), { force: true })
  shop.effect('file-discarded')
}

function fileName(name: string): string {
  if (!/^\w[\w.-]*$/.test(name)) throw new Bug(`"${name}" cannot name a node's file`)
  return name
}
