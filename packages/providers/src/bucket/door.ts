/**
 * A small bucket service: the part of S3's REST interface, path-style, that copying files in and out needs. Everything else
 * is refused by name. Knows which requests are its own by the service that their credential is scoped to.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { NoSuchBucket, NoSuchFile, Unavailable } from '@hotshelf/domain'
import type { Log } from '../log.ts'
import type { DirectoryBuckets } from '../snapshot-storage/directory-buckets.ts'
import { answerBucket } from './on-bucket.ts'
import { answerObject } from './on-object.ts'
import { noSuchBucket, noSuchKey, Refused } from './refused.ts'
import { document } from './xml.ts'

export interface BucketRequest {
  readonly message: IncomingMessage
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
}

export interface BucketAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | AsyncIterable<Uint8Array>
}

export interface BucketDoorOptions {
  readonly buckets: DirectoryBuckets
  /** Throws Refused for whoever may not do this. */
  readonly allow: (request: BucketRequest) => Promise<void>
  readonly log: Log
}

export function bucketDoor(
  options: BucketDoorOptions,
): (message: IncomingMessage, response: ServerResponse) => boolean {
  return (message, response) => {
    const url = isForBuckets(message) ? urlOf(message.url ?? '/') : undefined
    if (!url) return false
    void answer(options, message, response, url)
    return true
  }
}

/** `Credential=AKID/20260102/us-east-1/s3/aws4_request`, in the header or, escaped, in the address. */
const isForBuckets = ({ headers, url = '' }: IncomingMessage): boolean =>
  /Credential=[^,\s]*\/s3\/aws4_request/.test(headers.authorization ?? '') ||
  /[?&]X-Amz-Credential=[^&]*%2Fs3%2Faws4_request/i.test(url)

const urlOf = (text: string): URL | undefined =>
  URL.canParse(`http://localhost${text}`) ? new URL(`http://localhost${text}`) : undefined

async function answer(
  options: BucketDoorOptions,
  message: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const id = randomBytes(8).toString('hex')
  try {
    const [bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decoded)
    const method = message.method ?? 'GET'
    const request = { message, method, bucket, key: rest.join('/'), query: url.searchParams }
    await options.allow(request)
    const handle = request.key === '' ? answerBucket : answerObject
    await send(response, await handle(request, options.buckets), id, method)
  } catch (error) {
    await refuse(options, message, response, { error, id })
  } finally {
    // What was not read would be taken for the next request.
    if (!message.complete) message.resume()
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refused(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
}

async function send(response: ServerResponse, given: BucketAnswer, id: string, method: string): Promise<void> {
  const { status, headers = {}, body } = given
  const text = typeof body === 'string' ? body : undefined
  response.writeHead(status, {
    'x-amz-request-id': id,
    ...(text !== undefined && { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(text) }),
    ...(body === undefined && method !== 'HEAD' && status !== 204 && { 'content-length': 0 }),
    ...headers,
  })
  if (body === undefined || typeof body === 'string' || method === 'HEAD') response.end(text)
  else await pipeline(body, response)
}

async function refuse(
  { log }: BucketDoorOptions,
  message: IncomingMessage,
  response: ServerResponse,
  { error, id }: { readonly error: unknown; readonly id: string },
): Promise<void> {
  if (response.headersSent) return void response.destroy()
  const { status, code, message: words } = asRefused(error)
  if (status === 500) log.warn({ err: error, url: message.url }, 'a request to a bucket failed inside')
  const body = document('Error', [
    ['Code', code],
    ['Message', words],
    ['RequestId', id],
  ])
  await send(response, { status, body, headers: { connection: 'close' } }, id, message.method ?? 'GET').catch(() => {})
}

function asRefused(error: unknown): Refused {
  if (error instanceof Refused) return error
  if (error instanceof NoSuchBucket) return noSuchBucket()
  if (error instanceof NoSuchFile) return noSuchKey()
  if (error instanceof Unavailable) return new Refused(503, 'ServiceUnavailable', error.message)
  return new Refused(500, 'InternalError', 'We encountered an internal error. Please try again.')
}
