// Reads of one tick become one MGET (per slot in a cluster), however they were asked for: a hundred concurrent requests
// cost one command, one deadline and one reply. Tags are read with the values, each tag once.
//
// When a batch leaves is told in ../connection/gather.ts.
import type { Asker } from '../connection/call.ts'
import type { Connection } from '../connection/connection.ts'
import { Gather } from '../connection/gather.ts'
import type { Reply } from '../client/port.ts'
import { slotOf } from '../client/slot.ts'
import type { Encoding } from '../codec/encoding.ts'
import { isPlain } from '../codec/frame.ts'

/** Someone waiting for a key. Callbacks, not promises: the hit path makes one promise, the caller's. */
export interface Read extends Asker {
  readonly entry: string
  /** Names of the tag versions wanted with the entry; empty for none. */
  readonly tagKeys: readonly string[]
  /** `value` is given when the bytes are plain and were decoded with others. */
  onBytes(bytes: Buffer | null, tags: readonly (Buffer | null)[], value?: { readonly decoded: unknown }): void
  /** The entry alone, as the server answered. */
  onReply(reply: Reply): void
  onFailure(error: Error): void
}

/** Above this the reply of one command would hold up others behind it. */
const LARGEST_MGET = 200

export const NO_VERSIONS: readonly (Buffer | null)[] = []

/** From so many values on it pays to decode them together. */
const TOGETHER = 4

export class ReadBatch {
  readonly #connection: Connection
  readonly #encoding: Encoding
  readonly #reads: Gather<Read>

  constructor(connection: Connection, encoding: Encoding) {
    this.#connection = connection
    this.#encoding = encoding
    this.#reads = new Gather(connection, {
      one: read => this.#leaveAlone(read),
      many: reads => this.#leaveTogether(reads),
    })
  }

  add(read: Read): void {
    this.#reads.add(read)
  }

  #leaveTogether(reads: readonly Read[]): void {
    if (this.#connection.client.cluster) this.#leaveBySlot(reads)
    else for (let i = 0; i < reads.length; i += LARGEST_MGET) this.#together(reads.slice(i, i + LARGEST_MGET))
  }

  #leaveAlone(read: Read): void {
    if (this.#connection.client.cluster && read.tagKeys.length > 0) this.#leaveBySlot([read])
    else this.#single(read)
  }

  #single(read: Read): void {
    const { entry, tagKeys } = read
    if (tagKeys.length === 0) {
      this.#connection.ask({ args: ['GET', entry], key: entry, readonly: true }, read)
      return
    }
    const onReply = (reply: Reply) => {
      const [bytes, ...tags] = reply as readonly (Buffer | null)[]
      read.onBytes(bytes!, tags)
    }
    const onFailure = (error: Error) => read.onFailure(error)
    this.#connection.ask({ args: ['MGET', entry, ...tagKeys], key: entry, readonly: true }, { onReply, onFailure })
  }

  #together(reads: readonly Read[]): void {
    const { keys, index } = indexKeys(reads)
    const onReply = (reply: Reply) => deliver(reads, index, reply as readonly (Buffer | null)[], this.#encoding)
    const onFailure = (error: Error) => fail(reads, error)
    this.#connection.ask({ args: ['MGET', ...keys], key: keys[0]!, readonly: true }, { onReply, onFailure })
  }

  /** Keys of one slot share an MGET; the commands leave in one tick and the answers are put together again. */
  #leaveBySlot(reads: readonly Read[]): void {
    const { keys, index } = indexKeys(reads)
    const values: (Buffer | null)[] = Array.from({ length: keys.length }, () => null)
    const groups = new Map<number, number[]>()
    keys.forEach((key, at) => {
      const slot = slotOf(key)
      const group = groups.get(slot)
      if (group) group.push(at)
      else groups.set(slot, [at])
    })
    const gathered: Gathered = { keys, values, unavailable: new Map() }
    void this.#gather(groups.values(), gathered).then(() => settle(reads, index, gathered, this.#encoding))
  }

  async #gather(groups: Iterable<readonly number[]>, into: Gathered): Promise<void> {
    await Promise.all(Array.from(groups, group => this.#group(group, into)))
  }

  async #group(group: readonly number[], into: Gathered): Promise<void> {
    const names = group.map(at => into.keys[at]!)
    const args = names.length === 1 ? ['GET', names[0]!] : ['MGET', ...names]
    try {
      const reply = await this.#connection.send({ args, key: names[0]!, readonly: true })
      const replies = (names.length === 1 ? [reply] : reply) as readonly Reply[]
      group.forEach((at, i) => {
        into.values[at] = replies[i] as Buffer | null
      })
    } catch (error) {
      for (const name of names) into.unavailable.set(name, error as Error)
    }
  }
}

interface Gathered {
  readonly keys: readonly string[]
  readonly values: (Buffer | null)[]
  readonly unavailable: Map<string, Error>
}

function indexKeys(reads: readonly Read[]): { keys: string[]; index: Map<string, number> } {
  const index = new Map<string, number>()
  const keys: string[] = []
  const want = (key: string) => {
    if (index.has(key)) return
    index.set(key, keys.length)
    keys.push(key)
  }
  for (const read of reads) {
    want(read.entry)
    for (const tagKey of read.tagKeys) want(tagKey)
  }
  return { keys, index }
}

function deliver(
  reads: readonly Read[],
  index: Map<string, number>,
  values: readonly (Buffer | null)[],
  encoding: Encoding,
): void {
  const found = reads.map(read => values[index.get(read.entry)!] ?? null)
  // Per read, not per key: callers of one key must not share an object.
  const plain = found.filter(bytes => bytes !== null && isPlain(bytes)) as Buffer[]
  const decoded = plain.length < TOGETHER ? undefined : encoding.decodePlain(plain)
  let next = 0
  reads.forEach((read, i) => {
    const bytes = found[i]!
    const tags =
      read.tagKeys.length === 0 ? NO_VERSIONS : read.tagKeys.map(tagKey => values[index.get(tagKey)!] ?? null)
    if (decoded && bytes !== null && isPlain(bytes)) read.onBytes(bytes, tags, { decoded: decoded[next++] })
    else read.onBytes(bytes, tags)
  })
}

function settle(
  reads: readonly Read[],
  index: Map<string, number>,
  { values, unavailable }: Gathered,
  encoding: Encoding,
): void {
  const failures = unavailable.size === 0 ? undefined : reads.map(read => failureFor(read, unavailable))
  failures?.forEach((error, i) => error && reads[i]!.onFailure(error))
  deliver(failures ? reads.filter((_, i) => !failures[i]) : reads, index, values, encoding)
}

function fail(reads: readonly Read[], error: Error): void {
  for (const read of reads) read.onFailure(error)
}

function failureFor(read: Read, unavailable: Map<string, Error>): Error | undefined {
  return unavailable.get(read.entry) ?? read.tagKeys.map(tagKey => unavailable.get(tagKey)).find(error => error)
}
