/**
 * Walks over the bytes of an engine's file (`rdb.c`): lengths, texts and whole values, without making anything of them.
 * The bytes may end in the middle of anything: then `Incomplete` is thrown, and whoever reads comes back with more.
 */
import { BadData } from '@hotshelf/domain'
import { unpackLzf } from './lzf.ts'

/** Thrown often; it has no stack. */
export const incomplete = new (class Incomplete extends Error {
  override readonly stack = ''
})()

export class Cursor {
  bytes: Buffer = Buffer.alloc(0)
  at = 0

  byte(): number {
    if (this.at >= this.bytes.length) throw incomplete
    return this.bytes[this.at++]!
  }

  skip(count: number): void {
    if (this.at + count > this.bytes.length) throw incomplete
    this.at += count
  }

  take(count: number): Buffer {
    const from = this.at
    this.skip(count)
    return this.bytes.subarray(from, this.at)
  }

  /** Lengths above 2^53 are no lengths; module ids and the like are only walked over. */
  length(): number {
    const first = this.byte()
    switch (first >> 6) {
      case 0:
        return first & 63
      case 1:
        return ((first & 63) << 8) | this.byte()
      case 2:
        return first === 0x80 ? this.take(4).readUInt32BE() : Number(this.take(8).readBigUInt64BE())
      default:
        throw new BadData('a length is written as a text')
    }
  }

  skipText(): void {
    const first = this.byte()
    if (first >> 6 < 3) {
      this.at -= 1
      return this.skip(this.length())
    }
    const special = first & 63
    if (special < 3) return this.skip(1 << special)
    if (special !== 3) throw new BadData(`a text is written in an unknown way (${special})`)
    const packed = this.length()
    this.length()
    this.skip(packed)
  }

  /** What it says, unpacked. */
  text(): Uint8Array {
    const first = this.byte()
    if (first >> 6 < 3) {
      this.at -= 1
      return this.take(this.length())
    }
    switch (first & 63) {
      case 0:
        return Buffer.from(String(this.take(1).readInt8()))
      case 1:
        return Buffer.from(String(this.take(2).readInt16LE()))
      case 2:
        return Buffer.from(String(this.take(4).readInt32LE()))
      case 3: {
        const packed = this.length()
        const length = this.length()
        return unpackLzf(this.take(packed), length)
      }
      default:
        throw new BadData(`a text is written in an unknown way (${first & 63})`)
    }
  }
}
