/** The bytes of an object as it is uploaded: plain, or in the chunks in which SDKs sign what they stream. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refused } from './refused.ts'

const largestHead = 4096

export function bodyOf(message: IncomingMessage): AsyncIterable<Uint8Array> {
  const hash = header(message, 'x-amz-content-sha256') ?? ''
  const chunked = hash.startsWith('STREAMING-') || (header(message, 'content-encoding') ?? '').includes('aws-chunked')
  const plain = chunked ? unchunked(message) : (message as AsyncIterable<Uint8Array>)
  return checked(plain, message, /^[0-9a-f]{64}$/.test(hash) ? hash : undefined)
}

const header = (message: IncomingMessage, name: string): string | undefined => {
  const value = message.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** `400;chunk-signature=…\r\n<bytes>\r\n`, until a chunk of none; trailers after it are not needed. */
async function* unchunked(message: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0)
  let left = 0
  let state: 'head' | 'bytes' | 'end' | 'over' = 'head'
  for await (const chunk of message) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      if (state === 'over') held = Buffer.alloc(0)
      if (held.length === 0) break
      if (state === 'head') {
        const end = held.indexOf('\r\n')
        if (end < 0 && held.length < largestHead) break
        left = Number.parseInt(held.toString('latin1', 0, Math.max(0, end)), 16)
        if (end < 0 || !Number.isSafeInteger(left)) throw new Refused(400, 'InvalidRequest', 'A chunk has no length.')
        held = held.subarray(end + 2)
        state = left === 0 ? 'over' : 'bytes'
      } else if (state === 'bytes') {
        const part = held.subarray(0, left)
        left -= part.length
        held = held.subarray(part.length)
        if (left === 0) state = 'end'
        yield part
      } else {
        if (held.length < 2) break
        held = held.subarray(2)
        state = 'head'
      }
    }
  }
  if (state !== 'over') throw new Refused(400, 'IncompleteBody', 'The body ended before its last chunk.')
}

/** What arrives is what was sent: by the hash that was signed, by the MD5 that was given, by its length. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  message: IncomingMessage,
  sha256: string | undefined,
): AsyncGenerator<Uint8Array> {
  const hash = sha256 === undefined ? undefined : createHash('sha256')
  const md5 = header(message, 'content-md5')
  const digest = md5 === undefined ? undefined : createHash('md5')
  const length = header(message, 'x-amz-decoded-content-length') ?? header(message, 'content-length')
  let bytes = 0
  for await (const chunk of content) {
    hash?.update(chunk)
    digest?.update(chunk)
    bytes += chunk.length
    yield chunk
  }
  if (length !== undefined && bytes !== Number(length))
    throw new Refused(400, 'IncompleteBody', 'The body is not as long as was announced.')
  if (hash && hash.digest('hex') !== sha256)
    throw new Refused(400, 'XAmzContentSHA256Mismatch', 'The body does not have the hash that was signed.')
  if (digest && digest.digest('base64') !== md5) throw new Refused(400, 'BadDigest', 'The body does not have its MD5.')
}
