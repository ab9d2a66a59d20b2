/** The other rate limiters and locks. */
import { createClient } from '@redis/client'
import { Redis } from 'ioredis6'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { Mutex } from 'redis-semaphore'
import Redlock from 'redlock'
import { keys, type Running, type Subject, userKey } from './subject.ts'

const host = '127.0.0.1'

async function limiterOnIoredis(port: number): Promise<Running> {
  const redis = new Redis({ port, host })
  const limiter = new RateLimiterRedis({ storeClient: redis, points: 1_000_000, duration: 60, keyPrefix: 'flexible-1' })
  return { operation: i => limiter.consume(userKey(i)), close: () => redis.disconnect() }
}

async function limiterOnNodeRedis(port: number): Promise<Running> {
  const redis = createClient({ socket: { host, port }, commandOptions: { timeout: undefined } })
  redis.on('error', () => {})
  await redis.connect()
  const storing = { storeClient: redis, useRedisPackage: true, keyPrefix: 'flexible-2' }
  const limiter = new RateLimiterRedis({ ...storing, points: 1_000_000, duration: 60 })
  return { operation: i => limiter.consume(userKey(i)), close: () => redis.destroy() }
}

async function redlock(port: number): Promise<Running> {
  const redis = new Redis({ port, host })
  const mutex = new Redlock([redis as never])
  const operation = async (i: number) => {
    const held = await mutex.acquire([`redlock:${i % (10 * keys)}`], 10_000)
    await held.release()
  }
  return { operation, close: () => redis.disconnect() }
}

async function redisSemaphore(port: number): Promise<Running> {
  const redis = new Redis({ port, host })
  const operation = async (i: number) => {
    const mutex = new Mutex(redis, `job:${i % (10 * keys)}`)
    await mutex.acquire()
    await mutex.release()
  }
  return { operation, close: () => redis.disconnect() }
}

export const recipeSubjects: readonly Subject[] = [
  { feature: 'limit', library: 'rate-limiter-flexible', note: 'ioredis 6', open: limiterOnIoredis },
  { feature: 'limit', library: 'rate-limiter-flexible', note: '@redis/client 6', open: limiterOnNodeRedis },
  { feature: 'lock', library: 'redlock', open: redlock },
  { feature: 'lock', library: 'redis-semaphore', open: redisSemaphore },
]
