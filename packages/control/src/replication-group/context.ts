/**
 * What a turn knows besides the customer's words: the resolved parameters, the binary that will serve, the secrets.
 * Secrets stay here, in memory, for perform; the digests of them are what rules compare.
 */
import type {
  AppliedAccess,
  ClusterMode,
  CustomerAccess,
  Directive,
  InstalledEngine,
  NodeId,
  ReplicationGroupDesired,
  ReplicationGroupRow,
} from '@hotshelf/domain'

export interface GroupContext {
  readonly row: ReplicationGroupRow
  readonly desired: ReplicationGroupDesired
  readonly engine:
    | { readonly ok: true; readonly binary: InstalledEngine }
    | { readonly ok: false; readonly message: string }
  readonly directives: GroupDirectives
  readonly maxmemoryBytes: number
  readonly controlPassword: string
  readonly access: CustomerAccess
  /** Where users may log in: which generations of them `access` is. */
  readonly userAccess?: AppliedAccess
  /** Stand for the live directives (with maxmemory) and for the access; compared with what each node was given. */
  readonly directivesDigest: string
  readonly accessDigest: string
  /** Stands for what only a restart brings; a node started with another is `pending-reboot`. */
  readonly startDigest: string
  /** Changes that were accepted for the maintenance window wait, and it is open. */
  readonly pendingIsDue: boolean
  /** Set while the primary does not speak the cluster protocol yet, and `desired` says disabled for that time. */
  readonly changesTo?: ClusterMode
  /** IPv4 blocks that its security groups let in. */
  readonly sources?: readonly string[]
  /** Nodes that a snapshot is taken from now. */
  readonly snapshotting?: readonly NodeId[]
  /** The group is being deleted, and its last snapshot is not there yet: why, and until then it goes on as it is. */
  readonly awaitsFinalSnapshot?: string
  /** Nodes that leave once their final snapshot is whole: why it is not there yet, undefined once it is. */
  readonly leaving?: ReadonlyMap<NodeId, string | undefined>
  /** Nodes that only stand in for a shard's own (see rules/spares.ts); customers do not see them. */
  readonly spares?: ReadonlySet<NodeId>
}

export interface GroupDirectives {
  /** For the configuration file: what a node starts with. */
  readonly file: readonly Directive[]
  /** What CONFIG SET can change while a node runs. */
  readonly live: readonly Directive[]
  /** Legal values that a program may refuse for reasons of its build: tried live, one by one, and left when refused. */
  readonly refusable: readonly Directive[]
}
