/**
 * SQLite through libsql: one file beside the server, or memory.
 * Write-ahead log with a full sync on every commit: what was acknowledged survives a power cut.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '@hotshelf/domain'
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import LibsqlDatabase from 'libsql'
import type { Database, Terms } from '../database.ts'
import { localDoorbell } from '../doorbell.ts'
import { inMemory } from '../place.ts'
import type { Tables } from '../tables.ts'
import { SqliteDriver } from './sqlite-driver.ts'
import { sqliteTrouble } from './sqlite-errors.ts'

/** Short, because the synchronous driver stops the event loop meanwhile; the longer wait is the driver's own. */
const busyTimeoutMs = 20

export function openSqlite(place: { readonly path: string; readonly shown: string }, clock: Clock): Database {
  const driver = new SqliteDriver(connect(place.path, place.shown), place.shown)
  const queries = new Kysely<Tables>({
    dialect: {
      createDriver: () => driver,
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => new SqliteAdapter(),
      createIntrospector: db => new SqliteIntrospector(db),
    },
  })
  return {
    shown: place.shown,
    queries,
    terms: sqliteTerms(clock),
    doorbell: localDoorbell(),
    close: () => driver.destroy(),
  }
}

function connect(path: string, shown: string): LibsqlDatabase.Database {
  try {
    if (path !== inMemory) makePrivate(path)
    const connection = new LibsqlDatabase(path, { timeout: busyTimeoutMs })
    connection.pragma('journal_mode = wal')
    connection.pragma('synchronous = full')
    connection.pragma('foreign_keys = on')
    return connection
  } catch (error) {
    throw sqliteTrouble(error, shown)
  }
}

/** The file holds what customers stored about themselves: made for this user only, before SQLite would make it for all. */
function makePrivate(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

/** Leases run on this process's clock: every process that can open the file is on the same machine. */
const sqliteTerms = (clock: Clock): Terms => ({
  columns: {
    text: sql`text`,
    json: sql`text`,
    bytes: sql`blob`,
    integer: sql`integer`,
    sequence: sql`integer primary key autoincrement`,
  },
  json: document => sql<string>`${document}`,
  now: () => sql<number>`${clock.now().getTime()}`,
  textRows: texts => sql<string>`(select value from json_each(${JSON.stringify(texts)}))`,
  // A transaction that writes has the whole file to itself.
  lockMigrations: async () => {},
  lockEvents: async () => {},
})
