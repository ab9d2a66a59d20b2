/** Requests written by hand, for tests that are about the bytes. */
import { cbor } from '@smithy/core/cbor'
import type { HeaderValues, WireRequest, WireResponse } from '../src/message.ts'

export interface RequestOptions {
  /** Adds an Authorization header with this service in its scope; its signature is nonsense. */
  readonly service?: string
  readonly region?: string
  readonly headers?: HeaderValues
}

export function formRequest(body: string, options: RequestOptions = {}): WireRequest {
  return post(body, { 'content-type': 'application/x-www-form-urlencoded' }, options)
}

export function jsonRequest(target: string, body: unknown, options: RequestOptions = {}): WireRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const version = target.startsWith('Logs') ? '1.1' : '1.0'
  return post(text, { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }, options)
}

export function cborRequest(path: string, body: Uint8Array, options: RequestOptions = {}): WireRequest {
  const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }
  return { ...post('', headers, options), path, body }
}

function post(
  body: string,
  headers: HeaderValues,
  { service, region = 'us-east-1', headers: more }: RequestOptions,
): WireRequest {
  const scope = `AKIDEXAMPLE/20260102/${region}/${service}/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: { host: 'localhost', ...headers, ...(service !== undefined && { authorization }), ...more },
    body: new TextEncoder().encode(body),
  }
}

export function textOf(response: WireResponse): string {
  return typeof response.body === 'string' ? response.body : Buffer.from(response.body).toString('utf8')
}

/** The error code, wherever the protocol of the answer puts it. */
export function codeOf(response: WireResponse): string | undefined {
  const type = String(errorOf(response)['__type'] ?? '')
  return type === '' ? /<Code>([^<]*)/.exec(textOf(response))?.[1] : type.slice(type.indexOf('#') + 1)
}

export function messageOf(response: WireResponse): unknown {
  const error = errorOf(response)
  return error['message'] ?? error['Message'] ?? /<Message>([^<]*)/.exec(textOf(response))?.[1]
}

function errorOf(response: WireResponse): Record<string, unknown> {
  const type = response.headers['content-type'] ?? ''
  if (type.includes('json')) return JSON.parse(textOf(response)) as Record<string, unknown>
  return type.includes('cbor') ? (cbor.deserialize(response.body as Uint8Array) as Record<string, unknown>) : {}
}
