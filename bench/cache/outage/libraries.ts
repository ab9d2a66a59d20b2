/** Read and load, by each library as its documentation sets it up: what it does untold. */
import KeyvRedis from '@keyv/redis'
import { Cache, connect } from '@hotshelf/cache'
import { createClient } from '@redis/client'
import { GlideClient } from '@valkey/valkey-glide'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { createCache } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { Redis as Redis5 } from 'ioredis'
import { Redis } from 'ioredis6'
import { Keyv } from 'keyv'
import { Loader, RedisCache } from 'layered-loader'

export type GetOrSet = (key: string, load: () => Promise<string>) => Promise<unknown>

export interface Library {
  readonly name: string
  open(port: number): Promise<GetOrSet>
}

const host = '127.0.0.1'
const hourMs = 3_600_000
const urlOf = (port: number): string => `redis://${host}:${port}`

/** What everybody writes who has no library: an error is a miss. */
function byHand(
  get: (key: string) => Promise<string | null>,
  set: (key: string, value: string) => Promise<unknown>,
): GetOrSet {
  return async (key, load) => {
    const found = await get(key).catch(() => null)
    if (found !== null) return found
    const loaded = await load()
    await set(key, loaded).catch(() => undefined)
    return loaded
  }
}

async function bentocache(port: number, memory: boolean): Promise<GetOrSet> {
  const connection = { host, port }
  const first = memory ? bentostore().useL1Layer(memoryDriver()).useBus(redisBusDriver({ connection })) : bentostore()
  const stores = { main: first.useL2Layer(redisDriver({ connection })) }
  const cache = new BentoCache({ default: 'main', stores, ttl: '1h' })
  return (key, load) => cache.getOrSet({ key, factory: load })
}

export const libraries: readonly Library[] = [
  {
    name: '**`@hotshelf/cache`**',
    async open(port) {
      const cache = new Cache(await connect({ url: urlOf(port) }))
      return (key, load) => cache.getOrSet(key, load)
    },
  },
  {
    name: '**`@hotshelf/cache`**, two levels',
    async open(port) {
      const cache = new Cache(await connect({ url: urlOf(port), tracking: true }), { memory: {} })
      return (key, load) => cache.getOrSet(key, load)
    },
  },
  {
    name: 'layered-loader 14.2.2',
    async open(port) {
      const redis = new Redis5({ port, host })
      redis.on('error', () => {})
      const store = new RedisCache<string>(redis as never, { ttlInMsecs: hourMs })
      const loads = new Map<string, () => Promise<string>>()
      const loader = new Loader<string>({
        asyncCache: store as never,
        dataSources: [{ name: 'database', get: key => loads.get(String(key))!(), getMany: async () => [] }],
      })
      return (key, load) => {
        loads.set(key, load)
        return loader.get(key)
      }
    },
  },
  { name: 'bentocache 1.6.1', open: port => bentocache(port, false) },
  { name: 'bentocache 1.6.1, two levels', open: port => bentocache(port, true) },
  {
    name: 'cache-manager 7.2.9 with @keyv/redis 5.1.6',
    async open(port) {
      const store = new Keyv({ store: new KeyvRedis(urlOf(port)) })
      store.on('error', () => {})
      const cache = createCache({ stores: [store] })
      return (key, load) => cache.wrap(key, load, hourMs)
    },
  },
  {
    name: 'keyv 5.6.0 with @keyv/redis 5.1.6',
    async open(port) {
      const cache = new Keyv(new KeyvRedis(urlOf(port)))
      cache.on('error', () => {})
      return async (key, load) => {
        const found = (await cache.get(key)) as string | undefined
        if (found !== undefined) return found
        const loaded = await load()
        await cache.set(key, loaded, hourMs)
        return loaded
      }
    },
  },
  {
    name: 'cacheable 2.5.0, memory and @keyv/redis',
    async open(port) {
      const cache = new Cacheable({ secondary: new KeyvRedis(urlOf(port)) })
      cache.on('error', () => {})
      return (key, load) => cache.getOrSet(key, load)
    },
  },
  {
    name: 'ioredis 6.0.0 by hand',
    async open(port) {
      const redis = new Redis({ port, host })
      redis.on('error', () => {})
      return byHand(
        key => redis.get(key),
        (key, value) => redis.set(key, value),
      )
    },
  },
  {
    name: '@redis/client 6.3.1 by hand',
    async open(port) {
      const redis = createClient({ url: urlOf(port) })
      redis.on('error', () => {})
      await redis.connect()
      return byHand(
        key => redis.get(key),
        (key, value) => redis.set(key, value),
      )
    },
  },
  {
    name: 'valkey-glide 2.5.2 by hand',
    async open(port) {
      const redis = await GlideClient.createClient({ addresses: [{ host, port }] })
      return byHand(
        async key => (await redis.get(key)) as string | null,
        (key, value) => redis.set(key, value),
      )
    },
  },
]
