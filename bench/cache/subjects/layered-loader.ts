/** layered-loader: the fastest of the peers, without single flight among processes and without tags. */
import { Redis } from 'ioredis'
import { Loader, RedisCache } from 'layered-loader'
import { hourMs, loadUser, type Running, type Subject, user, userKey, warm } from './subject.ts'

function loaderOn(port: number, memory: boolean) {
  const redis = new Redis({ port, host: '127.0.0.1' })
  const loader = new Loader<typeof user>({
    inMemoryCache: memory && { cacheType: 'lru-map', ttlInMsecs: hourMs, maxItems: 10_000 },
    asyncCache: new RedisCache(redis as never, {
      json: true,
      ttlInMsecs: hourMs,
      prefix: `layered-${memory}`,
    }) as never,
    dataSources: [{ name: 'database', get: loadUser, getMany: async keys => keys.map(() => user) }],
  })
  return { loader, redis }
}

export async function layeredLoader(port: number, memory: boolean): Promise<Running> {
  const { loader, redis } = loaderOn(port, memory)
  const operation = (i: number) => loader.get(userKey(i))
  await warm(operation)
  return { operation, close: () => redis.disconnect() }
}

export const layeredLoaderSubjects: readonly Subject[] = [
  { feature: 'hit', library: 'layered-loader', open: port => layeredLoader(port, false) },
  { feature: 'hit-memory', library: 'layered-loader', open: port => layeredLoader(port, true) },
]
