// MySQL and MariaDB through `mysql2/promise`: a pool with a cache in front. Statements are prepared (`execute`), so
// parameters travel with their types.
import type { Cache } from '../cache/cache.ts'
import { queryCache, type ReadOptions, type SourceOptions, type WriteOptions } from './query-cache.ts'
import { queryRepository, type QueryRepository, type QueryRepositoryOptions } from './query-repository.ts'

/** What of mysql2's promise pool is used: rows for a SELECT, a header for anything else. */
export interface MysqlPool {
  execute(sql: string, values: never[]): Promise<readonly [unknown, ...unknown[]]>
}

export interface MysqlWritten {
  readonly affectedRows: number
  readonly insertId: number
}

export interface CachedMysql {
  query<Row>(text: string, values: readonly unknown[], options: ReadOptions<readonly Row[]>): Promise<readonly Row[]>
  /** The first row, or `null`, which is remembered for `negativeTtl` only. */
  first<Row>(text: string, values: readonly unknown[], options: ReadOptions<Row | null>): Promise<Row | null>
  write(text: string, values: readonly unknown[], options: WriteOptions): Promise<MysqlWritten>
  repository<Id, Row>(options: QueryRepositoryOptions<Id, Row>): QueryRepository<Id, Row>
  /** After a transaction of your own. */
  changed(...tables: string[]): Promise<void>
  key(text: string, values: readonly unknown[], scope?: string): string
}

export function cachedMysql(cache: Cache, pool: MysqlPool, options: SourceOptions = {}): CachedMysql {
  const queries = queryCache(cache, options)
  const execute = async (text: string, values: readonly unknown[]): Promise<unknown> =>
    (await pool.execute(text, [...values] as never[]))[0]
  const rowsOf = async <Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    const rows = await execute(text, values)
    // Some versions make rows of a class of their own; the cache keeps plain objects only.
    return Array.isArray(rows) ? rows.map(row => ({ ...(row as Row) })) : []
  }
  return {
    query: (text, values, read) => queries.read({ text, values }, () => rowsOf<never>(text, values), read),
    first: <Row>(text: string, values: readonly unknown[], read: ReadOptions<Row | null>) =>
      queries.read<Row | null>(
        { text: `first ${text}`, values },
        async () => (await rowsOf<Row>(text, values))[0] ?? null,
        read,
      ),
    write: (text, values, { tables = [] }) =>
      queries.write(tables, async () => {
        const { affectedRows = 0, insertId = 0 } = (await execute(text, values)) as Partial<MysqlWritten>
        return { affectedRows, insertId }
      }),
    repository: of => queryRepository({ cache, queries, run: ({ text, values }) => rowsOf(text, values) }, of),
    changed: queries.changed,
    key: (text, values, scope) => queries.key({ text, values }, scope),
  }
}
