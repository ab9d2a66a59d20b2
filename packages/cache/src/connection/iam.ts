// ElastiCache authenticates IAM users by a token in place of the password: a SigV4-presigned `connect` request for the
// cache, without its scheme, good for 15 minutes.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
import { createHash, createHmac } from 'node:crypto'
import type { CredentialsProvider } from './credentials.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface IamOptions {
  /** Replication group id or serverless cache name, in lower case. */
  readonly cacheName: string
  /** The ElastiCache user; with IAM its id and name are the same. */
  readonly userId: string
  readonly region: string
  readonly serverless?: boolean
  readonly credentials: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>)
}

const LIFETIME_S = 900

/** Credentials for `connect({ credentials: iamCredentials({ … }) })`, renewed before each token expires. */
export function iamCredentials(options: IamOptions): CredentialsProvider {
  return async () => {
    const aws = typeof options.credentials === 'function' ? await options.credentials() : options.credentials
    return { username: options.userId, password: iamToken(options, aws, new Date()), expiresIn: LIFETIME_S * 1000 }
  }
}

export function iamToken(options: Omit<IamOptions, 'credentials'>, aws: AwsCredentials, at: Date): string {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = `${time.slice(0, 8)}/${options.region}/elasticache/aws4_request`
  const parameters: Record<string, string> = {
    Action: 'connect',
    User: options.userId,
    ...(options.serverless ? { ResourceType: 'ServerlessCache' } : {}),
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${aws.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(LIFETIME_S),
    ...(aws.sessionToken ? { 'X-Amz-Security-Token': aws.sessionToken } : {}),
    'X-Amz-SignedHeaders': 'host',
  }
  const query = Object.keys(parameters)
    .sort()
    .map(name => `${encode(name)}=${encode(parameters[name]!)}`)
    .join('&')
  const request = ['GET', '/', query, `host:${options.cacheName}`, '', 'host', sha256('')].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')
  const key = ['elasticache', 'aws4_request'].reduce(
    hmac,
    hmac(hmac(`AWS4${aws.secretAccessKey}`, time.slice(0, 8)), options.region),
  )
  return `${options.cacheName}/?${query}&X-Amz-Signature=${hmac(key, toSign).toString('hex')}`
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
