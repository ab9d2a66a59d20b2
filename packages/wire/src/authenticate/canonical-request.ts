/**
 * The canonical form of a request and its signature, as Signature Version 4 prescribes them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto'
import type { HeaderValues, WireRequest } from '../message.ts'
import type { CredentialScope } from './credential-scope.ts'
import type { QueryParameters } from './query-parameters.ts'

export interface ToSign {
  readonly request: Pick<WireRequest, 'method' | 'path' | 'headers'>
  readonly parameters: QueryParameters
  /** Lower-case names in the order the signer listed them. */
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string
  readonly scope: CredentialScope
}

export function signatureOf(signing: ToSign, secretAccessKey: string): Buffer {
  const { scope, timestamp } = signing
  const named = `${scope.date}/${scope.region}/${scope.service}/${scope.terminator}`
  const stringToSign = `AWS4-HMAC-SHA256\n${timestamp}\n${named}\n${sha256(canonicalRequest(signing))}`
  return hmac(signingKey(secretAccessKey, scope), stringToSign)
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function canonicalRequest({ request, parameters, signedHeaders, payloadHash, scope }: ToSign): string {
  const headers = signedHeaders.map(name => `${name}:${headerValue(request.headers, name)}\n`).join('')
  return [
    request.method,
    canonicalPath(request.path, scope.service),
    canonicalQuery(parameters),
    headers,
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

/** Every service but S3 encodes the path a second time. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path || '/'
  return path.split('/').map(encode).join('/') || '/'
}

function canonicalQuery(parameters: QueryParameters): string {
  return parameters
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(pair => pair.join('='))
    .join('&')
}

function headerValue(headers: HeaderValues, name: string): string {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  const joined = Array.isArray(value) ? value.join(',') : (value ?? '')
  return joined.trim().replace(/\s+/g, ' ')
}

/** By code unit, as the signer does; a locale would order some characters differently. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Half a surrogate pair has no UTF-8 form, so nobody can have signed it; it must not throw either. */
function encode(text: string): string {
  const sayable = text.replace(/\p{Surrogate}/gu, '\uFFFD')
  return encodeURIComponent(sayable).replace(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

const MAX_REMEMBERED = 256
const remembered = new Map<string, Buffer>()

/** A key serves one day, region and service, so a few are worth remembering: four HMACs saved per request. */
function signingKey(secretAccessKey: string, { date, region, service, terminator }: CredentialScope): Buffer {
  const id = JSON.stringify([secretAccessKey, date, region, service])
  const known = remembered.get(id)
  if (known) return known
  const key = [region, service, terminator].reduce(hmac, hmac(`AWS4${secretAccessKey}`, date))
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(id, key)
  return key
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
