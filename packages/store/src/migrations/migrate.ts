/**
 * Brings a database to this version's tables: forward only, all in one transaction, one server at a time.
 * A database that a newer version wrote is refused untouched: this version would not know what it may overwrite.
 */
import type { Database, Queries, Terms } from '../database.ts'
import { StoreUnusable } from '../errors.ts'
import * as resources from './0001-resources.ts'
import * as audit from './0002-audit.ts'

interface Migration {
  up(db: Queries, types: Terms['columns']): Promise<void>
}

/** In order; a name that was released never changes. */
const migrations: readonly (readonly [name: string, migration: Migration])[] = [
  ['0001-resources', resources],
  ['0002-audit', audit],
]

export async function migrate({ queries, terms, shown }: Database): Promise<void> {
  await queries.transaction().execute(async transaction => {
    await terms.lockMigrations(transaction)
    await transaction.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('name', terms.columns.text, column => column.primaryKey())
      .addColumn('applied_at', terms.columns.integer, column => column.notNull())
      .execute()
    const applied = await transaction.selectFrom('migrations').select('name').execute()
    refuseNewer(
      applied.map(row => row.name),
      shown,
    )
    for (const [name, migration] of migrations.slice(applied.length)) {
      await migration.up(transaction, terms.columns)
      await transaction.insertInto('migrations').values({ name, applied_at: Date.now() }).execute()
    }
  })
}

function refuseNewer(applied: readonly string[], shown: string): void {
  const known = new Set(migrations.map(([name]) => name))
  const unknown = applied.filter(name => !known.has(name)).sort()
  if (unknown.length === 0) return
  throw new StoreUnusable(
    `${shown} was written by a newer version of Hotshelf (it has ${unknown.join(', ')}). Run that version or a later one, ` +
      'restore a backup from before the upgrade, or name another store.',
  )
}
