/**
 * What was asked for and what was seen, kept on a database.
 * Two faces keep the data rule: services hold `Repository`, control holds `Observations`.
 * Deliberately not here: queries by content (a finder reads its kind and filters), and status (it is computed).
 */
import type { Arn, Scope } from '../resources/arn.ts'
import type { AuditAttribute, AuditEntry, AuditRecord } from '../resources/audit.ts'
import type { EventEntry, EventRecord, EventSourceType } from '../resources/event.ts'
import type { ParameterGroupDesired } from '../resources/parameter-group.ts'
import type { ReplicationGroupDesired, ReplicationGroupObserved } from '../resources/replication-group.ts'
import type { Observation, ResourceKind, Row } from '../resources/resource.ts'
import type { SubnetGroupDesired } from '../resources/subnet-group.ts'
import type { Tag } from '../resources/tag.ts'

/** Thrown by `insert`: another resource of this kind has the name in this account and region (or the ARN). */
export class AlreadyExists extends Error {
  override readonly name = 'AlreadyExists'
}

export interface NewResource<Desired> extends Scope {
  readonly arn: Arn
  readonly name: string
  readonly desired: Desired
  readonly createdAt: Date
}

/** One kind of resource. Every write is durable before its promise resolves. */
export interface Repository<Desired, Observed = never> {
  /** Generation 1. Throws AlreadyExists. */
  insert(resource: NewResource<Desired>): Promise<Row<Desired, Observed>>
  get(arn: Arn): Promise<Row<Desired, Observed> | undefined>
  find(scope: Scope, name: string): Promise<Row<Desired, Observed> | undefined>
  /** Ordered by name. Names after `after`, at most `limit` (all by default). */
  list(
    scope: Scope,
    page?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly Row<Desired, Observed>[]>
  /** Every account and region, for control's resync. */
  listEverywhere(): Promise<readonly Row<Desired, Observed>[]>
  /**
   * Reads, applies, writes with a generation check, and again when somebody else wrote in between.
   * `change` returning its argument unchanged (same reference) writes nothing and keeps the generation.
   * Undefined when the resource is gone.
   */
  change(
    arn: Arn,
    change: (desired: Desired, row: Row<Desired, Observed>) => Desired,
  ): Promise<Row<Desired, Observed> | undefined>
  /** As `change`, and called `name` from then on, under the same ARN. Throws AlreadyExists when the name is taken. */
  rename(
    arn: Arn,
    name: string,
    change: (desired: Desired, row: Row<Desired, Observed>) => Desired,
  ): Promise<Row<Desired, Observed> | undefined>
  /** Replaces the pending overlay; undefined clears it. Does not touch the generation. */
  setPending(arn: Arn, pending: Partial<Desired> | undefined): Promise<void>
  /** Idempotent: the first time stands. Adds one to the generation. */
  requestDelete(arn: Arn, at: Date): Promise<Row<Desired, Observed> | undefined>
  /** The row, its observation, tags and secrets. Gone already is a success. */
  remove(arn: Arn): Promise<void>
}

/** What control saw. Only control writes here. */
export interface Observations {
  put<Observed>(arn: Arn, observation: Observation<Observed>): Promise<void>
  get<Observed>(arn: Arn): Promise<Observation<Observed> | undefined>
}

export interface Tags {
  of(arn: Arn): Promise<readonly Tag[]>
  /** In one question; an ARN without tags has an empty list. */
  ofMany(arns: readonly Arn[]): Promise<ReadonlyMap<Arn, readonly Tag[]>>
  /** Adds or replaces by key. */
  set(arn: Arn, tags: readonly Tag[]): Promise<void>
  unset(arn: Arn, keys: readonly string[]): Promise<void>
}

export interface EventFilter {
  readonly sourceType?: EventSourceType
  readonly sourceId?: string
  readonly from: Date
  readonly to: Date
  readonly afterSeq?: number
  readonly limit: number
}

/** Append-only. */
export interface EventLog {
  append(scope: Scope, event: EventRecord): Promise<void>
  /** Oldest first. */
  list(scope: Scope, filter: EventFilter): Promise<readonly EventEntry[]>
  /** For followers: everything after a sequence number, all accounts and regions. */
  since(seq: number, limit: number): Promise<readonly EventEntry[]>
  prune(before: Date): Promise<void>
}

export interface AuditFilter {
  readonly attribute?: { readonly name: AuditAttribute; readonly value: string }
  readonly from: Date
  readonly to: Date
  /** Only records before this one. */
  readonly beforeSeq?: number
  readonly limit: number
}

/** Append-only; old records go. */
export interface AuditLog {
  append(records: readonly AuditRecord[]): Promise<void>
  /** Newest first. */
  lookup(scope: Scope, filter: AuditFilter): Promise<readonly AuditEntry[]>
  /** Removes what happened before `before`, and of each kind all but the newest `most`. All accounts and regions. */
  prune(bounds: { readonly before: Date; readonly most: number }): Promise<void>
}

/** The right to run turns for one resource. A later holder always has a higher number. */
export interface Leases {
  /** The fencing number, or undefined while another holder's lease runs. Taking again as the same holder renews. */
  take(arn: Arn, holder: string, ttlMs: number): Promise<number | undefined>
  release(arn: Arn, holder: string): Promise<void>
  /** True while `number` is the newest lease and has not run out. */
  holds(arn: Arn, number: number): Promise<boolean>
}

/** Sealed at rest (AES-256-GCM); plain only in memory. */
export interface Secrets {
  put(arn: Arn, name: string, secret: string): Promise<void>
  get(arn: Arn, name: string): Promise<string | undefined>
  remove(arn: Arn, name: string): Promise<void>
}

/** Small facts of this installation itself, such as when default resources were made. */
export interface Facts {
  get(name: string): Promise<string | undefined>
  put(name: string, value: string): Promise<void>
}

/** Resources whose desired shape belongs to the services that own them (EC2, Logs), not to the domain. */
export type ForeignKind = Exclude<ResourceKind, 'replication-group' | 'parameter-group' | 'subnet-group'>

export interface Store {
  readonly replicationGroups: Repository<ReplicationGroupDesired, ReplicationGroupObserved>
  readonly parameterGroups: Repository<ParameterGroupDesired>
  readonly subnetGroups: Repository<SubnetGroupDesired>
  repository<Desired, Observed = never>(kind: ForeignKind): Repository<Desired, Observed>
  readonly observations: Observations
  readonly tags: Tags
  readonly events: EventLog
  readonly audit: AuditLog
  readonly leases: Leases
  readonly secrets: Secrets
  readonly facts: Facts
  /**
   * All or nothing, as if alone. The store handed to `work` is the only one to use inside it. Nested calls join the outer one.
   * Where another server got in between, `work` runs again from its start: it must do nothing else than use that store.
   */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
  close(): Promise<void>
}
