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
    const payload = bytes.subarray(payloadAt(bytes))
    const how = bytes[1]!
    // By far the most common: JSON, not compressed.
    if (how === 0) return parse(payload)
    const { codec, compression } = codecOf(bytes)
    const decoder = this.#codecs[codec]
    if (!decoder) throw new CorruptValue(`no codec ${codec} here`)
    try {
      return decoder.decode(compression === 0 ? payload : this.#decompressor(compression).decompress(payload))
    } catch (cause) {
      throw cause instanceof CorruptValue ? cause : new CorruptValue('the payload cannot be decoded', { cause })
    }
  }

  #decompressor(id: number): Compressor {
    const compressor = this.#compressors[id]
    if (!compressor) throw new CorruptValue(`no compression ${id} here`)
    return compressor
  }
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
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
