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
