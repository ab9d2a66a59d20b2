// PostgreSQL through `pg`: a Pool with a cache in front. Rows are cached as pg parses them; a type whose parser makes a
// class (interval) is refused by the cache with Uncacheable, so cast it to text.
import type { Cache } from '../cache/cache.ts'
import { queryCache, type ReadOptions, type SourceOptions, type WriteOptions } from './query-cache.ts'
import { queryRepository, type QueryRepository, type QueryRepositoryOptions } from './query-repository.ts'

/** What of pg's Client and Pool is used. */
export interface PgClient {
  query(config: { text: string; values: unknown[] }): Promise<{ rows: unknown[]; rowCount: number | null }>
}

export interface PgPool extends PgClient {
  connect(): Promise<PgClient & { release(error?: Error | boolean): void }>
}

export interface PgResult<Row> {
  readonly rows: readonly Row[]
  readonly rowCount: number
}

/** Inside a transaction nothing is cached: what it reads is not there yet for others. */
export interface PgTransaction {
  query<Row>(text: string, values?: readonly unknown[]): Promise<PgResult<Row>>
  /** Its tables are forgotten after COMMIT. */
  write<Row>(text: string, values: readonly unknown[], options: WriteOptions): Promise<PgResult<Row>>
}

export interface CachedPg {
  query<Row>(text: string, values: readonly unknown[], options: ReadOptions<readonly Row[]>): Promise<readonly Row[]>
  /** The first row, or `null`, which is remembered for `negativeTtl` only. */
  first<Row>(text: string, values: readonly unknown[], options: ReadOptions<Row | null>): Promise<Row | null>
  write<Row>(text: string, values: readonly unknown[], options: WriteOptions): Promise<PgResult<Row>>
  transaction<T>(work: (transaction: PgTransaction) => Promise<T>): Promise<T>
  repository<Id, Row>(options: QueryRepositoryOptions<Id, Row>): QueryRepository<Id, Row>
  changed(...tables: string[]): Promise<void>
  key(text: string, values: readonly unknown[], scope?: string): string
}

export function cachedPg(cache: Cache, pool: PgPool, options: SourceOptions = {}): CachedPg {
  const queries = queryCache(cache, options)
  return {
    query: (text, values, read) =>
      queries.read({ text, values }, async () => (await run<never>(pool, text, values)).rows, read),
    // Another text, so that the rows and the first of them never share a key.
    first: <Row>(text: string, values: readonly unknown[], read: ReadOptions<Row | null>) =>
      queries.read<Row | null>(
        { text: `first ${text}`, values },
        async () => (await run<Row>(pool, text, values)).rows[0] ?? null,
        read,
      ),
    write: (text, values, { tables = [] }) => queries.write(tables, () => run(pool, text, values)),
    transaction: work => transaction(pool, work, (tables, commit) => queries.write(tables, commit)),
    repository: of =>
      queryRepository({ cache, queries, run: async ({ text, values }) => (await run(pool, text, values)).rows }, of),
    changed: queries.changed,
    key: (text, values, scope) => queries.key({ text, values }, scope),
  }
}

async function run<Row>(client: PgClient, text: string, values: readonly unknown[]): Promise<PgResult<Row>> {
  const { rows, rowCount } = await client.query({ text, values: [...values] })
  return { rows: rows as Row[], rowCount: rowCount ?? 0 }
}

/** A client whose ROLLBACK failed is not given back to the pool. */
async function transaction<T>(
  pool: PgPool,
  work: (transaction: PgTransaction) => Promise<T>,
  committing: (tables: readonly string[], commit: () => Promise<unknown>) => Promise<unknown>,
): Promise<T> {
  const client = await pool.connect()
  const changed = new Set<string>()
  let broken: Error | undefined
  const command = (text: string) => run(client, text, [])
  try {
    await command('BEGIN')
    const result = await work({
      query: (text, values = []) => run(client, text, values),
      write: (text, values, { tables = [] }) => {
        for (const table of tables) changed.add(table)
        return run(client, text, values)
      },
    })
    if (changed.size === 0) await command('COMMIT')
    else await committing([...changed], () => command('COMMIT'))
    return result
  } catch (error) {
    await command('ROLLBACK').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    client.release(broken)
  }
}
