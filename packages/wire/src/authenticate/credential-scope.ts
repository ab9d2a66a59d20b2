/**
 * The credential of a request, `AKID/20260102/us-east-1/service/aws4_request`, wherever it is: in the Authorization
 * header or in the query string. Read for routing before anything is verified, so nothing in it is trusted yet.
 */
import type { WireRequest } from '../message.ts'
import { queryParameters } from './query-parameters.ts'

export interface CredentialScope {
  readonly accessKeyId: string
  /** `YYYYMMDD`. */
  readonly date: string
  readonly region: string
  readonly service: string
  /** Must be `aws4_request`. */
  readonly terminator: string
}

/** An access key id may itself contain slashes, so the scope is counted from the end. No name has a control character. */
export function parseCredential(credential: string): CredentialScope | undefined {
  if (/\p{Cc}/u.test(credential)) return undefined
  const parts = credential.split('/')
  const [date, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (!accessKeyId || !date || !region || !service || !terminator) return undefined
  return { accessKeyId, date, region, service, terminator }
}

/** The scope a request claims; undefined when it carries no credential or none that can be read. */
export function claimedScope(request: Pick<WireRequest, 'headers' | 'query'>): CredentialScope | undefined {
  const { authorization } = request.headers
  if (typeof authorization === 'string') {
    const credential = /Credential=([^,\s]+)/.exec(authorization)?.[1]
    return credential === undefined ? undefined : parseCredential(credential)
  }
  if (!request.query.includes('X-Amz-Credential')) return undefined
  const parameter = queryParameters(request.query)?.find(([name]) => name === 'X-Amz-Credential')
  return parameter && parseCredential(parameter[1])
}
