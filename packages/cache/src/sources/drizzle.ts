// Drizzle's queries, cached: builders (`db.select()…`) and relational ones (`db.query.users.findMany(…)`). The tables are
// found in the query's own tree, subqueries included; those hidden in raw SQL text or behind a view must be named with
// `tables`, which adds to those found.
//
// Not through Drizzle's own cache hook: its get-then-put lets an answer read before a write be stored after it.
import type { Cache } from '../cache/cache.ts'
import { queryCache, type ReadOptions, type SourceOptions, type WriteOptions } from './query-cache.ts'

/** Any query of Drizzle 0.30 or later: awaiting it runs it. */
export interface DrizzleQuery<T> extends PromiseLike<T> {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] }
}

export interface CachedDrizzle {
  query<T>(query: DrizzleQuery<T>, options?: ReadOptions<T>): Promise<T>
  /** Forgets what was read from every table the statement mentions. */
  write<T>(query: DrizzleQuery<T>, options?: WriteOptions): Promise<T>
  /** After a transaction: `await db.transaction(…)`, then this. */
  changed(...tables: string[]): Promise<void>
  key(query: DrizzleQuery<unknown>, scope?: string): string
}

export function cachedDrizzle(cache: Cache, options: SourceOptions = {}): CachedDrizzle {
  const queries = queryCache(cache, options)
  return {
    query: async <T>(query: DrizzleQuery<T>, read: ReadOptions<T> = {}) => {
      const { sql, params } = query.toSQL()
      const tables = [...(read.tables ?? []), ...tablesIn(query)]
      // `findFirst` answers undefined for no row, which would not be remembered.
      const load = async () => ((await query) ?? null) as T
      const answer = await queries.read({ text: sql, values: params }, load, { ...read, tables })
      return answer === null ? (undefined as T) : answer
    },
    write: async (query, { tables = [] } = {}) =>
      queries.write([...tables, ...tablesIn(query)], async () => await query),
    changed: queries.changed,
    key: (query, scope) => {
      const { sql, params } = query.toSQL()
      return queries.key({ text: sql, values: params }, scope)
    },
  }
}

const BASE_NAME = Symbol.for('drizzle:BaseName')

interface Chunk {
  readonly [BASE_NAME]?: unknown
  readonly queryChunks?: unknown
  readonly table?: unknown
  readonly _?: { readonly sql?: unknown }
  /** Of a statement that writes; an UPDATE's own SQL has only the table's name. */
  readonly config?: { readonly table?: unknown }
  getSQL?(): unknown
  getUsedTables?(): readonly string[]
}

/** Tables, columns' tables, subqueries and nested fragments of a query; each part is looked at once. */
function tablesIn(part: unknown, seen = new Set<unknown>()): readonly string[] {
  if (typeof part !== 'object' || part === null || seen.has(part)) return []
  seen.add(part)
  if (Array.isArray(part)) return part.flatMap(item => tablesIn(item, seen))
  const chunk = part as Chunk
  const base = chunk[BASE_NAME]
  if (typeof base === 'string') return [base]
  const within = [chunk.queryChunks, chunk.table, chunk._?.sql, chunk.config?.table]
  // Only statements are asked for their SQL: a fragment's is itself.
  if (chunk.queryChunks === undefined && typeof chunk.getSQL === 'function') within.push(chunk.getSQL())
  return [...(chunk.getUsedTables?.() ?? []), ...within.flatMap(item => tablesIn(item, seen))]
}
