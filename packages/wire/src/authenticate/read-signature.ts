/**
 * What a request says about its own signature, from the Authorization header or from the query string of a presigned
 * URL. Nothing is verified here; what is not there or cannot be read is refused in AWS's words.
 */
import type { WireRequest } from '../message.ts'
import { sha256 } from './canonical-request.ts'
import { parseTimestamp } from './clock-skew.ts'
import { parseCredential, type CredentialScope } from './credential-scope.ts'
import { queryParameters, type QueryParameters } from './query-parameters.ts'
import { MISMATCH, type Refusal } from './refusal.ts'

export interface ReadSignature {
  readonly scope: CredentialScope
  readonly signedHeaders: readonly string[]
  /** 64 hexadecimal digits. */
  readonly signature: string
  readonly timestamp: string
  readonly signedAt: number
  /** Presigned URLs only: how long they are good for, in seconds. */
  readonly expiresIn: number | undefined
  readonly payloadHash: string
  readonly sessionToken: string | undefined
  readonly parameters: QueryParameters
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const WEEK_IN_SECONDS = 604_800

/** What S3 clients write, and sign, in the place of a hash. */
const UNSIGNED = 'UNSIGNED-PAYLOAD'

interface Reading {
  readonly parameters: QueryParameters
  readonly declaredPayload: boolean
}

/** `declaredPayload`: see VerifyOptions. */
export function readSignature(request: WireRequest, declaredPayload = false): ReadSignature | Refusal {
  const parameters = queryParameters(request.query)
  if (!parameters) return incomplete('The query string contains an invalid percent-encoding.')
  const { authorization } = request.headers
  const reading = { parameters, declaredPayload }
  if (typeof authorization === 'string') return readHeader(request, authorization, reading)
  if (parameters.some(([name]) => name === 'X-Amz-Signature')) return readPresigned(request, reading)
  return { kind: 'missing', message: 'Request is missing Authentication Token' }
}

function readHeader(
  request: WireRequest,
  authorization: string,
  { parameters, declaredPayload }: Reading,
): ReadSignature | Refusal {
  const [algorithm, rest] = splitOnce(authorization.trim(), /\s+/)
  if (algorithm !== ALGORITHM) return incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`)
  const fields = new Map(rest.split(',').map(field => splitOnce(field.trim(), '=')))
  const timestamp = headerOf(request, 'x-amz-date')
  const problems = ['Credential', 'Signature', 'SignedHeaders']
    .filter(name => !fields.get(name))
    .map(name => `Authorization header requires '${name}' parameter.`)
  if (timestamp === undefined) {
    problems.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
  }
  if (problems.length > 0) return incomplete(problems.join(' '))
  const declared = headerOf(request, 'x-amz-content-sha256')
  const payloadHash = declaredPayload ? (declared ?? UNSIGNED) : sha256(request.body)
  // Also refuses UNSIGNED-PAYLOAD and the streaming signatures of S3: nothing here may arrive unsigned.
  if (declared !== undefined && declared !== payloadHash) return { kind: 'mismatch', message: MISMATCH }
  return checked(
    {
      signedHeaders: (fields.get('SignedHeaders') ?? '').split(';'),
      signature: fields.get('Signature') ?? '',
      timestamp: timestamp ?? '',
      expiresIn: undefined,
      payloadHash,
      sessionToken: headerOf(request, 'x-amz-security-token'),
      parameters,
    },
    fields.get('Credential') ?? '',
  )
}

function readPresigned(request: WireRequest, { parameters, declaredPayload }: Reading): ReadSignature | Refusal {
  const signing = parameters.filter(([name]) => name.startsWith('X-Amz-'))
  const fields = new Map(signing)
  if (fields.size !== signing.length) return incomplete('A signing parameter is given twice.')
  const algorithm = fields.get('X-Amz-Algorithm') ?? ''
  if (algorithm !== ALGORITHM) return incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`)
  const problems = ['X-Amz-Credential', 'X-Amz-Date', 'X-Amz-SignedHeaders', 'X-Amz-Expires']
    .filter(name => !fields.get(name))
    .map(name => `AWS query-string parameters must include '${name}'.`)
  if (problems.length > 0) return incomplete(problems.join(' '))
  const expiresIn = Number(fields.get('X-Amz-Expires'))
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > WEEK_IN_SECONDS) {
    return incomplete('X-Amz-Expires must be a number of seconds between 1 and 604800.')
  }
  return checked(
    {
      signedHeaders: (fields.get('X-Amz-SignedHeaders') ?? '').split(';'),
      signature: fields.get('X-Amz-Signature') ?? '',
      timestamp: fields.get('X-Amz-Date') ?? '',
      expiresIn,
      payloadHash: declaredPayload ? UNSIGNED : sha256(request.body),
      sessionToken: fields.get('X-Amz-Security-Token') ?? headerOf(request, 'x-amz-security-token'),
      parameters,
    },
    fields.get('X-Amz-Credential') ?? '',
  )
}

/** What both places have in common: a readable credential, date and signature, and headers that may not be left out. */
function checked(read: Omit<ReadSignature, 'scope' | 'signedAt'>, credential: string): ReadSignature | Refusal {
  const scope = parseCredential(credential)
  if (!scope)
    return incomplete('Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.')
  if (scope.terminator !== 'aws4_request') {
    return wrongScope(`Credential should be scoped with a valid terminator: 'aws4_request', not '${scope.terminator}'.`)
  }
  const signedAt = parseTimestamp(read.timestamp)
  if (signedAt === undefined) return incomplete(`Date must be in ISO-8601 'basic format'. Got '${read.timestamp}'.`)
  if (!read.timestamp.startsWith(scope.date)) {
    return wrongScope(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ` +
        `'${scope.date}' != '${read.timestamp.slice(0, 8)}', from '${read.timestamp}'.`,
    )
  }
  if (!/^[0-9a-f]{64}$/.test(read.signature)) return { kind: 'mismatch', message: MISMATCH }
  return { ...read, scope, signedAt }
}

function headerOf(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function splitOnce(text: string, separator: string | RegExp): [string, string] {
  const [first = '', ...rest] = text.split(separator)
  return [first, typeof separator === 'string' ? rest.join(separator) : rest.join(' ')]
}

function incomplete(message: string): Refusal {
  return { kind: 'incomplete', message }
}

function wrongScope(message: string): Refusal {
  return { kind: 'wrong-scope', message }
}
