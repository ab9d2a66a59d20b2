// Compression of what is worth it: above a threshold, and only when it came out smaller. The header names the algorithm,
// so readers need no setting and a change of algorithm needs no flush.
//
// Brotli runs at quality 4: Node's default of 11 takes 20 ms for 20 KB where this takes a fraction of one.
import * as zlib from 'node:zlib'
import { InvalidOption } from '../errors.ts'

export interface Compressor {
  /** Written in the header: 1 gzip, 2 brotli, 3 zstd, 4 lz4; 5–7 are free. */
  readonly id: number
  compress(bytes: Buffer): Buffer
  decompress(bytes: Buffer): Buffer
}

export interface CompressionOptions {
  /** Default: zstd where Node has it (≥ 22.15), else gzip. */
  readonly algorithm?: 'gzip' | 'brotli' | 'zstd' | Compressor
  /** Values of fewer bytes are stored as they are. Default 1024. */
  readonly threshold?: number
}

/** A stored value may not grow beyond this when read: 256 MB. */
const LIMIT = { maxOutputLength: 256 * 1024 * 1024 }

export const gzip: Compressor = {
  id: 1,
  compress: bytes => zlib.gzipSync(bytes),
  decompress: bytes => zlib.gunzipSync(bytes, LIMIT),
}

export const brotli: Compressor = {
  id: 2,
  compress: bytes => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  decompress: bytes => zlib.brotliDecompressSync(bytes, LIMIT),
}

type Zstd = (bytes: Buffer, options?: object) => Buffer

const { zstdCompressSync, zstdDecompressSync } = zlib as { zstdCompressSync?: Zstd; zstdDecompressSync?: Zstd }

/** undefined before Node 22.15. */
export const zstd: Compressor | undefined =
  zstdCompressSync && zstdDecompressSync
    ? {
        id: 3,
        compress: bytes => zstdCompressSync(bytes),
        decompress: bytes => zstdDecompressSync(bytes, LIMIT),
      }
    : undefined

export function compressorOf(algorithm: CompressionOptions['algorithm'] = zstd ? 'zstd' : 'gzip'): Compressor {
  if (typeof algorithm === 'object') return algorithm
  if (algorithm === 'gzip') return gzip
  if (algorithm === 'brotli') return brotli
  if (zstd) return zstd
  throw new InvalidOption('compression: this Node has no zstd (22.15 or newer has); use gzip or brotli')
}
