/**
 * The file that an engine writes its data to and loads it from. Pure reading and writing of bytes; no engine is asked.
 * Throws BadData where the bytes are no such file, or hold what is not known.
 */
import type { SlotRange } from './cache-engine.ts'

/** What the first bytes of a file tell. */
export interface DataHead {
  /** Version of the format. */
  readonly format: number
  /** Undefined where whoever wrote the file did not say. */
  readonly usedMemoryBytes: number | undefined
  readonly engineVersion: string | undefined
  readonly at: Date | undefined
}

export interface DataCounts {
  readonly keys: number
  /** Keys that have a time to live, expired ones included. */
  readonly expiring: number
  /** Keys of databases other than 0. */
  readonly elsewhere: number
}

export interface DataFormat {
  /** Bytes that `head` needs at most. */
  readonly headBytes: number
  head(first: Uint8Array): DataHead
  /** Reads the whole file, item by item. Lets other work run in between. */
  count(content: AsyncIterable<Uint8Array>): Promise<DataCounts>
  /**
   * Puts the keys of several files into one file per target, each where its slot is; keys of no target are left out. With
   * one target whose `slots` is undefined everything goes there. `write` gets each target's bytes in order and is waited for.
   * Throws BadData where `slots` are named and a key is in a database other than 0.
   */
  divide(
    sources: readonly AsyncIterable<Uint8Array>[],
    targets: readonly { readonly slots: readonly SlotRange[] | undefined }[],
    write: (target: number, bytes: Uint8Array) => Promise<void>,
  ): Promise<DataCounts>
}

export class BadData extends Error {
  override readonly name = 'BadData'
}
