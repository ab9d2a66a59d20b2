/**
 * The few values that travel through this kit: a request as bytes, an answer as bytes, and what a handler is told
 * about the call it serves. Plain data only, so that any transport can produce it and any log can keep it.
 */

/** How the caller spells its request; the answer is spelled the same way. */
export type Protocol = 'query' | 'ec2' | 'json1.0' | 'json1.1' | 'cbor'

export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>

/** One HTTP request. `headers` have lower-case names; `query` has no leading `?`; `body` is exactly what was sent. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderValues
  readonly body: Uint8Array
  /** Where the request came from, where the transport knows: an IP address. */
  readonly remoteAddress?: string
  /** Set by a transport that stopped reading: the body is longer than what is here. */
  readonly truncated?: boolean
}

export interface WireResponse {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

/** Who calls. `accessKeyId` is undefined for a request without credentials, which only a server without keys accepts. */
export interface Caller {
  readonly accountId: string
  readonly arn: string
  readonly accessKeyId: string | undefined
}

/** What every handler is given besides its input. Services extend it with their own ports. */
export interface WireCall {
  readonly requestId: string
  /** SigV4 signing name of the service, for example `monitoring`. */
  readonly service: string
  readonly operation: string
  readonly protocol: Protocol
  /** From the credential scope; the server's own region when the request carries none. */
  readonly region: string
  readonly caller: Caller
}
