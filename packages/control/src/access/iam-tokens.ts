/**
 * Tokens of IAM authentication, as every right signer makes them: a `connect` request for the cache, presigned with
 * Signature Version 4 for 900 seconds. All of a token is known but the second it was signed in, so whoever knows the key can
 * make each one beforehand; an engine that knows their hashes needs nobody between itself and its clients.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
import { createHash, createHmac } from 'node:crypto'

export interface TokenSigner {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface TokenPurpose {
  /** The replication group's id. */
  readonly cache: string
  readonly userId: string
  readonly region: string
}

/** A token opens for so long after it was signed; connections outlive it. */
export const tokenSeconds = 900

/**
 * SHA-256 of the tokens that this key signs in this second. Signers differ in one thing: some append the signature, as
 * botocore does, and some sort it in, as the SDK for JavaScript does.
 */
export function tokenHashes(
  { cache, userId, region }: TokenPurpose,
  signer: TokenSigner,
  second: number,
): readonly string[] {
  const time = new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = `${time.slice(0, 8)}/${region}/elasticache/aws4_request`
  const before = [
    'Action=connect',
    `User=${encodeURIComponent(userId)}`,
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${signer.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${tokenSeconds}`,
  ].join('&')
  const signedHeaders = 'X-Amz-SignedHeaders=host'
  const request = ['GET', '/', `${before}&${signedHeaders}`, `host:${cache}`, '', 'host', sha256('')].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')
  const signature = `X-Amz-Signature=${hmac(signingKey(signer, time.slice(0, 8), region), toSign).toString('hex')}`
  return [`${before}&${signedHeaders}&${signature}`, `${before}&${signature}&${signedHeaders}`].map(query =>
    sha256(`${cache}/?${query}`),
  )
}

function signingKey({ secretAccessKey }: TokenSigner, day: string, region: string): Buffer {
  return ['elasticache', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${secretAccessKey}`, day), region))
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
