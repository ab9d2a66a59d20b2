/**
 * Presigned URLs on their own, outside a request to this server: what a client hands over as proof that it holds a
 * key, such as a token made of a URL without its scheme. What the URL says (host, parameters) is for the caller to
 * judge; that it was said by the holder of the key, and that its time is not over, is judged here.
 */
import { queryParameters } from './query-parameters.ts'
import { verifySignature, type Verification, type VerifyOptions } from './signature-v4.ts'

export type PresignedVerification =
  | (Extract<Verification, { ok: true }> & {
      readonly host: string
      readonly path: string
      readonly parameters: ReadonlyMap<string, string>
    })
  | Extract<Verification, { ok: false }>

/** Longer than any real token; an early end for nonsense. */
const MAX_LENGTH = 8192

/** `url` may come with or without `http://` or `https://`; the method signed is GET and the body empty. */
export async function verifyPresignedUrl(url: string, options: VerifyOptions): Promise<PresignedVerification> {
  const parts = url.length > MAX_LENGTH ? null : /^(?:https?:\/\/)?([^/?#\s]+)(\/[^?#\s]*)?\?([^#\s]+)$/.exec(url)
  const parameters = queryParameters(parts?.[3] ?? '')
  const [, host, path = '/', query] = parts ?? []
  if (host === undefined || query === undefined || !parameters) {
    return { ok: false, refusal: { kind: 'incomplete', message: 'The token is not a presigned URL.' } }
  }
  const named = new Map(parameters)
  if (!named.has('X-Amz-Signature') || named.size !== parameters.length) {
    return { ok: false, refusal: { kind: 'incomplete', message: 'The token is not a presigned URL.' } }
  }
  const request = { method: 'GET', path, query, headers: { host }, body: new Uint8Array() }
  const verified = await verifySignature(request, options)
  return verified.ok ? { ...verified, host, path, parameters: named } : verified
}
