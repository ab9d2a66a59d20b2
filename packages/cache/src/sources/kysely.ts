// Kysely's query builders, cached. The tables are found in the query itself; what stands as text in a raw `sql` fragment,
// and the tables behind a view, must be named with `tables`, which adds to those found.
import type { Cache } from '../cache/cache.ts'
import { queryCache, type ReadOptions, type SourceOptions, type WriteOptions } from './query-cache.ts'

/** A select, insert, update, delete or merge builder of Kysely 0.27 or later. */
export interface KyselyQuery<Row> {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[]; readonly query: object }
  execute(): Promise<Row[]>
}

export interface CachedKysely {
  query<Row>(query: KyselyQuery<Row>, options?: ReadOptions<readonly Row[]>): Promise<readonly Row[]>
  /** The first row, or `null`, which is remembered for `negativeTtl` only. */
  first<Row>(query: KyselyQuery<Row>, options?: ReadOptions<Row | null>): Promise<Row | null>
  write<Row>(query: KyselyQuery<Row>, options?: WriteOptions): Promise<readonly Row[]>
  /** After a transaction: `await db.transaction().execute(…)`, then this. */
  changed(...tables: string[]): Promise<void>
  key(query: KyselyQuery<unknown>, scope?: string): string
}

export function cachedKysely(cache: Cache, options: SourceOptions = {}): CachedKysely {
  const queries = queryCache(cache, options)
  const readingFrom = (query: object, tables: readonly string[] = []) => [...tables, ...tablesIn(query)]
  return {
    query: async (query, read = {}) => {
      const { sql, parameters, query: node } = query.compile()
      const from = { ...read, tables: readingFrom(node, read.tables) }
      return queries.read({ text: sql, values: parameters }, () => query.execute(), from)
    },
    first: async <Row>(query: KyselyQuery<Row>, read: ReadOptions<Row | null> = {}) => {
      const { sql, parameters, query: node } = query.compile()
      const from = { ...read, tables: readingFrom(node, read.tables) }
      const load = async () => (await query.execute())[0] ?? null
      return queries.read<Row | null>({ text: `first ${sql}`, values: parameters }, load, from)
    },
    write: async (query, { tables = [] } = {}) =>
      queries.write([...tables, ...writtenIn(query.compile().query)], () => query.execute()),
    changed: queries.changed,
    key: (query, scope) => {
      const { sql, parameters } = query.compile()
      return queries.key({ text: sql, values: parameters }, scope)
    },
  }
}

type Node = Readonly<Record<string, unknown>> & { readonly kind?: unknown }

const WRITES: Readonly<Record<string, string>> = {
  InsertQueryNode: 'into',
  UpdateQueryNode: 'table',
  DeleteQueryNode: 'from',
  MergeQueryNode: 'into',
}

/** Names of all tables in a query's tree, those of its CTEs and subqueries too. */
function tablesIn(tree: unknown): readonly string[] {
  return [...nodesIn(tree)].flatMap(node => (node.kind === 'TableNode' ? tableOf(node) : []))
}

/** Those it changes, in data-modifying CTEs as well. */
function writtenIn(tree: unknown): readonly string[] {
  return [...nodesIn(tree)].flatMap(node => {
    const target = WRITES[String(node.kind)]
    return target === undefined ? [] : tablesIn(node[target])
  })
}

function* nodesIn(tree: unknown): Generator<Node> {
  if (typeof tree !== 'object' || tree === null) return
  if (!Array.isArray(tree)) yield tree as Node
  for (const part of Object.values(tree)) yield* nodesIn(part)
}

function tableOf(node: Node): readonly string[] {
  const identifier = (node['table'] as Node | undefined)?.['identifier'] as Node | undefined
  return typeof identifier?.['name'] === 'string' ? [identifier['name']] : []
}
