/**
 * How much one request may ask of this server. Bodies, unpacked bodies, parameters and nesting are all bounded, so
 * that no input can exhaust memory, the stack or the time of others.
 */

export interface Limits {
  /** Bytes of a body as sent. Default 1 MiB, as AWS's own query services. */
  readonly bodyBytes: number
  /** Bytes of a body after gunzip. Default 8 MiB. */
  readonly unpackedBytes: number
  /** Parameters of one form. Default 50,000. */
  readonly parameters: number
  /** Nesting of a value, in any protocol. Default 32. */
  readonly depth: number
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 1024 * 1024,
  unpackedBytes: 8 * 1024 * 1024,
  parameters: 50_000,
  depth: 32,
}

/** How much all clients together may ask of the HTTP front. */
export interface FrontLimits {
  /** Connections at a time. At the bound idle ones are closed to make room, and what still does not fit is refused. Default 512. */
  readonly connections: number
  /** Bytes of bodies being received at a time; the connection that passes it is cut. Default 64 MiB. */
  readonly receivingBytes: number
  /** A whole request must arrive within this. Default 30 s. */
  readonly requestMs: number
  /** A client that takes, or gives, nothing for so long is cut. Default 60 s. */
  readonly silenceMs: number
  /** An idle connection is closed after this. Default 75 s. */
  readonly keepAliveMs: number
}

export const DEFAULT_FRONT_LIMITS: FrontLimits = {
  connections: 512,
  receivingBytes: 64 * 1024 * 1024,
  requestMs: 30_000,
  silenceMs: 60_000,
  keepAliveMs: 75_000,
}
