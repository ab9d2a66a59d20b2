// `@hotshelf/cache/sources`: queries made cacheable. An entry point of its own, so that a cache without a database
// carries none of it; no driver is imported, their shapes are enough.
export { type CachedDrizzle, cachedDrizzle, type DrizzleQuery } from './drizzle.ts'
export {
  type CachedDynamo,
  cachedDynamo,
  type CachedDynamoOptions,
  type CachedTableOptions,
} from './dynamo.ts'
export { type DocumentClient, type Item } from './dynamo-client.ts'
export { type CachedKysely, cachedKysely, type KyselyQuery } from './kysely.ts'
export { type CachedMysql, cachedMysql, type MysqlPool, type MysqlWritten } from './mysql.ts'
export { type CachedPg, cachedPg, type PgClient, type PgPool, type PgResult, type PgTransaction } from './pg.ts'
export {
  type QueryCache,
  queryCache,
  type ReadOptions,
  type SourceOptions,
  type Statement,
  type WriteOptions,
} from './query-cache.ts'
export { type QueryRepository, type QueryRepositoryOptions } from './query-repository.ts'
