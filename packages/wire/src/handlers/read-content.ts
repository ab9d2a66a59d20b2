/**
 * A request's body as the protocols read it: within its limit, unpacked, and as a form where the protocol is one.
 * Remembered on the exchange, because a request without credentials is looked into before its turn.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Exchange } from '../exchange.ts'
import { wireFault } from '../fault.ts'
import type { Limits } from '../limits.ts'
import type { WireRequest } from '../message.ts'
import { parseForm, type FormNode } from '../protocols/form.ts'
import type { Content } from '../protocols/server-protocol.ts'

const unpack = promisify(gunzip)

export async function contentOf(exchange: Exchange, limits: Limits): Promise<Content> {
  if (exchange.content) return exchange.content
  const { request, protocol } = exchange
  const body = await unpackedBody(request, limits)
  const isForm = protocol.name === 'query' || protocol.name === 'ec2'
  exchange.content = { body, form: isForm ? parseForm(formTexts(request, body), limits) : undefined }
  return exchange.content
}

export async function formOf(exchange: Exchange, limits: Limits): Promise<FormNode> {
  const { form } = await contentOf(exchange, limits)
  if (!form) throw new Error('a form was asked for in a protocol that has none')
  return form
}

/** The body as sent must be verified before this: a signature covers the packed bytes. */
async function unpackedBody({ headers, body }: WireRequest, limits: Limits): Promise<Uint8Array> {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === '' || encoding === 'identity' || body.byteLength === 0) return body
  if (encoding !== 'gzip')
    throw wireFault('MalformedHttpRequest', `The content encoding ${String(encoding)} is not supported.`)
  try {
    return await unpack(body, { maxOutputLength: limits.unpackedBytes })
  } catch (error) {
    if (isTooLong(error))
      throw wireFault('RequestEntityTooLarge', 'The unpacked request body is too large.', { status: 413 })
    throw wireFault('MalformedHttpRequest', 'The request body is not valid gzip.')
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function formTexts(request: WireRequest, body: Uint8Array): readonly string[] {
  try {
    return [request.query, new TextDecoder('utf-8', { fatal: true }).decode(body)]
  } catch {
    throw wireFault('MalformedQueryString', 'The request body is not valid UTF-8.')
  }
}
