/** DataFormat for Valkey and Redis: what a file tells of itself, how many keys it has, and the same keys in other files. */
import { BadData, type DataCounts, type DataFormat, type DataHead, type SlotRange } from '@hotshelf/domain'
import { type Item, readItems } from './read.ts'
import { slotOfKey } from './slot-of-key.ts'

/** Facts come first and are short. */
const headBytes = 4096

export const rdbFormat: DataFormat = { headBytes, head, count, divide }

function head(first: Uint8Array): DataHead {
  const [magic, name, version] = /^(REDIS|VALKEY)(\d+)/.exec(Buffer.from(first.subarray(0, 9)).toString('latin1')) ?? []
  if (magic?.length !== 9 || name === undefined) throw new BadData('this is no RDB file')
  const facts = factsIn(first)
  const used = facts.get('used-mem')
  const made = facts.get('ctime')
  return {
    format: Number(version),
    usedMemoryBytes: used === undefined ? undefined : Number(used),
    engineVersion: facts.get('valkey-ver') ?? facts.get('redis-ver'),
    at: made === undefined ? undefined : new Date(Number(made) * 1000),
  }
}

/** Looked for by their names: the rest of the file is not there to be read in order. */
function factsIn(first: Uint8Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const bytes = Buffer.from(first.buffer, first.byteOffset, Math.min(first.length, headBytes))
  for (const name of ['used-mem', 'ctime', 'valkey-ver', 'redis-ver']) {
    const at = bytes.indexOf(Buffer.from([0xfa, name.length, ...Buffer.from(name)]))
    const value = at < 0 ? undefined : shortText(bytes, at + 2 + name.length)
    if (value !== undefined) found.set(name, value)
  }
  return found
}

/** A short text, or a number written as 1, 2 or 4 bytes. */
function shortText(bytes: Buffer, at: number): string | undefined {
  const kind = bytes[at]
  if (kind === undefined || at + 5 > bytes.length) return undefined
  if (kind < 64) return bytes.toString('utf8', at + 1, at + 1 + kind)
  if (kind === 0xc0) return String(bytes.readInt8(at + 1))
  if (kind === 0xc1) return String(bytes.readInt16LE(at + 1))
  return kind === 0xc2 ? String(bytes.readInt32LE(at + 1) >>> 0) : undefined
}

async function count(content: AsyncIterable<Uint8Array>): Promise<DataCounts> {
  const counts = { keys: 0, expiring: 0, elsewhere: 0 }
  for await (const items of readItems(content)) for (const item of items) add(counts, item)
  return counts
}

function add(counts: { keys: number; expiring: number; elsewhere: number }, item: Item): void {
  if (item.kind !== 'key') return
  counts.keys += 1
  if (item.expires) counts.expiring += 1
  if (item.database !== 0) counts.elsewhere += 1
}

/** What a copy of a file must not claim: to be at a place in somebody's stream, or to be the base of a log. */
const notCopied = new Set(['repl-stream-db', 'repl-id', 'repl-offset', 'aof-base', 'aof-preamble'])

async function divide(
  sources: Parameters<DataFormat['divide']>[0],
  targets: Parameters<DataFormat['divide']>[1],
  write: Parameters<DataFormat['divide']>[2],
): Promise<DataCounts> {
  const targetOf = targets.some(({ slots }) => slots) ? ownerOfSlots(targets) : undefined
  const outputs = targets.map((_, index) => output(bytes => write(index, bytes)))
  const counts = { keys: 0, expiring: 0, elsewhere: 0 }
  const functions = new Set<string>()
  let begun: string | undefined
  for (const source of sources) {
    const first = begun === undefined
    for await (const items of readItems(source)) {
      for (const item of items) {
        if (item.kind === 'key') {
          add(counts, item)
          put(item, outputs, targetOf)
        } else if (item.kind === 'head') {
          if (begun !== undefined && begun !== item.magic)
            throw new BadData(`files of two formats cannot be put together (${begun} and ${item.magic})`)
          if (begun === undefined) for (const one of outputs) one.add(Buffer.from(item.magic, 'latin1'))
          begun = item.magic
        } else if (item.kind === 'fact') {
          if (first && !notCopied.has(item.name)) for (const one of outputs) one.add(item.bytes)
        } else if (item.kind === 'function') {
          // Every shard has the same ones, and a library that is there already would end the loading.
          const known = item.bytes.toString('latin1')
          if (!functions.has(known)) for (const one of outputs) one.add(item.bytes)
          functions.add(known)
        }
      }
      for (const one of outputs) await one.flush()
    }
  }
  // A checksum of zero says that there is none; whoever made this file checked what it was made of.
  for (const one of outputs) one.add(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0]))
  for (const one of outputs) await one.flush(true)
  return counts
}

function put(item: Extract<Item, { kind: 'key' }>, outputs: readonly Output[], targetOf: Int32Array | undefined): void {
  if (targetOf === undefined) return outputs[0]?.key(item.database, item.bytes)
  if (item.database !== 0)
    throw new BadData(
      `there are keys in database ${item.database}, and with cluster mode enabled there is only database 0`,
    )
  const target = targetOf[slotOfKey(item.key)]!
  if (target >= 0) outputs[target]?.key(0, item.bytes)
}

/** By slot; -1 where nobody owns it. */
function ownerOfSlots(targets: readonly { readonly slots: readonly SlotRange[] | undefined }[]): Int32Array {
  const owners = new Int32Array(16_384).fill(-1)
  for (const [index, { slots }] of targets.entries())
    for (const { from, to } of slots ?? []) owners.fill(index, from, to + 1)
  return owners
}

interface Output {
  add(bytes: Uint8Array): void
  key(database: number, bytes: Uint8Array): void
  /** Writes what has gathered, once that is enough or `all` is asked for. */
  flush(all?: boolean): Promise<void>
}

const writtenTogether = 1 << 18

function output(write: (bytes: Uint8Array) => Promise<void>): Output {
  let gathered: Uint8Array[] = []
  let size = 0
  let current: number | undefined
  const add = (bytes: Uint8Array): void => {
    gathered.push(bytes)
    size += bytes.length
  }
  return {
    add,
    key(database, bytes) {
      if (database !== current) add(selectDatabase(database))
      current = database
      add(bytes)
    },
    async flush(all = false) {
      if (size === 0 || (!all && size < writtenTogether)) return
      const whole = Buffer.concat(gathered)
      gathered = []
      size = 0
      await write(whole)
    },
  }
}

function selectDatabase(database: number): Uint8Array {
  if (database < 64) return Uint8Array.of(0xfe, database)
  return Uint8Array.of(0xfe, 0x40 | (database >> 8), database & 0xff)
}
