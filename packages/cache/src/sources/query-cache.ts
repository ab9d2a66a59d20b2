// What all sources share: a query's answer is cached under its text and parameters, and tagged with the tables it reads;
// a write names the tables it changes, and makes every answer from them a miss.
//
// Order of a write: the database first, then the tags. An answer that was being read while the tables changed carries the
// tags' old versions, so it is a miss even when it is stored after the write. What stays: between the commit and the
// change of the tags a hit may be old, and a process that dies between the two leaves it old until its ttl ends.
import type { Cache } from '../cache/cache.ts'
import type { EntryOptions, LoadContext } from '../cache/options.ts'
import { keyOfArguments } from '../cache/wrap.ts'
import { CacheUnavailable, InvalidOption } from '../errors.ts'

export interface SourceOptions extends Omit<EntryOptions, 'tags' | 'schema'> {
  /** Tells databases apart that share a cache; part of keys and tags. Default `'db'`. */
  readonly name?: string
  /**
   * After a write whose tables could not be told to the cache: `'throw'` (default) CacheUnavailable, although the
   * database keeps the write; `'ignore'` accepts old answers until their ttl ends.
   */
  readonly onCacheFailure?: 'throw' | 'ignore'
}

export interface ReadOptions<T> extends Omit<EntryOptions<T>, 'tags'> {
  /** What the answer depends on: `'users'`. Schema, quotes and case make no difference. */
  readonly tables?: readonly string[]
  /** Who asks, when the same query answers differently: a tenant, a role under row-level security, a search path. */
  readonly scope?: string
}

export interface WriteOptions {
  /** What it changes, triggers and cascades included. */
  readonly tables?: readonly string[]
}

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

export interface QueryCache {
  readonly name: string
  /** Equal text and equal values, type by type, give equal keys: 1, '1', 1n and a Date never meet. */
  key(statement: Statement, scope?: string): string
  read<T>(statement: Statement, load: (context: LoadContext) => Promise<T>, options: ReadOptions<T>): Promise<T>
  /** Run a write, then forget what was read from the tables, also when it failed: it may have happened. */
  write<T>(tables: readonly string[], run: () => Promise<T>): Promise<T>
  /** Forget every answer and row of these tables: after a transaction of your own, a migration, a restore. */
  changed(...tables: string[]): Promise<void>
  /** Like `write`, for one row whose own entry is looked after elsewhere. */
  writeRow<T>(tables: readonly string[], run: () => Promise<T>): Promise<T>
  /** Tags of entries that are one row each. */
  rowTags(tables: readonly string[]): readonly string[]
}

export function queryCache(cache: Cache, options: SourceOptions = {}): QueryCache {
  const { name = 'db', onCacheFailure = 'throw', ...defaults } = options
  if (name === '') throw new InvalidOption('name: a source has a name, it is the prefix of the keys')
  const tagsOf = (kind: 'queries' | 'rows', tables: readonly string[]) =>
    [...new Set(named(tables).map(tableName))].map(table => `${name}:${kind}:${table}`)

  const forget = async (tags: readonly string[]): Promise<void> => {
    try {
      await cache.invalidateTags(...tags)
    } catch (error) {
      if (onCacheFailure === 'throw' || !(error instanceof CacheUnavailable)) throw error
    }
  }
  const writing = async <T>(tags: readonly string[], run: () => Promise<T>): Promise<T> => {
    let result: T
    try {
      result = await run()
    } catch (error) {
      await forget(tags).catch(() => undefined)
      throw error
    }
    await forget(tags)
    return result
  }
  const key = ({ text, values }: Statement, scope?: string) =>
    `${name}:${keyOfArguments([{ text, values: [...values], scope }])}`

  return {
    name,
    key,
    rowTags: tables => tagsOf('rows', tables),
    read: async (statement, load, { tables, scope, ...entry }) => {
      const tags = tagsOf('queries', tables ?? [])
      return cache.getOrSet(key(statement, scope), load, { ...(defaults as typeof entry), ...entry, tags })
    },
    write: async (tables, run) => writing([...tagsOf('queries', tables), ...tagsOf('rows', tables)], run),
    writeRow: async (tables, run) => writing(tagsOf('queries', tables), run),
    changed: async (...tables) => forget([...tagsOf('queries', tables), ...tagsOf('rows', tables)]),
  }
}

/**
 * The last part, unquoted, in lower case. `public.users`, `"users"` and `Users` are one table here: to forget too much
 * costs a read, to forget too little serves what is gone.
 */
export function tableName(table: string): string {
  return table
    .slice(table.lastIndexOf('.') + 1)
    .replace(/["'`[\]]/g, '')
    .trim()
    .toLowerCase()
}

function named(tables: readonly string[]): readonly string[] {
  if (tables.length === 0) {
    throw new InvalidOption('tables: name what the query reads or changes; without them nothing could forget it')
  }
  return tables
}
