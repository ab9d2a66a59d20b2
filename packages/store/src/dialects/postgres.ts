/**
 * PostgreSQL through pg: for several servers on one database.
 * Everything that waits has a deadline, on the client's side and on the server's, so a lost peer holds nobody up.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '@hotshelf/domain'
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { Pool, type PoolConfig, types } from 'pg'
import type { Database, Queries, Terms } from '../database.ts'
import { StoreUnusable } from '../errors.ts'
import { sharedDoorbell } from '../doorbell.ts'
import type { Tables } from '../tables.ts'
import { PostgresDriver } from './postgres-driver.ts'

const connections = 10
const connectMs = 5_000
const statementMs = 10_000
/** Longer than the server's own limit, so that it only ends what the server no longer answers. */
const answerMs = 15_000
const migrationLockMs = 60_000

const oid = { int8: 20, json: 114 }

export async function openPostgres(place: { readonly url: string; readonly shown: string }): Promise<Database> {
  const config = poolConfig(place.url)
  const pool = new Pool(config)
  // An idle connection that breaks is only replaced; without a listener it would end the process.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  const driver = new PostgresDriver(pool, place.shown)
  const queries = new Kysely<Tables>({
    dialect: {
      createDriver: () => driver,
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: db => new PostgresIntrospector(db),
    },
  })
  await refuseOtherEncodings(queries, place.shown).catch(async (error: unknown) => {
    await driver.destroy()
    throw error
  })
  const doorbell = sharedDoorbell(config, payload => ringOthers(queries, payload))
  const close = async () => {
    await doorbell.close()
    await driver.destroy()
  }
  return { shown: place.shown, queries, terms: postgresTerms, doorbell, close }
}

const poolConfig = (connectionString: string): PoolConfig => ({
  connectionString,
  max: connections,
  connectionTimeoutMillis: connectMs,
  query_timeout: answerMs,
  statement_timeout: statementMs,
  // A server that dies in the middle of a transaction must not keep its locks.
  idle_in_transaction_session_timeout: answerMs,
  keepAlive: true,
  application_name: 'hotshelf',
  types: { getTypeParser: (id, format) => parserOf(id, format) },
})

/** Counters and times fit a double; JSON stays text, to be parsed in one place for both databases. */
function parserOf(id: number, format: 'text' | 'binary' | undefined) {
  if (id === oid.int8) return Number
  if (id === oid.json) return String
  return types.getTypeParser(id, format as 'text')
}

async function refuseOtherEncodings(queries: Queries, shown: string): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(queries)
  if (rows[0]?.server_encoding === 'UTF8') return
  throw new StoreUnusable(
    `The database ${shown} is encoded in ${rows[0]?.server_encoding}, not UTF8, and would refuse some names: ` +
      'create another one (createdb -E UTF8 -T template0).',
  )
}

const ringOthers = async (queries: Queries, payload: string): Promise<void> => {
  await sql`select pg_notify('hotshelf_doorbell', ${payload})`.execute(queries)
}

const postgresTerms: Terms = {
  columns: {
    text: sql`text collate "C"`,
    json: sql`json`,
    bytes: sql`bytea`,
    integer: sql`bigint`,
    sequence: sql`bigint generated always as identity primary key`,
  },
  json: document => sql<string>`cast(${document} as json)`,
  // Several servers share a lease, and their clocks need not agree: the database's clock is the one they have in common.
  now: () => sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  textRows: texts => sql<string>`(select value from json_array_elements_text(${JSON.stringify(texts)}))`,
  lockMigrations,
  lockEvents: async transaction => {
    await sql`select pg_advisory_xact_lock(hashtextextended('hotshelf events', 0))`.execute(transaction)
  },
}

/** Asks again instead of waiting in the lock, because a first start may take longer than a statement may. */
async function lockMigrations(transaction: Queries): Promise<void> {
  const deadline = Date.now() + migrationLockMs
  for (;;) {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended('hotshelf migrations', 0)) as mine`.execute(transaction)
    if (rows[0]?.mine) return
    if (Date.now() > deadline)
      throw new Unavailable('Another server has been preparing the database for a minute.', 1000)
    await sleep(50)
  }
}
