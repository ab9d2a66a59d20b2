/**
 * Encrypts a stream with a key of its own, in pieces of AES-256-GCM, so that a file of any size is sealed and opened without
 * being held. Each piece is bound to its number and to whether it is the last: pieces that are missing, changed, exchanged or
 * cut off at the end are noticed. A key seals one file only: the numbers are the nonces.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { BadData } from '@hotshelf/domain'

const magic = Buffer.from('HSSEAL1\n')
const pieceBytes = 1 << 18
const tagBytes = 16
const headBytes = 4
const lastPiece = 0x80000000

/** One key for each file, from the key of the snapshot. */
export const keyOfFile = (snapshotKey: Buffer, file: string): Buffer =>
  Buffer.from(hkdfSync('sha256', snapshotKey, Buffer.alloc(0), `hotshelf snapshot ${file}`, 32))

export async function* seal(content: AsyncIterable<Uint8Array>, key: Buffer): AsyncGenerator<Uint8Array> {
  yield magic
  let number = 0
  let before: Buffer | undefined
  for await (const piece of pieces(content)) {
    if (before) yield* sealed(before, key, number++, false)
    before = piece
  }
  yield* sealed(before ?? Buffer.alloc(0), key, number, true)
}

export async function* unseal(content: AsyncIterable<Uint8Array>, key: Buffer): AsyncGenerator<Uint8Array> {
  const reader = reading(content)
  if (!(await reader.take(magic.length)).equals(magic)) throw new BadData('this is no sealed file')
  for (let number = 0; ; number++) {
    const head = await reader.take(headBytes)
    const word = head.readUInt32BE()
    const last = word >= lastPiece
    const length = last ? word - lastPiece : word
    if (length > pieceBytes) throw new BadData('a piece of the sealed file is longer than pieces are')
    const body = await reader.parts(length)
    yield* opened(body, await reader.take(tagBytes), head, key, number)
    if (last) return
  }
}

const nonceOf = (number: number): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(number, 8)
  return nonce
}

function sealed(piece: Buffer, key: Buffer, number: number, last: boolean): readonly Buffer[] {
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(last ? piece.length + lastPiece : piece.length)
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number)).setAAD(head)
  // In this order: the tag is there once the cipher has ended, and GCM's end adds no bytes.
  return [head, cipher.update(piece), cipher.final(), cipher.getAuthTag()]
}

function opened(
  body: readonly Uint8Array[],
  tag: Buffer,
  head: Buffer,
  key: Buffer,
  number: number,
): readonly Buffer[] {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number)).setAAD(head).setAuthTag(tag)
  try {
    const plain = body.map(part => decipher.update(part))
    // Throws unless the tag is right; nothing may be passed on before.
    decipher.final()
    return plain
  } catch {
    throw new BadData(`piece ${number} of the sealed file was changed, or sealed with another key`)
  }
}

async function* pieces(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const chunk of content) {
    waiting.push(chunk)
    size += chunk.length
    if (size < pieceBytes) continue
    let whole = Buffer.concat(waiting)
    for (; whole.length >= pieceBytes; whole = whole.subarray(pieceBytes)) yield whole.subarray(0, pieceBytes)
    waiting = [whole]
    size = whole.length
  }
  if (size > 0) yield Buffer.concat(waiting)
}

/** So many bytes at a time, as they lie in their chunks or copied together. */
function reading(content: AsyncIterable<Uint8Array>) {
  const source = content[Symbol.asyncIterator]()
  let held: Uint8Array[] = []
  let size = 0
  const first = (count: number): readonly Uint8Array[] => {
    const taken: Uint8Array[] = []
    for (let missing = count; missing > 0; ) {
      const chunk = held[0]!
      taken.push(chunk.subarray(0, missing))
      if (chunk.length > missing) held[0] = chunk.subarray(missing)
      else held.shift()
      missing -= Math.min(chunk.length, missing)
    }
    size -= count
    return taken
  }
  async function parts(count: number): Promise<readonly Uint8Array[]> {
    while (size < count) {
      const { value, done } = await source.next()
      if (done) throw new BadData('the sealed file ends in the middle')
      if (value.length === 0) continue
      held.push(value)
      size += value.length
    }
    return first(count)
  }
  return { parts, take: async (count: number): Promise<Buffer> => Buffer.concat(await parts(count)) }
}
