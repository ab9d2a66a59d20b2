/** @hotshelf/cache with the settings it comes with: deadlines, breaker and single flight are on. */
import { Cache, type CacheOptions, connect, type Connection, locks, RateLimiter } from '@hotshelf/cache'
import { layeredLoader } from './layered-loader.ts'
import { batch, hourMs, keys, loadUser, type Running, type Subject, user, userKey, warm } from './subject.ts'

export const hotshelf = '**@hotshelf/cache**'

/**
 * Deadlines longer than the usual 100 ms: where a busy machine stalls for longer, the peers wait and so must we. A deadline
 * costs the same however long it is.
 */
const connectTo = (port: number, tracking = false): Promise<Connection> =>
  connect({ url: `redis://127.0.0.1:${port}`, tracking, required: true, readDeadline: '3s', writeDeadline: '3s' })

async function cacheOn(port: number, options: CacheOptions): Promise<{ cache: Cache; connection: Connection }> {
  const connection = await connectTo(port, options.memory !== undefined)
  return { connection, cache: new Cache(connection, options) }
}

/** A call that met its deadline loads, which is no hit: nearly none may. */
function mostlyHits({ stats }: Cache): void {
  if (stats.misses - keys > stats.hits / 1000) throw new Error(`${stats.misses} misses among ${stats.hits} hits`)
}

const running = ({ cache, connection }: { cache: Cache; connection: Connection }, operation: Running['operation']) => ({
  operation,
  check: () => mostlyHits(cache),
  close: () => {
    cache.close()
    return connection.close()
  },
})

const options = { ttl: hourMs } as const
const tagged = { ttl: hourMs, tags: ['users', 'team:7', 'city:london'] } as const

async function hit(port: number): Promise<Running> {
  const made = await cacheOn(port, { namespace: 'hot' })
  const operation = (i: number) => made.cache.getOrSet(userKey(i), loadUser, options)
  await warm(operation)
  return running(made, operation)
}

async function hitWithTags(port: number): Promise<Running> {
  const made = await cacheOn(port, { namespace: 'hot-tags' })
  const operation = (i: number) => made.cache.getOrSet(userKey(i), loadUser, tagged)
  await warm(operation)
  return running(made, operation)
}

async function hitInMemory(port: number): Promise<Running> {
  const made = await cacheOn(port, { namespace: 'hot-memory', memory: {} })
  const operation = (i: number) => made.cache.getOrSet(userKey(i), loadUser, options)
  await warm(operation)
  return running(made, operation)
}

/** Both in one process: the difference is smaller than what two runs differ by. */
async function hitInMemoryBesideLayeredLoader(port: number): Promise<Running> {
  const [ours, theirs] = [await hitInMemory(port), await layeredLoader(port, true)]
  return {
    ...ours,
    baseline: theirs.operation,
    close: async () => {
      await theirs.close()
      await ours.close()
    },
  }
}

async function getMany(port: number): Promise<Running> {
  const made = await cacheOn(port, { namespace: 'hot-many' })
  const names = Array.from({ length: batch }, (_, i) => userKey(i))
  for (const name of names) await made.cache.set(name, user, options)
  return running(made, async () => {
    const found = await made.cache.getMany(names)
    if (found.size !== batch) throw new Error(`${found.size} of ${batch} found`)
  })
}

function limit(algorithm: 'gcra' | 'fixedWindow') {
  return async (port: number): Promise<Running> => {
    const connection = await connectTo(port)
    const limiter = new RateLimiter(connection, {
      name: `bench-${algorithm}`,
      algorithm,
      limit: 1_000_000,
      window: '1m',
      whenUnavailable: 'deny',
    })
    const operation = async (i: number) => {
      if (!(await limiter.consume(userKey(i))).allowed) throw new Error('refused')
    }
    return { operation, close: () => connection.close() }
  }
}

async function lock(port: number): Promise<Running> {
  const connection = await connectTo(port)
  const mutex = locks(connection)
  const operation = async (i: number) => {
    const held = await mutex.acquire(`job:${i % (10 * keys)}`)
    if (!(await held.release())) throw new Error('lost')
  }
  return { operation, close: () => connection.close() }
}

export const hotshelfSubjects: readonly Subject[] = [
  { feature: 'hit', library: hotshelf, open: hit },
  { feature: 'hit-memory', library: hotshelf, open: hitInMemory },
  {
    feature: 'hit-memory',
    library: hotshelf,
    note: 'beside layered-loader in the same rounds',
    open: hitInMemoryBesideLayeredLoader,
  },
  { feature: 'hit-tags', library: hotshelf, open: hitWithTags },
  { feature: 'get-many', library: hotshelf, open: getMany },
  { feature: 'limit', library: hotshelf, note: 'gcra', open: limit('gcra') },
  { feature: 'limit', library: hotshelf, note: 'fixedWindow', open: limit('fixedWindow') },
  { feature: 'lock', library: hotshelf, note: 'with fencing number', open: lock },
]
