/** The audit trail, and what its records are found by. */
import { sql } from 'kysely'
import type { ColumnTypes, Queries } from '../database.ts'

export async function up(db: Queries, { text, json, integer, sequence }: ColumnTypes): Promise<void> {
  await sql`create table audit (seq ${sequence}, key ${text} not null, account ${text} not null, region ${text} not null,
    kind ${text} not null, at ${integer} not null, record ${json} not null)`.execute(db)
  await db.schema.createIndex('audit_at').on('audit').column('at').execute()
  await db.schema.createIndex('audit_kind').on('audit').columns(['kind', 'seq']).execute()
  await db.schema
    .createTable('audit_attributes')
    .addColumn('attribute', text, column => column.notNull())
    .addColumn('value', text, column => column.notNull())
    .addColumn('seq', integer, column => column.notNull().references('audit.seq').onDelete('cascade'))
    .addPrimaryKeyConstraint('audit_attributes_value', ['attribute', 'value', 'seq'])
    .execute()
  // A record that goes takes its attributes with it, and is not searched for in all of them.
  await db.schema.createIndex('audit_attributes_seq').on('audit_attributes').column('seq').execute()
}
