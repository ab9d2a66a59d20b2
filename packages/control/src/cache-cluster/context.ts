/** What a turn of a Memcached cluster knows besides the customer's words: the binary that will serve, and its flags. */
import type { InstalledEngine, MemcachedClusterDesired, MemcachedClusterRow } from '@hotshelf/domain'

export interface ClusterContext {
  readonly row: MemcachedClusterRow
  readonly desired: MemcachedClusterDesired
  readonly engine:
    | { readonly ok: true; readonly binary: InstalledEngine }
    | { readonly ok: false; readonly message: string }
  readonly flags: readonly string[]
  /** Stands for the flags; a node started with another is `pending-reboot`. */
  readonly flagsDigest: string
  /** Changes that were accepted for the maintenance window wait, and it is open. */
  readonly pendingIsDue: boolean
}
