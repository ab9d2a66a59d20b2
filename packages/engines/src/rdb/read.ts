/**
 * Reads an engine's file item by item as its bytes come in: header, facts about it, functions, keys with their values as
 * bytes. Lets other work run now and then: control shares its thread with whoever watches over nodes.
 */
import { setImmediate as others } from 'node:timers/promises'
import { BadData } from '@hotshelf/domain'
import { Cursor, incomplete } from './cursor.ts'
import { isValueType, skipModule, skipValue } from './values.ts'

export type Item =
  | { readonly kind: 'head'; readonly magic: string; readonly format: number }
  | { readonly kind: 'fact'; readonly name: string; readonly value: string; readonly bytes: Buffer }
  | { readonly kind: 'function'; readonly bytes: Buffer }
  | { readonly kind: 'sizes'; readonly keys: number; readonly expiring: number }
  /** `bytes`: everything that belongs to it, as written: times, kind, name and value. */
  | {
      readonly kind: 'key'
      readonly database: number
      readonly key: Uint8Array
      readonly expires: boolean
      readonly bytes: Buffer
    }
  | { readonly kind: 'end' }

const op = {
  slotInfo: 0xf4,
  function: 0xf5,
  moduleFact: 0xf7,
  idle: 0xf8,
  frequency: 0xf9,
  fact: 0xfa,
  sizes: 0xfb,
  expiresMs: 0xfc,
  expires: 0xfd,
  database: 0xfe,
  end: 0xff,
} as const

/** So long this thread is kept before others have a turn. */
const longestTurnMs = 4

export async function* readItems(content: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Item[]> {
  const reader = new Reader()
  let since = performance.now()
  for await (const chunk of content) {
    reader.add(chunk)
    for (;;) {
      const items = reader.next()
      if (items.length > 0) yield items
      if (performance.now() - since > longestTurnMs) {
        await others()
        since = performance.now()
      }
      if (items.length < mostItems) break
    }
    if (reader.ended) return
  }
  for (let items = reader.next(true); items.length > 0; items = reader.next(true)) yield items
  if (!reader.ended) throw new BadData('the file ends in the middle')
}

/** A batch of items is handed on together: a turn of the generator for each key would cost more than reading it. */
const mostItems = 2000

class Reader {
  readonly #cursor = new Cursor()
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  /** A value of many megabytes is not walked over anew with every chunk: not before so much is there. */
  #enough = 0
  #database = 0
  #begun = false
  ended = false

  add(chunk: Uint8Array): void {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
  }

  /** As many items as are there in full, `mostItems` at most. `last`: no more bytes are to come. */
  next(last = false): readonly Item[] {
    const items: Item[] = []
    const cursor = this.#cursor
    const rest = cursor.bytes.length - cursor.at
    if (this.ended || (!last && rest + this.#waitingBytes < this.#enough)) return items
    if (this.#waiting.length > 0) this.#join()
    let began = cursor.at
    try {
      while (!this.ended && items.length < mostItems) {
        began = cursor.at
        const item = this.#begun ? this.#item(began) : this.#head()
        if (item) items.push(item)
      }
      this.#enough = 0
    } catch (error) {
      if (error !== incomplete) throw error
      cursor.at = began
      this.#enough = (cursor.bytes.length - began) * 1.5
    }
    return items
  }

  #join(): void {
    const cursor = this.#cursor
    cursor.bytes = Buffer.concat([cursor.bytes.subarray(cursor.at), ...this.#waiting])
    cursor.at = 0
    this.#waiting = []
    this.#waitingBytes = 0
  }

  #head(): Item {
    const magic = this.#cursor.take(9).toString('latin1')
    const [, name, version] = /^(REDIS|VALKEY)(\d+)$/.exec(magic) ?? []
    if (name === undefined || version === undefined) throw new BadData('this is no RDB file')
    this.#begun = true
    return { kind: 'head', magic, format: Number(version) }
  }

  #item(began: number): Item | undefined {
    const cursor = this.#cursor
    const first = cursor.byte()
    switch (first) {
      case op.fact: {
        const name = Buffer.from(cursor.text()).toString()
        const value = Buffer.from(cursor.text()).toString()
        return { kind: 'fact', name, value, bytes: cursor.bytes.subarray(began, cursor.at) }
      }
      case op.function:
        cursor.skipText()
        return { kind: 'function', bytes: cursor.bytes.subarray(began, cursor.at) }
      case op.sizes:
        return { kind: 'sizes', keys: cursor.length(), expiring: cursor.length() }
      case op.database:
        // Only taken over once it is there in full.
        this.#database = cursor.length()
        return undefined
      case op.slotInfo:
        for (let i = 0; i < 3; i++) cursor.length()
        return undefined
      case op.moduleFact:
        for (let i = 0; i < 3; i++) cursor.length()
        skipModule(cursor)
        return undefined
      case op.end:
        this.ended = true
        return { kind: 'end' }
      default:
        cursor.at -= 1
        return this.#key(began)
    }
  }

  #key(began: number): Item {
    const cursor = this.#cursor
    let expires = false
    for (;;) {
      const first = cursor.byte()
      if (first === op.expiresMs) {
        expires = true
        cursor.skip(8)
      } else if (first === op.expires) {
        expires = true
        cursor.skip(4)
      } else if (first === op.idle) {
        cursor.length()
      } else if (first === op.frequency) {
        cursor.skip(1)
      } else if (isValueType(first)) {
        const key = cursor.text()
        skipValue(cursor, first)
        return { kind: 'key', database: this.#database, key, expires, bytes: cursor.bytes.subarray(began, cursor.at) }
      } else {
        throw new BadData(`values of type ${first} are not known`)
      }
    }
  }
}
