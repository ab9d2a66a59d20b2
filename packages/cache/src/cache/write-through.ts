// Read-through and write-through: the loader and the writer are declared once, and the repository keeps cache and
// database together.
//
// Rules of a write, in this order:
//   1. The database first. When it fails, nothing else happens: the cache keeps what the database still holds, and the
//      error is the caller's.
//   2. Then the cache. When the server is away, the database keeps the write (nothing is rolled back, for it is true) and
//      the entry is deleted; when even that fails the caller gets CacheUnavailable, because others may read the old value
//      until its ttl ends. `onCacheFailure: 'ignore'` accepts that.
//   3. Two writers of one key may reach the cache in another order than the database. `afterWrite: 'delete'` (the default)
//      is immune: the next reader loads. `'set'` saves that load and is for keys with one writer at a time.
import { CacheUnavailable } from '../errors.ts'
import type { Cache } from './cache.ts'
import type { EntryOptions, LoadContext } from './options.ts'

export interface RepositoryOptions<Id, T> extends EntryOptions<T> {
  /** Prefix of the keys. */
  readonly name: string
  readonly load: (id: Id, context: LoadContext) => T | Promise<T>
  /** Writes to the database and returns what it now holds; `null` for gone. */
  readonly write?: (id: Id, value: T) => T | Promise<T>
  readonly remove?: (id: Id) => unknown
  /** Default: the id as text. */
  readonly key?: (id: Id) => string
  readonly afterWrite?: 'delete' | 'set'
  readonly onCacheFailure?: 'throw' | 'ignore'
}

export interface Repository<Id, T> {
  get(id: Id): Promise<T>
  /** The value as the database now holds it. */
  set(id: Id, value: T): Promise<T>
  remove(id: Id): Promise<void>
  /** The key of an id, for invalidation by other means. */
  key(id: Id): string
}

export function repository<Id, T>(cache: Cache, options: RepositoryOptions<Id, T>): Repository<Id, T> {
  const {
    name,
    load,
    write,
    remove,
    key: part = String,
    afterWrite = 'delete',
    onCacheFailure = 'throw',
    ...entry
  } = options
  const key = (id: Id) => `${name}:${part(id)}`

  const afterwards = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      if (onCacheFailure === 'throw' || !(error instanceof CacheUnavailable)) throw error
    }
  }

  return {
    key,
    get: id => cache.getOrSet(key(id), context => load(id, context), entry),
    set: async (id, value) => {
      if (!write) throw new TypeError(`repository ${name} was declared without \`write\``)
      const written = await write(id, value)
      await afterwards(async () => {
        if (afterWrite === 'set' && (await cache.set(key(id), written, entry))) return
        await cache.delete(key(id))
      })
      return written
    },
    remove: async id => {
      if (!remove) throw new TypeError(`repository ${name} was declared without \`remove\``)
      await remove(id)
      await afterwards(() => cache.delete(key(id)))
    },
  }
}
