// The bytes of an entry: a header that describes itself, then the payload.
//
//   0      0xF7, a byte no UTF-8 text begins with, so foreign values are recognised
//   1      codec (low 4 bits), compression (bits 4–6), chunked (bit 7)
//   2      version of the format, 1
//   3      number of tags
//   4–9    stale from, milliseconds since 1970: fresh before, stale after
//   10–11  how long loading took, milliseconds, for early expiry
//   12–13  version of the value's schema
//   14 …   per tag: length of its name, name, 8 bytes of the tag's version
//
// The lease script compares bytes 4–9 (in Lua 5–10): they tell one filling of a key from the next.
import { CorruptValue } from '../errors.ts'

const MAGIC = 0xf7
const FORMAT = 1
const HEADER = 14
export const TAG_VERSION_BYTES = 8

export interface Frame {
  readonly codec: number
  readonly compression: number
  readonly chunked: boolean
  readonly staleAt: number
  readonly loadMs: number
  readonly schemaVersion: number
  readonly tags: readonly TagMark[]
}

export interface TagMark {
  readonly tag: string
  readonly version: Buffer
}

export function isFrame(bytes: Buffer): boolean {
  return bytes.length >= HEADER && bytes[0] === MAGIC && bytes[2] === FORMAT
}

export function staleAtOf(bytes: Buffer): number {
  return bytes.readUInt32BE(4) * 0x1_0000 + bytes.readUInt16BE(8)
}

export function staleAtBytes(bytes: Buffer): Buffer {
  return bytes.subarray(4, 10)
}

export function loadMsOf(bytes: Buffer): number {
  return bytes.readUInt16BE(10)
}

export function schemaVersionOf(bytes: Buffer): number {
  return bytes.readUInt16BE(12)
}

export function tagCountOf(bytes: Buffer): number {
  return bytes[3]!
}

export function writeFrame(frame: Frame, payload: Buffer): Buffer {
  const tags = frame.tags.map(({ tag, version }) => {
    const name = Buffer.from(tag)
    return Buffer.concat([Buffer.of(name.length), name, version])
  })
  const header = Buffer.allocUnsafe(HEADER)
  header[0] = MAGIC
  header[1] = frame.codec | (frame.compression << 4) | (frame.chunked ? 0x80 : 0)
  header[2] = FORMAT
  header[3] = frame.tags.length
  header.writeUIntBE(Math.max(0, Math.round(frame.staleAt)), 4, 6)
  header.writeUInt16BE(Math.min(0xffff, Math.max(0, Math.round(frame.loadMs))), 10)
  header.writeUInt16BE(frame.schemaVersion & 0xffff, 12)
  return Buffer.concat([header, ...tags, payload])
}

/** Tags and the offset of the payload. */
export function readTags(bytes: Buffer): { readonly tags: readonly TagMark[]; readonly payloadAt: number } {
  const tags: TagMark[] = []
  let at = HEADER
  for (let n = tagCountOf(bytes); n > 0; n--) {
    const nameEnd = at + 1 + (bytes[at] ?? 0)
    const end = nameEnd + TAG_VERSION_BYTES
    if (end > bytes.length) throw new CorruptValue('the entry is cut within its tags')
    tags.push({ tag: bytes.toString('utf8', at + 1, nameEnd), version: bytes.subarray(nameEnd, end) })
    at = end
  }
  return { tags, payloadAt: at }
}

/** Where the payload begins; beyond the end when the entry is cut within its tags. */
export function payloadAt(bytes: Buffer): number {
  let at = HEADER
  for (let n = tagCountOf(bytes); n > 0; n--) at += 1 + (bytes[at] ?? 0) + TAG_VERSION_BYTES
  return at
}

/**
 * Whether an entry has these tags in this order, at these versions. The usual case, told without making an object; false
 * may also mean that it takes more to tell.
 */
export function tagsAre(bytes: Buffer, tags: readonly string[], versions: readonly (Buffer | null)[]): boolean {
  if (tagCountOf(bytes) !== tags.length) return false
  let at = HEADER
  for (let n = 0; n < tags.length; n++) {
    const tag = tags[n]!
    const version = versions[n]
    if (!version || version.length !== TAG_VERSION_BYTES || bytes[at] !== tag.length) return false
    at += 1
    for (let i = 0; i < tag.length; i++) {
      const code = tag.charCodeAt(i)
      if (code > 127 || bytes[at + i] !== code) return false
    }
    at += tag.length
    for (let i = 0; i < TAG_VERSION_BYTES; i++) if (bytes[at + i] !== version[i]) return false
    at += TAG_VERSION_BYTES
  }
  return true
}

/** JSON, in one piece, not compressed: what most entries are. */
export function isPlain(bytes: Buffer): boolean {
  return bytes.length >= HEADER && bytes[0] === MAGIC && bytes[1] === 0 && bytes[2] === FORMAT
}

export function codecOf(bytes: Buffer): { codec: number; compression: number; chunked: boolean } {
  const byte = bytes[1]!
  return { codec: byte & 0x0f, compression: (byte >> 4) & 0x07, chunked: (byte & 0x80) !== 0 }
}
