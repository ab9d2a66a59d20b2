/**
 * Checks a Signature Version 4 over the bytes exactly as they came: a body is verified before it is unpacked, because
 * the signer signed the packed bytes. The order of the checks is the order of trust: what can be refused without a
 * secret comes first, and the comparison takes the same time whatever the signature.
 */
import { timingSafeEqual } from 'node:crypto'
import type { WireRequest } from '../message.ts'
import { signatureOf } from './canonical-request.ts'
import { DEFAULT_SKEW_MS, refuseSkew } from './clock-skew.ts'
import type { CredentialScope } from './credential-scope.ts'
import type { AccessKey, KeyLookup } from './keys.ts'
import { readSignature, type ReadSignature } from './read-signature.ts'
import { INVALID_TOKEN, MISMATCH, type Refusal } from './refusal.ts'

export interface VerifyOptions {
  readonly keys: KeyLookup
  /** Milliseconds since 1970; default the system clock. */
  readonly now?: () => number
  /** Default 5 minutes. */
  readonly maxSkewMs?: number
  /** Refuse a signature scoped to any other service. */
  readonly service?: string
  /** Refuse a signature scoped to any other region. */
  readonly region?: string
  /**
   * Take the payload's hash as the request declares it, as S3 does: whoever reads the body compares. Default false: the
   * body is here, and its own hash counts.
   */
  readonly declaredPayload?: boolean
}

export type Verification =
  | { readonly ok: true; readonly key: AccessKey; readonly scope: CredentialScope; readonly signed: SignedTimes }
  | { readonly ok: false; readonly refusal: Refusal }

export interface SignedTimes {
  readonly signedAt: Date
  /** Presigned URLs only. */
  readonly expiresAt: Date | undefined
}

/** Headers that change what a request means: present but unsigned, they would let others change it. */
const MUST_BE_SIGNED = ['x-amz-target', 'x-amz-date']

export async function verifySignature(request: WireRequest, options: VerifyOptions): Promise<Verification> {
  const read = readSignature(request, options.declaredPayload)
  if ('kind' in read) return { ok: false, refusal: read }
  const now = (options.now ?? Date.now)()
  const early = refuseScope(read.scope, options) ?? refuseTime(read, now, options) ?? refuseHeaders(request, read)
  if (early) return { ok: false, refusal: early }
  const key = await options.keys(read.scope.accessKeyId)
  const late = refuseKey(read, key, now)
  if (late || !key) return { ok: false, refusal: late ?? { kind: 'unknown-key', message: INVALID_TOKEN } }
  const signing = { ...read, request }
  if (!timingSafeEqual(signatureOf(signing, key.secretAccessKey), Buffer.from(read.signature, 'hex'))) {
    return { ok: false, refusal: { kind: 'mismatch', message: MISMATCH } }
  }
  const { signedAt, expiresIn } = read
  const expiresAt = expiresIn === undefined ? undefined : new Date(signedAt + expiresIn * 1000)
  return { ok: true, key, scope: read.scope, signed: { signedAt: new Date(signedAt), expiresAt } }
}

function refuseScope(scope: CredentialScope, { service, region }: VerifyOptions): Refusal | undefined {
  if (service !== undefined && scope.service !== service) {
    return { kind: 'wrong-scope', message: `Credential should be scoped to correct service: '${service}'.` }
  }
  if (region !== undefined && scope.region !== region) {
    return { kind: 'wrong-scope', message: `Credential should be scoped to a valid region, not '${scope.region}'.` }
  }
  return undefined
}

function refuseTime(
  read: ReadSignature,
  now: number,
  { maxSkewMs = DEFAULT_SKEW_MS }: VerifyOptions,
): Refusal | undefined {
  if (read.expiresIn === undefined) return refuseSkew(read.signedAt, now, maxSkewMs)
  if (now > read.signedAt + read.expiresIn * 1000) return { kind: 'expired', message: 'Request has expired.' }
  return read.signedAt > now + maxSkewMs ? refuseSkew(read.signedAt, now, maxSkewMs) : undefined
}

function refuseHeaders(request: WireRequest, { signedHeaders }: ReadSignature): Refusal | undefined {
  if (!signedHeaders.includes('host')) {
    return { kind: 'mismatch', message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization." }
  }
  const unsigned = MUST_BE_SIGNED.find(name => request.headers[name] !== undefined && !signedHeaders.includes(name))
  if (unsigned !== undefined) {
    return { kind: 'mismatch', message: `'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.` }
  }
  const absent = signedHeaders.some(
    name => !Object.hasOwn(request.headers, name) || request.headers[name] === undefined,
  )
  return absent ? { kind: 'mismatch', message: MISMATCH } : undefined
}

function refuseKey(read: ReadSignature, key: AccessKey | undefined, now: number): Refusal | undefined {
  if (!key) return { kind: 'unknown-key', message: INVALID_TOKEN }
  if (key.sessionToken !== read.sessionToken) return { kind: 'bad-token', message: INVALID_TOKEN }
  if (key.expiresAt && key.expiresAt.getTime() <= now) {
    return { kind: 'expired-token', message: 'The security token included in the request is expired' }
  }
  return undefined
}
