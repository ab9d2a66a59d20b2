/**
 * What this kit must know about an access key to check a signature made with it.
 */

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
}

/** Finds a key by its id; `undefined` means that no such key exists. */
export type KeyLookup = (accessKeyId: string) => AccessKey | undefined | Promise<AccessKey | undefined>
