/**
 * The tables as Kysely types them; the migrations make them.
 * Times are milliseconds since 1970 in an integer column, so both databases hold exactly what a Date holds.
 * JSON is text here: it is parsed in `documents.ts`, never by a driver.
 */
import type { Generated } from 'kysely'

export interface ResourcesTable {
  readonly arn: string
  readonly account: string
  readonly region: string
  readonly kind: string
  readonly name: string
  readonly generation: number
  /** New with every write of the row; see `remembered-rows.ts`. */
  readonly revision: number
  readonly desired: string
  readonly pending: string | null
  readonly delete_requested_at: number | null
  readonly created_at: number
}

export interface ObservationsTable {
  readonly arn: string
  readonly generation: number
  readonly revision: number
  readonly observed: string
  readonly conditions: string
  readonly seen_at: number
}

export interface TagsTable {
  readonly arn: string
  readonly key: string
  readonly value: string
  /** Tags are told in the order they were given. */
  readonly position: number
}

export interface EventsTable {
  readonly seq: Generated<number>
  readonly account: string
  readonly region: string
  readonly arn: string
  readonly source_type: string
  readonly source_id: string
  readonly message: string
  readonly at: number
}

export interface AuditTable {
  readonly seq: Generated<number>
  /** Random; only to know a row again when it was just inserted. */
  readonly key: string
  readonly account: string
  readonly region: string
  readonly kind: string
  readonly at: number
  readonly record: string
}

export interface AuditAttributesTable {
  readonly attribute: string
  readonly value: string
  readonly seq: number
}

/** Never deleted: the number must keep growing even when a resource is made again under its old name. */
export interface LeasesTable {
  readonly arn: string
  /** Empty when released. */
  readonly holder: string
  readonly number: number
  readonly until: number
}

export interface SecretsTable {
  readonly arn: string
  readonly name: string
  readonly sealed: Uint8Array
}

export interface FactsTable {
  readonly name: string
  readonly value: string
}

export interface MigrationsTable {
  readonly name: string
  readonly applied_at: number
}

export interface Tables {
  readonly resources: ResourcesTable
  readonly observations: ObservationsTable
  readonly tags: TagsTable
  readonly events: EventsTable
  readonly audit: AuditTable
  readonly audit_attributes: AuditAttributesTable
  readonly leases: LeasesTable
  readonly secrets: SecretsTable
  readonly facts: FactsTable
  readonly migrations: MigrationsTable
}
