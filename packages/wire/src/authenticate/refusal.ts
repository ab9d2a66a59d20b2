/**
 * Why a signature is refused, and how each protocol family says so. The words are AWS's own, as callers and their
 * SDKs know them (an SDK corrects its clock when it reads "Signature expired" and retries).
 */
import type { Protocol } from '../message.ts'

export type RefusalKind =
  | 'missing'
  | 'incomplete'
  | 'unknown-key'
  | 'bad-token'
  | 'expired-token'
  | 'mismatch'
  | 'wrong-scope'
  | 'clock'
  | 'expired'

export interface Refusal {
  readonly kind: RefusalKind
  readonly message: string
}

interface Code {
  readonly code: string
  readonly status: number
}

/** Query and EC2 say it one way, the JSON protocols another. */
const FORM: Readonly<Record<RefusalKind, Code>> = {
  missing: { code: 'MissingAuthenticationToken', status: 403 },
  incomplete: { code: 'IncompleteSignature', status: 400 },
  'unknown-key': { code: 'InvalidClientTokenId', status: 403 },
  'bad-token': { code: 'InvalidClientTokenId', status: 403 },
  'expired-token': { code: 'ExpiredToken', status: 403 },
  mismatch: { code: 'SignatureDoesNotMatch', status: 403 },
  'wrong-scope': { code: 'SignatureDoesNotMatch', status: 403 },
  clock: { code: 'SignatureDoesNotMatch', status: 403 },
  expired: { code: 'RequestExpired', status: 400 },
}

const DATA: Readonly<Record<RefusalKind, Code>> = {
  missing: { code: 'MissingAuthenticationTokenException', status: 400 },
  incomplete: { code: 'IncompleteSignatureException', status: 400 },
  'unknown-key': { code: 'UnrecognizedClientException', status: 400 },
  'bad-token': { code: 'UnrecognizedClientException', status: 400 },
  'expired-token': { code: 'ExpiredTokenException', status: 400 },
  mismatch: { code: 'InvalidSignatureException', status: 400 },
  'wrong-scope': { code: 'InvalidSignatureException', status: 400 },
  clock: { code: 'InvalidSignatureException', status: 400 },
  expired: { code: 'RequestExpired', status: 400 },
}

const UNKNOWN_TO_EC2: Code = { code: 'AuthFailure', status: 401 }
const EC2: Readonly<Record<RefusalKind, Code>> = { ...FORM, 'unknown-key': UNKNOWN_TO_EC2, 'bad-token': UNKNOWN_TO_EC2 }

export function codeOfRefusal(kind: RefusalKind, protocol: Protocol): Code {
  if (protocol === 'ec2') return EC2[kind]
  return protocol === 'query' ? FORM[kind] : DATA[kind]
}

export const INVALID_TOKEN = 'The security token included in the request is invalid.'

export const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
