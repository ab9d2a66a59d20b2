// Codec, compression and header together: what a cache uses to write and read a value. Reading looks only at the header,
// so processes with other settings, or of an older deploy, read each other's entries.
import { CorruptValue, InvalidOption } from '../errors.ts'
import { type Codec, codecFor, json, raw, structured } from './codec.ts'
import { brotli, type CompressionOptions, type Compressor, compressorOf, gzip, zstd } from './compression.ts'
import { codecOf, type Frame, payloadAt, writeFrame } from './frame.ts'

export interface EncodingOptions {
  /** One codec for every value in place of the automatic choice, e.g. `msgpack`. */
  readonly codec?: Codec
  readonly compression?: CompressionOptions | false
}

export type Described = Pick<Frame, 'staleAt' | 'loadMs' | 'schemaVersion' | 'tags'>

const DEFAULT_THRESHOLD = 1024

const [OPEN_LIST, COMMA, CLOSE_LIST] = [0x5b, 0x2c, 0x5d]

export class Encoding {
  readonly #codec: Codec | undefined
  readonly #compressor: Compressor | undefined
  readonly #threshold: number
  readonly #codecs: readonly (Codec | undefined)[]
  readonly #compressors: readonly (Compressor | undefined)[]

  constructor({ codec, compression = {} }: EncodingOptions) {
    this.#codec = codec
    this.#compressor = compression === false ? undefined : compressorOf(compression.algorithm)
    this.#threshold = (compression && compression.threshold) || DEFAULT_THRESHOLD
    this.#codecs = indexed([json, structured, raw, codec], 16)
    this.#compressors = indexed([gzip, brotli, zstd, this.#compressor], 8)
  }

  /** Header and payload of a value. Throws Uncacheable. */
  encode(value: unknown, described: Described): Buffer {
    const codec = this.#codec ?? codecFor(value)
    const plain = codec.encode(value)
    const packed = this.#compressor && plain.length >= this.#threshold ? this.#compressor.compress(plain) : plain
    const smaller = packed.length < plain.length
    const compression = smaller ? this.#compressor!.id : 0
    return writeFrame({ ...described, codec: codec.id, compression, chunked: false }, smaller ? packed : plain)
  }

  /** The value of a frame that is not chunked. Throws CorruptValue. */
  decode(bytes: Buffer): unknown {
    const start = payloadAt(bytes)
    if (start > bytes.length) throw new CorruptValue('the entry is cut within its tags')
    // By far the most common: JSON, not compressed.
    if (bytes[1] === 0) return parse(bytes.toString('utf8', start))
    const payload = bytes.subarray(start)
    const { codec, compression } = codecOf(bytes)
    const decoder = this.#codecs[codec]
    if (!decoder) throw new CorruptValue(`no codec ${codec} here`)
    try {
      return decoder.decode(compression === 0 ? payload : this.#decompressor(compression).decompress(payload))
    } catch (cause) {
      throw cause instanceof CorruptValue ? cause : new CorruptValue('the payload cannot be decoded', { cause })
    }
  }

  /**
   * The values of plain frames (see `isPlain`) of one answer, each an object of its own. The texts are parsed as one list,
   * which takes about half the time: the parser goes by the shape of the element before. Undefined when that fails; then
   * each is decoded by itself, which tells whose fault it is.
   */
  decodePlain(frames: readonly Buffer[]): readonly unknown[] | undefined {
    const starts = frames.map(payloadAt)
    let length = 1
    for (let i = 0; i < frames.length; i++) length += Math.max(0, frames[i]!.length - starts[i]!) + 1
    const text = Buffer.allocUnsafe(length)
    text[0] = OPEN_LIST
    let at = 1
    for (let i = 0; i < frames.length; i++) {
      at += frames[i]!.copy(text, at, Math.min(starts[i]!, frames[i]!.length))
      text[at++] = COMMA
    }
    text[at - 1] = CLOSE_LIST
    try {
      const values = JSON.parse(text.toString('utf8', 0, at)) as readonly unknown[]
      return values.length === frames.length ? values : undefined
    } catch {
      return undefined
    }
  }

  #decompressor(id: number): Compressor {
    const compressor = this.#compressors[id]
    if (!compressor) throw new CorruptValue(`no compression ${id} here`)
    return compressor
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CorruptValue('the payload is not JSON', { cause })
  }
}

function indexed<T extends { readonly id: number }>(
  items: readonly (T | undefined)[],
  size: number,
): (T | undefined)[] {
  const table: (T | undefined)[] = Array.from({ length: size }, () => undefined)
  for (const item of items) {
    if (!item) continue
    if (!(item.id >= 0 && item.id < size))
      throw new InvalidOption(`id ${item.id} does not fit the header (0–${size - 1})`)
    table[item.id] = item
  }
  return table
}
