/**
 * SnapshotStorage in a bucket of any service that speaks S3. Large files go in parts, so that a part that fails is sent again
 * and not the whole; a file appears only when its last part is there. A download that breaks goes on where it was.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import {
  type Buckets,
  NoSuchBucket,
  NoSuchFile,
  type SnapshotStorage,
  type StoredFile,
  Unavailable,
} from '@hotshelf/domain'

export interface S3Options {
  /** Left out: AWS itself. */
  readonly endpoint?: string | undefined
  readonly region: string
  /** Default: those of the environment, as every AWS tool finds them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** What the service is asked to encrypt with; its own default when left out. */
  readonly encryption?: 'AES256' | 'aws:kms' | undefined
  readonly kmsKeyId?: string | undefined
  /** Milliseconds without an answer until a request is tried again. Default 20 s. */
  readonly deadlineMs?: number
  /** Tries of one request. Default 4. */
  readonly attempts?: number
}

/** S3 takes 10,000 parts at most, and the smallest is 5 MB. */
const firstPartBytes = 8 << 20
const partsOfOneSize = 1000

export const s3Client = (options: S3Options): S3Client => {
  const requestTimeout = options.deadlineMs ?? 20_000
  return new S3Client({
    region: options.region,
    ...(options.endpoint && { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.credentials && { credentials: options.credentials }),
    maxAttempts: options.attempts ?? 4,
    // Services other than AWS's know no trailing checksums; parts are checked by their signed hash.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5000, requestTimeout, throwOnRequestTimeout: true },
  })
}

export interface S3Place extends S3Options {
  readonly bucket: string
  /** Without a slash at its end; empty for the whole bucket. */
  readonly prefix: string
}

export function s3Storage(place: S3Place, client: S3Client = s3Client(place)): SnapshotStorage {
  const { bucket: Bucket, prefix } = place
  const where = `s3://${Bucket}${prefix === '' ? '' : `/${prefix}`}`
  const keyOf = (key: string): string => (prefix === '' ? key : `${prefix}/${key}`)
  const encryption = {
    ...(place.encryption && { ServerSideEncryption: place.encryption }),
    ...(place.kmsKeyId && { SSEKMSKeyId: place.kmsKeyId }),
  }
  return {
    where,
    put: (key, content, signal) =>
      upload({ client, target: { Bucket, Key: keyOf(key) }, encryption, where }, content, signal),
    async get(key) {
      const target = { Bucket, Key: keyOf(key) }
      const first = await client.send(new GetObjectCommand(target)).catch((error: unknown) => {
        throw isMissing(error) ? new NoSuchFile(`${where}/${key} is not there`) : told(error, where)
      })
      return download(client, target, first, where)
    },
    async list(wanted) {
      const files: StoredFile[] = []
      let ContinuationToken: string | undefined
      do {
        const request = new ListObjectsV2Command({ Bucket, Prefix: keyOf(wanted), ContinuationToken })
        const page = await client.send(request).catch((error: unknown) => Promise.reject(told(error, where)))
        for (const { Key = '', Size = 0 } of page.Contents ?? [])
          files.push({ key: prefix === '' ? Key : Key.slice(prefix.length + 1), bytes: Size })
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken !== undefined)
      return files.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    },
    async remove(key) {
      const request = new DeleteObjectCommand({ Bucket, Key: keyOf(key) })
      await client.send(request).catch((error: unknown) => Promise.reject(told(error, where)))
    },
  }
}

export interface S3Buckets extends Buckets {
  exists(bucket: string): Promise<boolean>
}

/** Every bucket that these credentials reach. */
export function s3Buckets(options: S3Options): S3Buckets {
  const client = s3Client(options)
  const exists = async (bucket: string): Promise<boolean> => {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }))
      return true
    } catch (error) {
      if (isMissing(error) || statusOf(error) === 403 || statusOf(error) === 400) return false
      throw told(error, `s3://${bucket}`)
    }
  }
  return {
    exists,
    async open(bucket) {
      if (!(await exists(bucket))) throw new NoSuchBucket(`The S3 bucket ${bucket} does not exist.`)
      return s3Storage({ ...options, bucket, prefix: '' }, client)
    },
  }
}

