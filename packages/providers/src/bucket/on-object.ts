/** One object: put, get, ask for, remove, and put in parts. */
import { createHash, randomBytes } from 'node:crypto'
import { NoSuchFile, type SnapshotStorage } from '@hotshelf/domain'
import type { DirectoryBuckets } from '../snapshot-storage/directory-buckets.ts'
import { bodyOf } from './body.ts'
import type { BucketAnswer, BucketRequest } from './door.ts'
import { fileKey } from './keys.ts'
import { noSuchKey, notBuilt, Refused } from './refused.ts'
import { document, textsOf } from './xml.ts'

export async function answerObject(request: BucketRequest, buckets: DirectoryBuckets): Promise<BucketAnswer> {
  const { method, bucket, query, message } = request
  const storage = await buckets.open(bucket)
  const asks = [...query.keys()].find(name => aspects.has(name))
  if (asks !== undefined) throw notBuilt(`An object's ${asks}`)
  if (message.headers['x-amz-copy-source'] !== undefined) throw notBuilt('Copying an object inside the service')
  if (method === 'POST' && query.has('uploads')) return beginUpload(request)
  if (query.has('uploadId')) return uploading(request, buckets, storage)
  if (method === 'PUT') return put(request, storage)
  if (method === 'GET' || method === 'HEAD') return get(request, storage)
  if (method !== 'DELETE') throw notBuilt(`${method} of an object`)
  await storage.remove(fileKey(request.key))
  return { status: 204 }
}

const aspects = new Set('acl attributes legal-hold retention restore select tagging torrent versionId'.split(' '))

async function put({ key, message }: BucketRequest, storage: SnapshotStorage): Promise<BucketAnswer> {
  const { content, etag } = tagged(bodyOf(message))
  await storage.put(fileKey(key), content)
  return { status: 200, headers: { etag: etag() } }
}

function tagged(content: AsyncIterable<Uint8Array>): {
  readonly content: AsyncIterable<Uint8Array>
  readonly etag: () => string
} {
  const hash = createHash('md5')
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      hash.update(chunk)
      yield chunk
    }
  }
  return { content: passing(), etag: () => `"${hash.digest('hex')}"` }
}

async function get({ key, message, method }: BucketRequest, storage: SnapshotStorage): Promise<BucketAnswer> {
  const file = fileKey(key)
  const found = (await storage.list(file)).find(one => one.key === file)
  if (!found) throw noSuchKey()
  const range = rangeOf(message.headers.range, found.bytes)
  const { from, to } = range ?? { from: 0, to: found.bytes - 1 }
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(to - from + 1),
    'accept-ranges': 'bytes',
    'last-modified': new Date(0).toUTCString(),
    ...(range && { 'content-range': `bytes ${from}-${to}/${found.bytes}` }),
  }
  if (method === 'HEAD') return { status: 200, headers }
  return { status: range ? 206 : 200, headers, body: cut(await storage.get(file), from, to) }
}

function rangeOf(text: string | undefined, size: number): { readonly from: number; readonly to: number } | undefined {
  if (text === undefined) return undefined
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? []
  if (first === undefined || last === undefined || first + last === '')
    throw new Refused(416, 'InvalidRange', 'The requested range cannot be read.')
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (from > to) throw new Refused(416, 'InvalidRange', 'The requested range is not satisfiable')
  return { from, to }
}

async function* cut(content: AsyncIterable<Uint8Array>, from: number, to: number): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const chunk of content) {
    const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to + 1 - at))
    at += chunk.length
    if (part.length > 0) yield part
    if (at > to) return
  }
}

function beginUpload({ bucket, key }: BucketRequest): BucketAnswer {
  fileKey(key)
  const UploadId = randomBytes(16).toString('hex')
  const body = document('InitiateMultipartUploadResult', [
    ['Bucket', bucket],
    ['Key', key],
    ['UploadId', UploadId],
  ])
  return { status: 200, body }
}

async function uploading(
  request: BucketRequest,
  { pieces }: DirectoryBuckets,
  storage: SnapshotStorage,
): Promise<BucketAnswer> {
  const { method, key, bucket, query, message } = request
  const id = query.get('uploadId') ?? ''
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Refused(404, 'NoSuchUpload', 'The specified upload does not exist.')
  const pieceKey = (number: number): string => `${id}/${String(number).padStart(5, '0')}`
  const number = Number(query.get('partNumber'))
  if (method === 'PUT') {
    if (!Number.isInteger(number) || number < 1 || number > 10_000)
      throw new Refused(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
    const { content, etag } = tagged(bodyOf(message))
    await pieces.put(pieceKey(number), content)
    return { status: 200, headers: { etag: etag() } }
  }
  if (method !== 'POST' && method !== 'DELETE') throw notBuilt(`${method} of an upload`)
  if (method === 'POST') {
    const wanted = textsOf(await textOf(bodyOf(message)), 'PartNumber').map(Number)
    const there = (await pieces.list(`${id}/`)).map(piece => piece.key)
    if (wanted.length === 0 || wanted.some(one => !there.includes(pieceKey(one))))
      throw new Refused(400, 'InvalidPart', 'One or more of the specified parts could not be found.')
    await storage.put(fileKey(key), joined(pieces, wanted.map(pieceKey)))
  }
  for (const piece of await pieces.list(`${id}/`)) await pieces.remove(piece.key)
  if (method === 'DELETE') return { status: 204 }
  const body = document('CompleteMultipartUploadResult', [
    ['Bucket', bucket],
    ['Key', key],
    ['ETag', `"${id}-${1}"`],
  ])
  return { status: 200, body }
}

async function* joined(pieces: SnapshotStorage, keys: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const key of keys) {
    try {
      yield* await pieces.get(key)
    } catch (error) {
      if (error instanceof NoSuchFile) throw new Refused(400, 'InvalidPart', 'A part is gone.')
      throw error
    }
  }
}

const largestList = 1 << 20

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > largestList) throw new Refused(400, 'EntityTooLarge', 'The list of parts is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
