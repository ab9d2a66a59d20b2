/** Buckets themselves: which there are, making and removing one, and what is in it. */
import { type DirectoryBuckets, isBucketName } from '../snapshot-storage/directory-buckets.ts'
import type { BucketAnswer, BucketRequest } from './door.ts'
import { keyOfFile } from './keys.ts'
import { noSuchBucket, notBuilt, Refused } from './refused.ts'
import { document, type Element } from './xml.ts'

export async function answerBucket(request: BucketRequest, buckets: DirectoryBuckets): Promise<BucketAnswer> {
  const { method, bucket, query } = request
  if (bucket === '')
    return method === 'GET' ? listBuckets(buckets) : Promise.reject(notBuilt(`${method} of the service`))
  const asks = [...query.keys()].find(name => aspects.has(name))
  if (asks !== undefined && !(method === 'GET' && asks === 'location')) throw notBuilt(`The bucket's ${asks}`)
  if (method === 'PUT') return create(bucket, buckets)
  if (!(await buckets.exists(bucket))) throw noSuchBucket()
  if (method === 'HEAD') return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } }
  if (method === 'DELETE') {
    if (await buckets.remove(bucket)) return { status: 204 }
    throw new Refused(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty')
  }
  if (method !== 'GET') throw notBuilt(`${method} of a bucket`)
  return asks === 'location' ? { status: 200, body: document('LocationConstraint', []) } : list(request, buckets)
}

/** Parts of the interface that a query names. */
const aspects = new Set(
  'accelerate acl analytics cors delete encryption inventory lifecycle location logging metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment tagging uploads versioning versions website'.split(
    ' ',
  ),
)

async function create(bucket: string, buckets: DirectoryBuckets): Promise<BucketAnswer> {
  if (!isBucketName(bucket)) throw new Refused(400, 'InvalidBucketName', 'The specified bucket is not valid.')
  await buckets.create(bucket)
  return { status: 200, headers: { location: `/${bucket}` } }
}

async function listBuckets(buckets: DirectoryBuckets): Promise<BucketAnswer> {
  const all = (await buckets.list()).map(
    ({ name, createdAt }): Element => [
      'Bucket',
      [
        ['Name', name],
        ['CreationDate', createdAt.toISOString()],
      ],
    ],
  )
  const owner: Element = ['Owner', [['ID', 'hotshelf']]]
  return { status: 200, body: document('ListAllMyBucketsResult', [owner, ['Buckets', all]]) }
}

const mostKeys = 1000

/** ListObjectsV2; the marker of a page is the last key that it gave. */
async function list({ bucket, query }: BucketRequest, buckets: DirectoryBuckets): Promise<BucketAnswer> {
  if (query.get('list-type') !== '2') throw notBuilt('The first version of listing objects (use list-type=2)')
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
  const most = Math.min(mostKeys, Number(query.get('max-keys') ?? mostKeys))
  const storage = await buckets.open(bucket)
  const files = (await storage.list('')).map(file => ({ ...file, key: keyOfFile(file.key) }))
  const entries = entriesOf(files.toSorted(byKey), prefix, delimiter).filter(entry => entry.name > after)
  const page = entries.slice(0, most)
  const more = entries.length > page.length
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text
  return {
    status: 200,
    body: document('ListBucketResult', [
      ['Name', bucket],
      ['Prefix', encode(prefix)],
      ['KeyCount', String(page.length)],
      ['MaxKeys', String(most)],
      ...(delimiter ? [['Delimiter', encode(delimiter)] as const] : []),
      ...(query.has('encoding-type') ? [['EncodingType', 'url'] as const] : []),
      ['IsTruncated', String(more)],
      ...(more ? [['NextContinuationToken', page.at(-1)?.name ?? ''] as const] : []),
      ...page.map(entry => elementOf(entry, encode)),
    ]),
  }
}

interface Entry {
  readonly name: string
  /** Undefined for what is common to several keys. */
  readonly bytes: number | undefined
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1)

function entriesOf(
  files: readonly { readonly key: string; readonly bytes: number }[],
  prefix: string,
  delimiter: string,
): readonly Entry[] {
  const entries = new Map<string, Entry>()
  for (const { key, bytes } of files) {
    if (!key.startsWith(prefix)) continue
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const name = cut < 0 ? key : key.slice(0, cut + delimiter.length)
    entries.set(name, { name, bytes: cut < 0 ? bytes : undefined })
  }
  return [...entries.values()]
}

const elementOf = ({ name, bytes }: Entry, encode: (text: string) => string): Element =>
  bytes === undefined
    ? ['CommonPrefixes', [['Prefix', encode(name)]]]
    : [
        'Contents',
        [
          ['Key', encode(name)],
          ['LastModified', new Date(0).toISOString()],
          ['ETag', '""'],
          ['Size', String(bytes)],
          ['StorageClass', 'STANDARD'],
        ],
      ]
