/** Opens what a URL names: connects, brings the tables up to date, proves the key, and only then hands out a store. */
import type { Clock, Doorbell, Store } from '@hotshelf/domain'
import type { Database } from './database.ts'
import { openPostgres } from './dialects/postgres.ts'
import { openSqlite } from './dialects/sqlite.ts'
import { migrate } from './migrations/migrate.ts'
import { parsePlace } from './place.ts'
import { checkSealKey } from './secrets.ts'
import { sessionOf } from './session.ts'
import { storeOn } from './store.ts'

export interface StoreOptions {
  /** `sqlite:<path>`, a plain path, `:memory:`, or `postgres://user:password@host/database`. */
  readonly url: string
  /** 32 bytes; see `loadSealKey`. */
  readonly sealKey: Uint8Array
  /** Leases on SQLite run on it; the machine's clock by default. */
  readonly clock?: Clock
}

/** A store, and the bell that servers on the same database share. */
export interface OpenStore extends Store {
  readonly doorbell: Doorbell
}

/** Throws StoreUnusable when a person has to act first, Unavailable when trying again later may help. */
export async function openStore({ url, sealKey, clock = { now: () => new Date() } }: StoreOptions): Promise<OpenStore> {
  const place = parsePlace(url)
  const database = place.kind === 'postgres' ? await openPostgres(place) : openSqlite(place, clock)
  await prepare(database, sealKey)
  const store = storeOn(sessionOf(database), sealKey, () => database.close())
  return { ...store, doorbell: database.doorbell }
}

async function prepare(database: Database, sealKey: Uint8Array): Promise<void> {
  try {
    await migrate(database)
    await checkSealKey(database, sealKey)
  } catch (error) {
    await database.close()
    throw error
  }
}
