/**
 * Who may use this server's own buckets: everybody while there are no access keys, as with the rest of the API; then whoever
 * signs with one of them, as far as its policy goes (`s3:GetObject` on `arn:aws:s3:::bucket/key`).
 */
import { type AskedPermission, accessKeyArn, judge, type Store } from '@hotshelf/domain'
import { BucketRefusal, type BucketRequest } from '@hotshelf/providers'
import { verifySignature } from '@hotshelf/wire'
import { accessKeyRows } from './access-keys/access-keys.ts'
import { identities } from './identities.ts'

export function bucketAccess(store: Store, accountId: string): (request: BucketRequest) => Promise<void> {
  const { keys, believesEverybody } = identities(store, accountId)
  return async request => {
    if (!keys || (await believesEverybody?.())) return
    const { message } = request
    const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s)
    const signed = { method: request.method, path, query, headers: message.headers, body: new Uint8Array() }
    const verified = await verifySignature(signed, { keys, service: 's3', declaredPayload: true })
    if (!verified.ok)
      throw new BucketRefusal(403, codes[verified.refusal.kind] ?? 'AccessDenied', verified.refusal.message)
    const row = await accessKeyRows(store).get(accessKeyArn(accountId, verified.key.accessKeyId))
    const { policy } = row?.desired ?? {}
    if (row && (!policy || judge(policy, permissionFor(request)) === 'allowed')) return
    throw new BucketRefusal(403, 'AccessDenied', 'Access Denied')
  }
}

const codes: Readonly<Record<string, string>> = {
  'unknown-key': 'InvalidAccessKeyId',
  mismatch: 'SignatureDoesNotMatch',
}

export function permissionFor({ method, bucket, key, query }: BucketRequest): AskedPermission {
  if (bucket === '') return { action: 's3:ListAllMyBuckets', resource: '*' }
  if (key === '') return { action: bucketActions[method] ?? `s3:${method}Bucket`, resource: `arn:aws:s3:::${bucket}` }
  const abort = method === 'DELETE' && query.has('uploadId')
  const action = abort ? 's3:AbortMultipartUpload' : (objectActions[method] ?? `s3:${method}Object`)
  return { action, resource: `arn:aws:s3:::${bucket}/${key}` }
}

const bucketActions: Readonly<Record<string, string>> = {
  GET: 's3:ListBucket',
  HEAD: 's3:ListBucket',
  PUT: 's3:CreateBucket',
  DELETE: 's3:DeleteBucket',
}

const objectActions: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  POST: 's3:PutObject',
  DELETE: 's3:DeleteObject',
}
