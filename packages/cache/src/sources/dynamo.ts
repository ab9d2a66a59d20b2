// DynamoDB in the manner of DAX: an item cache for get and batchGet, a query cache for query and scan, and writes that
// go through. Where it is stricter than DAX, on purpose:
//
//   - What is loaded into the cache is read strongly consistent (twice the read units of a miss; not on an index). DAX
//     loads eventually consistent, so an item just forgotten could come back old and stay for its ttl.
//   - A write forgets the item, and `afterWrite: 'load'` reads it back. DAX keeps what was written; of two writers the
//     one that reaches the cache last would win there, whatever the table holds.
//   - A write forgets the queries of its table, unless `queries: 'until-ttl'`, which is DAX's way.
//
// As in DAX: a `ConsistentRead` of the caller goes to the table and is not kept; an absent item is remembered; tables
// not declared, and reads with a projection, pass through. Writes that go round this adapter (PartiQL, the console,
// other programs) are seen when the ttl ends. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.consistency.html
import type { Cache } from '../cache/cache.ts'
import type { EntryOptions } from '../cache/options.ts'
import { keyOfArguments } from '../cache/wrap.ts'
import { CacheUnavailable } from '../errors.ts'
import { readTogether } from './dynamo-batch.ts'
import {
  type DocumentClient,
  type Item,
  passesThrough,
  type QueryInput,
  type QueryOutput,
  type ScanInput,
} from './dynamo-client.ts'
import { itemKey } from './dynamo-key.ts'
import { changedBy, type Changed } from './dynamo-writes.ts'

export interface CachedTableOptions {
  /** The table's key attributes, partition key first. */
  readonly key: readonly [partition: string, sort?: string]
  /** Of items. Default `ttl: '5m'`, DAX's own. */
  readonly items?: Omit<EntryOptions, 'tags' | 'schema'>
  /** Of results of query and scan. Default `ttl: '5m'`. */
  readonly results?: Omit<EntryOptions, 'tags' | 'schema'>
  /** What a write does to results of its table. Default `'forget'`. */
  readonly queries?: 'forget' | 'until-ttl'
  /** `'load'` reads a written item back into the cache before the write returns. Default `'forget'`. */
  readonly afterWrite?: 'forget' | 'load'
}

export interface CachedDynamoOptions {
  /** Only these are cached. */
  readonly tables: Readonly<Record<string, CachedTableOptions>>
  /** Tells accounts and regions apart that share a cache. Default `'dynamodb'`. */
  readonly name?: string
  /** See `SourceOptions`: after a write the cache could not be told of. Default `'throw'`. */
  readonly onCacheFailure?: 'throw' | 'ignore'
}

/** A DynamoDBDocument with the methods that read and write items; answers carry no `$metadata`. */
export type CachedDynamo = DocumentClient

export interface DynamoTables {
  readonly cache: Cache
  readonly client: DocumentClient
  /** The options of a table, by name or ARN; undefined when it is not cached. */
  of(table: string): CachedTableOptions | undefined
  keyOf(table: string, item: Item): string
}

export function cachedDynamo(cache: Cache, client: DocumentClient, options: CachedDynamoOptions): CachedDynamo {
  const { name = 'dynamodb' } = options
  const tables: DynamoTables = {
    cache,
    client,
    of: table => options.tables[shortName(table)],
    keyOf: (table, item) =>
      `${name}:item:${shortName(table)}:${itemKey(
        options.tables[shortName(table)]!.key.filter(part => part !== undefined),
        item,
      )}`,
  }
  const tagOf = (table: string) => `${name}:queries:${shortName(table)}`
  const results = (operation: 'query' | 'scan') => resultsOf(tables, { operation, name, tagOf })
  const through = writing(tables, tagOf, options.onCacheFailure ?? 'throw')
  return {
    get: async input => {
      const table = tables.of(input.TableName)
      if (table === undefined || passesThrough(input)) return client.get(input)
      const load = async () => (await client.get({ ...input, ConsistentRead: true })).Item ?? null
      const item = await cache.getOrSet<Item | null>(tables.keyOf(input.TableName, input.Key), load, table.items)
      return item === null ? {} : { Item: item }
    },
    batchGet: input => readTogether(tables, input),
    query: results('query'),
    scan: results('scan'),
    put: input => through(changedBy.put(input), () => client.put(input)),
    update: input => through(changedBy.update(input), () => client.update(input)),
    delete: input => through(changedBy.delete(input), () => client.delete(input)),
    batchWrite: input => through(changedBy.batchWrite(input), () => client.batchWrite(input)),
    transactWrite: input => through(changedBy.transactWrite(input), () => client.transactWrite(input)),
  }
}

