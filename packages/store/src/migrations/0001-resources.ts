/** The first tables: what was asked for, what was seen, and the small things around both. */
import { sql } from 'kysely'
import type { ColumnTypes, Queries } from '../database.ts'

export async function up(db: Queries, types: ColumnTypes): Promise<void> {
  await resources(db, types)
  await besideResources(db, types)
  await events(db, types)
}

async function resources(db: Queries, { text, json, integer }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('resources')
    .addColumn('arn', text, column => column.primaryKey())
    .addColumn('account', text, column => column.notNull())
    .addColumn('region', text, column => column.notNull())
    .addColumn('kind', text, column => column.notNull())
    .addColumn('name', text, column => column.notNull())
    .addColumn('generation', integer, column => column.notNull())
    .addColumn('revision', integer, column => column.notNull())
    .addColumn('desired', json, column => column.notNull())
    .addColumn('pending', json)
    .addColumn('delete_requested_at', integer)
    .addColumn('created_at', integer, column => column.notNull())
    // In this order, so that lists of one scope and of all scopes both read the index from front to back.
    .addUniqueConstraint('resources_name', ['kind', 'account', 'region', 'name'])
    .execute()
  await db.schema
    .createTable('observations')
    .addColumn('arn', text, column => column.primaryKey().references('resources.arn').onDelete('cascade'))
    .addColumn('generation', integer, column => column.notNull())
    .addColumn('revision', integer, column => column.notNull())
    .addColumn('observed', json, column => column.notNull())
    .addColumn('conditions', json, column => column.notNull())
    .addColumn('seen_at', integer, column => column.notNull())
    .execute()
}

async function besideResources(db: Queries, { text, bytes, integer }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('tags')
    .addColumn('arn', text, column => column.notNull())
    .addColumn('key', text, column => column.notNull())
    .addColumn('value', text, column => column.notNull())
    .addColumn('position', integer, column => column.notNull())
    .addPrimaryKeyConstraint('tags_key', ['arn', 'key'])
    .execute()
  await db.schema
    .createTable('leases')
    .addColumn('arn', text, column => column.primaryKey())
    .addColumn('holder', text, column => column.notNull())
    .addColumn('number', integer, column => column.notNull())
    .addColumn('until', integer, column => column.notNull())
    .execute()
  await db.schema
    .createTable('secrets')
    .addColumn('arn', text, column => column.notNull())
    .addColumn('name', text, column => column.notNull())
    .addColumn('sealed', bytes, column => column.notNull())
    .addPrimaryKeyConstraint('secrets_name', ['arn', 'name'])
    .execute()
  await db.schema
    .createTable('facts')
    .addColumn('name', text, column => column.primaryKey())
    .addColumn('value', text, column => column.notNull())
    .execute()
}

async function events(db: Queries, { text, integer, sequence }: ColumnTypes): Promise<void> {
  await sql`create table events (seq ${sequence}, account ${text} not null, region ${text} not null,
    arn ${text} not null, source_type ${text} not null, source_id ${text} not null,
    message ${text} not null, at ${integer} not null)`.execute(db)
  await db.schema.createIndex('events_at').on('events').column('at').execute()
}