interface Upload {
  readonly client: S3Client
  readonly target: { readonly Bucket: string; readonly Key: string }
  readonly encryption: object
  readonly where: string
}

async function upload(
  { client, target, encryption, where }: Upload,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const options = signal ? { abortSignal: signal } : {}
  const asking = <T>(work: Promise<T>): Promise<T> => work.catch((error: unknown) => Promise.reject(told(error, where)))
  const parts: { PartNumber: number; ETag: string | undefined }[] = []
  let UploadId: string | undefined
  let bytes = 0
  try {
    for await (const { piece, last } of pieces(content)) {
      signal?.throwIfAborted()
      bytes += piece.length
      if (last && UploadId === undefined) {
        await asking(client.send(new PutObjectCommand({ ...target, ...encryption, Body: piece }), options))
        return bytes
      }
      UploadId ??= (await asking(client.send(new CreateMultipartUploadCommand({ ...target, ...encryption }), options)))
        .UploadId
      const PartNumber = parts.length + 1
      const part = new UploadPartCommand({ ...target, UploadId, PartNumber, Body: piece })
      parts.push({ PartNumber, ETag: (await asking(client.send(part, options))).ETag })
    }
    signal?.throwIfAborted()
    const whole = { ...target, UploadId, MultipartUpload: { Parts: parts } }
    await asking(client.send(new CompleteMultipartUploadCommand(whole), options))
    return bytes
  } catch (error) {
    // Parts that nobody completes would be paid for until somebody finds them.
    if (UploadId !== undefined)
      await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {})
    throw error
  }
}

/** Each of the size that its number has; the last one is known for it. */
async function* pieces(
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly piece: Buffer; readonly last: boolean }> {
  let waiting: Uint8Array[] = []
  let size = 0
  let number = 0
  const wanted = (): number => firstPartBytes * 2 ** Math.floor(number / partsOfOneSize)
  for await (const chunk of content) {
    waiting.push(chunk)
    size += chunk.length
    // More than enough, so that what is left over is never empty.
    while (size > wanted()) {
      const whole = Buffer.concat(waiting)
      const piece = whole.subarray(0, wanted())
      waiting = [whole.subarray(piece.length)]
      size -= piece.length
      number += 1
      yield { piece, last: false }
    }
  }
  yield { piece: Buffer.concat(waiting), last: true }
}

const resumes = 5

interface Answer {
  readonly Body?: unknown
  readonly ETag?: string | undefined
  readonly ContentLength?: number | undefined
}

async function* download(
  client: S3Client,
  target: Upload['target'],
  first: Answer,
  where: string,
): AsyncGenerator<Uint8Array> {
  const { ETag, ContentLength: length = 0 } = first
  let at = 0
  let body = first.Body as AsyncIterable<Uint8Array>
  for (let tries = 0; ; tries++) {
    let broke: unknown = new Error('the connection ended too early')
    try {
      for await (const chunk of body) {
        at += chunk.length
        tries = 0
        yield chunk
      }
    } catch (error) {
      broke = error
    }
    if (at >= length) return
    if (tries >= resumes) throw told(broke, where)
    // Of the same file only: half of one and half of another would be neither.
    const rest = new GetObjectCommand({ ...target, Range: `bytes=${at}-`, ...(ETag && { IfMatch: ETag }) })
    const answer = await client.send(rest).catch((error: unknown) => Promise.reject(told(error, where)))
    body = answer.Body as AsyncIterable<Uint8Array>
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode

const isMissing = (error: unknown): boolean =>
  error instanceof Error && ['NoSuchKey', 'NotFound', 'NoSuchBucket'].includes(error.name)

/** The service's own word, for whoever can mend it. What did not come from the service is passed on. */
function told(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof Unavailable) return error
  const name = error.name === 'Error' ? '' : `${error.name}: `
  return new Unavailable(`${where} refused or did not answer (${name}${error.message || 'no reason given'})`, 1000, {
    cause: error,
  })
}
