// LZ4 by `lz4-napi`, an optional peer with prebuilt binaries: import '@hotshelf/cache/lz4' and pass
// `compression: { algorithm: lz4 }`. Larger than zstd's output, cheaper to make and to read.
import { compressSync, uncompressSync } from 'lz4-napi'
import type { Compressor } from './compression.ts'

export const lz4: Compressor = {
  id: 4,
  compress: bytes => compressSync(bytes),
  decompress: bytes => uncompressSync(bytes),
}
