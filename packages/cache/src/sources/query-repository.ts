// Rows by id with the queries declared once: read-through, and write-through in the order database, row, answers. The
// row's entry is forgotten or set as in `repository`; the answers of queries over its tables are forgotten.
import type { Cache } from '../cache/cache.ts'
import type { EntryOptions } from '../cache/options.ts'
import { repository } from '../cache/write-through.ts'
import type { QueryCache, Statement } from './query-cache.ts'

export interface QueryRepositoryOptions<Id, T> extends Omit<EntryOptions<T | null>, 'tags'> {
  /** Prefix of the rows' keys. */
  readonly name: string
  readonly tables: readonly string[]
  /** Selects the row; none is remembered as `null` for `negativeTtl`. */
  readonly load: (id: Id) => Statement
  /** Writes it. With RETURNING that row counts; otherwise it is read again, for defaults and triggers change rows. */
  readonly write?: (id: Id, value: T) => Statement
  readonly remove?: (id: Id) => Statement
  /** See `RepositoryOptions`: `'set'` only where each row has one writer at a time. Default `'delete'`. */
  readonly afterWrite?: 'delete' | 'set'
}

export interface QueryRepository<Id, T> {
  get(id: Id): Promise<T | null>
  /** The row as the database now holds it. */
  set(id: Id, value: T): Promise<T | null>
  remove(id: Id): Promise<void>
  key(id: Id): string
}

export interface RowSource {
  readonly cache: Cache
  readonly queries: QueryCache
  readonly run: (statement: Statement) => Promise<readonly unknown[]>
}

export function queryRepository<Id, T>(
  { cache, queries, run }: RowSource,
  options: QueryRepositoryOptions<Id, T>,
): QueryRepository<Id, T> {
  const { name, tables, load, write, remove, ...entry } = options
  const first = async (statement: Statement): Promise<T | null> => ((await run(statement))[0] as T | undefined) ?? null
  const rows = repository<Id, T | null>(cache, {
    ...entry,
    name: `${queries.name}:${name}`,
    tags: queries.rowTags(tables),
    load: id => first(load(id)),
    ...(write && { write: async (id: Id, value: T | null) => (await first(write(id, value as T))) ?? first(load(id)) }),
    ...(remove && { remove: (id: Id) => run(remove(id)) }),
  })
  const changing = <R>(id: Id, work: () => Promise<R>) =>
    queries.writeRow(tables, () =>
      work().catch(async (error: unknown) => {
        // It may have happened all the same: an answer that was lost is no answer.
        await cache.delete(rows.key(id)).catch(() => undefined)
        throw error
      }),
    )
  return {
    key: rows.key,
    get: rows.get,
    set: (id, value) => changing(id, () => rows.set(id, value)),
    remove: id => changing(id, () => rows.remove(id)),
  }
}
