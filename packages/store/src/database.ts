/**
 * One open database as the rest of the package sees it; each dialect builds exactly this.
 * `Terms` is the whole list of what the two databases say differently: everything else is one code base.
 */
import type { Doorbell } from '@hotshelf/domain'
import type { Kysely, RawBuilder } from 'kysely'
import type { Tables } from './tables.ts'

/** Kysely itself or a transaction of it. */
export type Queries = Kysely<Tables>

export interface ColumnTypes {
  /** Compared byte by byte, so that names sort the same on both databases. */
  readonly text: RawBuilder<unknown>
  /** Keeps the text as written: key order, and characters that PostgreSQL's jsonb would refuse. */
  readonly json: RawBuilder<unknown>
  readonly bytes: RawBuilder<unknown>
  readonly integer: RawBuilder<unknown>
  /** A primary key that grows with every row and is never given out twice. */
  readonly sequence: RawBuilder<unknown>
}

export interface Terms {
  readonly columns: ColumnTypes
  /** A document as a value of a JSON column, where the column's type cannot be inferred. */
  json(document: string): RawBuilder<string>
  /** The time leases are measured by, in milliseconds. */
  now(): RawBuilder<number>
  /** A subquery with these texts as its rows; one parameter however many there are, so its statement is reused. */
  textRows(texts: readonly string[]): RawBuilder<string>
  /** Until the transaction ends, nobody else makes tables. */
  lockMigrations(transaction: Queries): Promise<void>
  /** Until the transaction ends, nobody else appends an event: a later number never becomes visible first. */
  lockEvents(transaction: Queries): Promise<void>
}

export interface Database {
  /** The file or the URL without its password, for messages. */
  readonly shown: string
  readonly queries: Queries
  readonly terms: Terms
  readonly doorbell: Doorbell
  close(): Promise<void>
}
