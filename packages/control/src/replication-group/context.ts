/**
 * What a turn knows besides the customer's words: the resolved parameters, the binary that will serve, the secrets.
 * Secrets stay here, in memory, for perform; the digests of them are what rules compare.
 */
import type {
  DefaultUserAccess,
  Directive,
  InstalledEngine,
  ReplicationGroupDesired,
  ReplicationGroupRow,
} from '@hotshelf/domain'

export interface GroupContext {
  readonly row: ReplicationGroupRow
  readonly desired: ReplicationGroupDesired
  readonly engine:
    | { readonly ok: true; readonly binary: InstalledEngine }
    | { readonly ok: false; readonly message: string }
  readonly directives: readonly Directive[]
  readonly maxmemoryBytes: number
  readonly controlPassword: string
  readonly access: DefaultUserAccess
  /** Stand for the directives (with maxmemory) and for the access; compared with what each node was given. */
  readonly directivesDigest: string
  readonly accessDigest: string
}
