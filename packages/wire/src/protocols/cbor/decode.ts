/**
 * CBOR (RFC 8949) → plain data, for bytes from strangers. The SDK's own decoder believes the lengths it reads: a few
 * bytes can make it allocate gigabytes or multiply for minutes. Here every length is checked against what is left,
 * nesting is bounded, and only the tags that AWS uses are known.
 */
export interface Tagged {
  readonly tag: number
  readonly value: unknown
}

const MAX_BIGNUM_BYTES = 128
const BREAK = 0xff

export class CborError extends Error {
  override readonly name = 'CborError'
}

/** Reads one value that must fill the bytes exactly. Throws CborError, and nothing else, for anything malformed. */
export function decodeCbor(bytes: Uint8Array, depth: number): unknown {
  const cursor = new Cursor(bytes)
  const value = readItem(cursor, depth)
  if (!cursor.atEnd) throw new CborError('bytes after the value')
  return value
}

/** A position in the bytes that cannot be moved past their end. */
class Cursor {
  private at = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** The next byte, without moving. */
  peek(): number {
    const byte = this.bytes[this.at]
    if (byte === undefined) throw new CborError('the value is cut short')
    return byte
  }

  take(length: number): DataView {
    if (length > this.left) throw new CborError('the value is cut short')
    const view = new DataView(this.view.buffer, this.view.byteOffset + this.at, length)
    this.at += length
    return view
  }

  takeBytes(length: number): Uint8Array {
    const view = this.take(length)
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
  }
}

function readItem(cursor: Cursor, depth: number): unknown {
  if (depth < 0) throw new CborError('nested too deeply')
  const head = cursor.take(1).getUint8(0)
  const major = head >> 5
  const minor = head & 0x1f
  switch (major) {
    case 0:
      return readCount(cursor, minor)
    case 1:
      return negative(readCount(cursor, minor))
    case 2:
      return minor === 31 ? concatenated(chunksOf(cursor, major)) : cursor.takeBytes(readLength(cursor, minor))
    case 3:
      return text(minor === 31 ? concatenated(chunksOf(cursor, major)) : cursor.takeBytes(readLength(cursor, minor)))
    case 4:
      return readArray(cursor, minor, depth)
    case 5:
      return readMap(cursor, minor, depth)
    case 6:
      return readTagged(cursor, minor, depth)
    default:
      return readSimple(cursor, minor)
  }
}

/** The number after a head byte; a bigint beyond what a double holds exactly. */
function readCount(cursor: Cursor, minor: number): number | bigint {
  if (minor < 24) return minor
  if (minor === 24) return cursor.take(1).getUint8(0)
  if (minor === 25) return cursor.take(2).getUint16(0)
  if (minor === 26) return cursor.take(4).getUint32(0)
  if (minor !== 27) throw new CborError('an unknown length')
  const big = cursor.take(8).getBigUint64(0)
  return big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big
}

function readLength(cursor: Cursor, minor: number): number {
  const length = readCount(cursor, minor)
  if (typeof length === 'bigint' || length > cursor.left) throw new CborError('a length beyond the end')
  return length
}

function negative(count: number | bigint): number | bigint {
  if (typeof count === 'number' && count < Number.MAX_SAFE_INTEGER) return -1 - count
  return -1n - BigInt(count)
}

/** Each item takes a byte at least, so a list cannot claim more items than there are bytes. */
function readArray(cursor: Cursor, minor: number, depth: number): unknown[] {
  const list: unknown[] = []
  if (minor === 31) {
    while (!atBreak(cursor)) list.push(readItem(cursor, depth - 1))
    return list
  }
  const length = readLength(cursor, minor)
  for (let index = 0; index < length; index++) list.push(readItem(cursor, depth - 1))
  return list
}

function readMap(cursor: Cursor, minor: number, depth: number): object {
  const map = {}
  const length = minor === 31 ? Number.POSITIVE_INFINITY : readLength(cursor, minor)
  for (let index = 0; index < length; index++) {
    if (minor === 31 && atBreak(cursor)) break
    const key = readItem(cursor, 0)
    if (typeof key !== 'string') throw new CborError('a map key that is not text')
    const value = readItem(cursor, depth - 1)
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  }
  return map
}

/** Tag 1 is a timestamp, 2 and 3 are big integers; others are not part of the protocol. */
function readTagged(cursor: Cursor, minor: number, depth: number): Tagged | bigint {
  const tag = readCount(cursor, minor)
  if (tag === 1) return { tag, value: readItem(cursor, depth - 1) }
  if (tag !== 2 && tag !== 3) throw new CborError('an unknown tag')
  const bytes = readItem(cursor, 0)
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_BIGNUM_BYTES) throw new CborError('not a big integer')
  const magnitude = BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)
  return tag === 2 ? magnitude : -1n - magnitude
}

function readSimple(cursor: Cursor, minor: number): unknown {
  switch (minor) {
    case 20:
      return false
    case 21:
      return true
    case 22:
    case 23:
      return null
    case 25:
      return halfFloat(cursor.take(2).getUint16(0))
    case 26:
      return cursor.take(4).getFloat32(0)
    case 27:
      return cursor.take(8).getFloat64(0)
    default:
      throw new CborError('an unknown simple value')
  }
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The pieces of a string of unknown length: each a definite string of the same kind. */
function chunksOf(cursor: Cursor, major: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  while (!atBreak(cursor)) {
    const head = cursor.take(1).getUint8(0)
    if (head >> 5 !== major || (head & 0x1f) === 31) throw new CborError('a wrong piece of a string')
    chunks.push(cursor.takeBytes(readLength(cursor, head & 0x1f)))
  }
  return chunks
}

function atBreak(cursor: Cursor): boolean {
  if (cursor.peek() !== BREAK) return false
  cursor.take(1)
  return true
}

function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks))
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CborError('text that is not UTF-8')
  }
}
