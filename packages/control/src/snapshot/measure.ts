/** Looks at bytes as they pass: how many, their SHA-256, and the first of them. */
import { createHash } from 'node:crypto'
import { BadData } from '@hotshelf/domain'

export interface Measure {
  readonly bytes: number
  readonly head: Uint8Array
  /** Hexadecimal; only once everything passed. */
  sha256(): string
}

export function measuring(
  content: AsyncIterable<Uint8Array>,
  headBytes: number,
  onBytes: (soFar: number) => void = () => {},
): { readonly content: AsyncIterable<Uint8Array>; readonly measure: Measure } {
  const hash = createHash('sha256')
  let [bytes, head] = [0, Buffer.alloc(0)]
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      hash.update(chunk)
      bytes += chunk.length
      if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)])
      onBytes(bytes)
      yield chunk
    }
  }
  const measure = {
    get bytes() {
      return bytes
    },
    get head() {
      return head
    },
    sha256: () => hash.digest('hex'),
  }
  return { content: passing(), measure }
}

/**
 * Passes the bytes on and throws when they are not what was stored, with the last of them still held back: whoever loads them
 * as they come never has a whole of the wrong ones.
 */
export async function* proven(
  content: AsyncIterable<Uint8Array>,
  expected: { readonly bytes: number; readonly sha256: string },
  what: string,
): AsyncGenerator<Uint8Array> {
  const { content: passing, measure } = measuring(content, 0)
  let last: Uint8Array | undefined
  for await (const chunk of passing) {
    if (chunk.length === 0) continue
    if (last) yield last
    last = chunk
  }
  if (measure.bytes !== expected.bytes || measure.sha256() !== expected.sha256)
    throw new BadData(`${what} is not what was stored: its checksum differs`)
  if (last) yield last
}
