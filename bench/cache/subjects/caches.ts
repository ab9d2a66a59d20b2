/** The other caches, each set up as its documentation says, on the client it asks for. */
import KeyvRedis from '@keyv/redis'
import { createClient } from '@redis/client'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { createCache } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv'
import { batch, hourMs, loadUser, type Running, type Subject, user, userKey, warm } from './subject.ts'

const urlOf = (port: number): string => `redis://127.0.0.1:${port}`
const names = Array.from({ length: batch }, (_, i) => userKey(i))

/** The least that a cache can do: what a library adds is the distance from here. */
async function byHand(port: number): Promise<Running> {
  const redis = createClient({ url: urlOf(port), commandOptions: { timeout: undefined } })
  redis.on('error', () => {})
  await redis.connect()
  const operation = async (i: number) => {
    const key = `hand:${userKey(i)}`
    const found = await redis.get(key)
    if (found !== null) return JSON.parse(found) as typeof user
    const loaded = await loadUser()
    await redis.set(key, JSON.stringify(loaded), { expiration: { type: 'PX', value: hourMs } })
    return loaded
  }
  await warm(operation)
  return { operation, close: () => redis.destroy() }
}

async function manyByHand(port: number): Promise<Running> {
  const redis = createClient({ url: urlOf(port), commandOptions: { timeout: undefined } })
  redis.on('error', () => {})
  await redis.connect()
  for (const name of names) await redis.set(name, JSON.stringify(user))
  const operation = async () => (await redis.mGet(names)).map(text => JSON.parse(text!) as typeof user)
  return { operation, close: () => redis.destroy() }
}

interface Bento {
  readonly memory: boolean
  readonly tags?: string[]
}

async function bento(port: number, { memory, tags }: Bento): Promise<Running> {
  const connection = { host: '127.0.0.1', port }
  const levels = memory
    ? bentostore()
        .useL1Layer(memoryDriver({ maxItems: 10_000, serialize: false }))
        .useBus(redisBusDriver({ connection }))
    : bentostore()
  const store = levels.useL2Layer(redisDriver({ connection }))
  const prefix = `bento-${memory}-${tags?.length ?? 0}`
  const cache = new BentoCache({ default: 'main', stores: { main: store }, prefix, ttl: '1h' })
  const operation = (i: number) =>
    cache.getOrSet({ key: userKey(i), factory: loadUser, ttl: '1h', ...(tags && { tags }) })
  await warm(operation)
  return { operation, close: () => cache.disconnectAll() }
}

async function cacheManager(port: number): Promise<Running> {
  const stores = [new Keyv({ store: new KeyvRedis(urlOf(port)), namespace: 'cache-manager' })]
  const cache = createCache({ stores, ttl: hourMs })
  const operation = (i: number) => cache.wrap(userKey(i), loadUser, hourMs)
  await warm(operation)
  return { operation, close: () => cache.disconnect() }
}

async function keyv(port: number): Promise<Running> {
  const cache = new Keyv(new KeyvRedis(urlOf(port)), { namespace: 'keyv' })
  const operation = async (i: number) => {
    const found = (await cache.get(userKey(i))) as typeof user | undefined
    if (found !== undefined) return found
    const loaded = await loadUser()
    await cache.set(userKey(i), loaded, hourMs)
    return loaded
  }
  await warm(operation)
  return { operation, close: () => cache.disconnect() }
}

async function keyvMany(port: number): Promise<Running> {
  const cache = new Keyv(new KeyvRedis(urlOf(port)), { namespace: 'keyv-many' })
  for (const name of names) await cache.set(name, user, hourMs)
  return { operation: () => cache.get(names), close: () => cache.disconnect() }
}

async function cacheable(port: number): Promise<Running> {
  const cache = new Cacheable({ secondary: new KeyvRedis(urlOf(port)), ttl: hourMs })
  const operation = (i: number) => cache.getOrSet(`cacheable:${userKey(i)}`, loadUser, { ttl: hourMs })
  await warm(operation)
  return { operation, close: () => cache.disconnect() }
}

export const cacheSubjects: readonly Subject[] = [
  { feature: 'hit', library: 'by hand: @redis/client', open: byHand },
  { feature: 'hit', library: 'bentocache', open: port => bento(port, { memory: false }) },
  { feature: 'hit', library: 'cache-manager + keyv', open: cacheManager },
  { feature: 'hit', library: 'keyv', open: keyv },
  {
    feature: 'hit-memory',
    library: 'bentocache',
    note: 'serialize: false',
    open: port => bento(port, { memory: true }),
  },
  { feature: 'hit-memory', library: 'cacheable', open: cacheable },
  {
    feature: 'hit-tags',
    library: 'bentocache',
    open: port => bento(port, { memory: false, tags: ['users', 'team:7', 'city:london'] }),
  },
  { feature: 'get-many', library: 'by hand: @redis/client', open: manyByHand },
  { feature: 'get-many', library: 'keyv', open: keyvMany },
]
