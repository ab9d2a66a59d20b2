// Tags: a version per tag on the server, and in every entry the versions its tags had before it was loaded. Another
// version, or none, makes the entry a miss; so forgetting a tag is one write, whatever the number of its entries, and an
// entry loaded before the write but stored after it is a miss as well.
//
// Versions are random, not counted: a tag key that was evicted and made anew can never match an old entry.
import { randomBytes } from 'node:crypto'
import type { Connection } from '../connection/connection.ts'
import { bytes } from '../client/reply.ts'
import { readTags, tagsAre, TAG_VERSION_BYTES, type TagMark } from '../codec/frame.ts'
import type { Keys } from './keys.ts'
import { TAG_VERSION } from './scripts.ts'

/** Longer than any sensible ttl; each store of an entry with the tag starts it anew. */
const TAG_LIFETIME_MS = 30 * 86_400_000

/** Names of tags kept at hand. */
const REMEMBERED = 1000

export type TagCheck = 'current' | 'changed' | { readonly unknown: readonly string[] }

export class Tags {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #names = new Map<string, string>()

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  keysOf(tags: readonly string[]): readonly string[] {
    return tags.map(tag => this.#names.get(tag) ?? this.#remember(tag))
  }

  /** The same string every time: its hash is then known to the tables it is looked up in. */
  #remember(tag: string): string {
    if (this.#names.size >= REMEMBERED) this.#names.clear()
    const name = this.#keys.tag(tag)
    this.#names.set(tag, name)
    return name
  }

  /** Whether an entry's tags are those read with it; names those that were not read. */
  check(entry: Buffer, tags: readonly string[], versions: readonly (Buffer | null)[]): TagCheck {
    if (tagsAre(entry, tags, versions)) return 'current'
    const unknown: string[] = []
    for (const { tag, version } of readTags(entry).tags) {
      const at = tags.indexOf(tag)
      if (at === -1) unknown.push(tag)
      else if (!versions[at]?.equals(version)) return 'changed'
    }
    return unknown.length === 0 ? 'current' : { unknown }
  }

  /** The same with a round trip for the versions. */
  async checkAfresh(entry: Buffer): Promise<boolean> {
    const { tags } = readTags(entry)
    const versions = await this.read(tags.map(({ tag }) => tag))
    return tags.every(({ version }, i) => versions[i]?.equals(version) === true)
  }

  async read(tags: readonly string[]): Promise<readonly (Buffer | null)[]> {
    const keys = this.keysOf(tags)
    return Promise.all(
      keys.map(async key => bytes(await this.#connection.send({ args: ['GET', key], key, readonly: true })) ?? null),
    )
  }

  /** A version for every tag, made where there is none; known ones are those read before loading. */
  async marks(tags: readonly string[], known: readonly (Buffer | null)[]): Promise<readonly TagMark[]> {
    return Promise.all(tags.map(async (tag, i) => ({ tag, version: known[i] ?? (await this.#create(tag)) })))
  }

  async #create(tag: string): Promise<Buffer> {
    const key = this.#keys.tag(tag)
    const version = randomBytes(TAG_VERSION_BYTES)
    const args = [version, String(TAG_LIFETIME_MS)]
    return bytes(await this.#connection.run(TAG_VERSION, { keys: [key], args, idempotent: true })) ?? version
  }

  /** Keep the versions at least as long as the entries that carry them. */
  async keepAlive(marks: readonly TagMark[], ttl: number): Promise<void> {
    const px = String(Math.max(TAG_LIFETIME_MS, ttl * 2))
    await this.#connection.pipeline(
      marks.map(({ tag }) => ({ args: ['PEXPIRE', this.#keys.tag(tag), px], key: this.#keys.tag(tag) })),
    )
  }

  /** One round trip, however many tags. Rejects when one could not be changed. */
  async invalidate(tags: readonly string[]): Promise<void> {
    await Promise.all(
      this.keysOf(tags).map(key =>
        this.#connection.send({
          args: ['SET', key, randomBytes(TAG_VERSION_BYTES), 'PX', String(TAG_LIFETIME_MS)],
          key,
          idempotent: true,
        }),
      ),
    )
  }
}