interface Results {
  readonly operation: 'query' | 'scan'
  readonly name: string
  readonly tagOf: (table: string) => string
}

/** The query cache: the whole request is the key, and each page is an entry. */
function resultsOf({ cache, client, of }: DynamoTables, { operation, name, tagOf }: Results) {
  const run = (input: QueryInput & ScanInput) => (operation === 'query' ? client.query(input) : client.scan(input))
  return async (input: QueryInput & ScanInput): Promise<QueryOutput> => {
    const table = of(input.TableName)
    if (table === undefined || input.ConsistentRead === true) return run(input)
    const load = async (): Promise<QueryOutput> => {
      const { Items, Count, ScannedCount, LastEvaluatedKey } = await run(
        input.IndexName === undefined ? { ...input, ConsistentRead: true } : input,
      )
      return { Items, Count, ScannedCount, LastEvaluatedKey }
    }
    const tags = table.queries === 'until-ttl' ? [] : [tagOf(input.TableName)]
    return cache.getOrSet(`${name}:${operation}:${keyOfArguments([input])}`, load, {
      ...table.results,
      tags,
    } as EntryOptions<QueryOutput>)
  }
}

/** The table first; then the items and results are forgotten, also when the write failed: its answer may have been lost. */
function writing(
  { cache, client, of, keyOf }: DynamoTables,
  tagOf: (table: string) => string,
  onCacheFailure: 'throw' | 'ignore',
) {
  const forget = async (changed: readonly Changed[]): Promise<void> => {
    const tags = new Set(
      changed.filter(({ table }) => of(table)?.queries !== 'until-ttl').map(({ table }) => tagOf(table)),
    )
    const keys = changed.map(({ table, item }) => keyOf(table, item))
    await Promise.all([
      ...keys.map(key => cache.delete(key)),
      ...(tags.size > 0 ? [cache.invalidateTags(...tags)] : []),
    ])
  }
  const loadBack = async ({ table, item }: Changed): Promise<void> => {
    const { key, items, afterWrite } = of(table)!
    if (afterWrite !== 'load') return
    const Key = Object.fromEntries(key.filter(part => part !== undefined).map(part => [part, item[part]]))
    const load = async () => (await client.get({ TableName: table, Key, ConsistentRead: true })).Item ?? null
    await cache.getOrSet<Item | null>(keyOf(table, item), load, items)
  }
  return async <T>(all: readonly Changed[], run: () => Promise<T>): Promise<T> => {
    const changed = all.filter(({ table }) => of(table) !== undefined)
    let result: T
    try {
      result = await run()
    } catch (error) {
      await forget(changed).catch(() => undefined)
      throw error
    }
    try {
      await forget(changed)
      // The write is done: failing to read it back is the next reader's to find out.
      await Promise.allSettled(changed.map(loadBack))
    } catch (error) {
      if (onCacheFailure === 'throw' || !(error instanceof CacheUnavailable)) throw error
    }
    return result
  }
}

/** A table may be called by its ARN. */
function shortName(table: string): string {
  return table.slice(table.lastIndexOf('/') + 1)
}
