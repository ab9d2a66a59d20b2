/**
 * What this kit must know about an access key to check a signature made with it, and what the key may be used for.
 */
import type { WireCall } from '../message.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Present for temporary credentials; a request must then carry exactly this token. */
  readonly sessionToken?: string
  /** Temporary credentials end here. */
  readonly expiresAt?: Date
  /** Who the key belongs to. */
  readonly accountId: string
  readonly arn: string
  /** Why a call with this key is denied; undefined lets it go on. Without it the key may do everything. */
  readonly deny?: (call: WireCall, input: unknown) => Denial | undefined
}

export interface Denial {
  /** An ARN, or `*`. Not told where a protocol's words leave it out. */
  readonly resource: string
  /** `explicit`: something forbids it; `implicit`: nothing allows it. */
  readonly kind: 'explicit' | 'implicit'
}

/** Finds a key by its id; `undefined` means that no such key exists. */
export type KeyLookup = (accessKeyId: string) => AccessKey | undefined | Promise<AccessKey | undefined>
