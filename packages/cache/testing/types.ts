// The public types, checked by the compiler: `@ts-expect-error` lines must fail, the others must not. Never run.
import { createClient, createCluster } from '@redis/client'
import { createClient as createClient5, createCluster as createCluster5 } from 'redis5'
import { Cluster, Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import type { GlideClient, GlideClusterClient } from '@valkey/valkey-glide'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import {
  bind,
  Cache,
  type Connection,
  fromGlide,
  fromIoredis,
  fromNodeRedis,
  keyOf,
  locks,
  RateLimiter,
  repository,
  Sessions,
} from '../src/index.ts'

declare const connection: Connection
declare const glide: GlideClient
declare const glideCluster: GlideClusterClient

// Every client is taken as its own package types it, without a cast.
bind(fromNodeRedis(createClient()))
bind(fromNodeRedis(createClient({ RESP: 3, emitInvalidate: true })))
bind(fromNodeRedis(createCluster({ rootNodes: [] })))
bind(fromNodeRedis(createClient5()))
bind(fromNodeRedis(createCluster5({ rootNodes: [] })))
bind(fromIoredis(new Redis()))
bind(fromIoredis(new Cluster([])))
bind(fromIoredis(new Redis5()))
bind(fromGlide(glide))
bind(fromGlide(glideCluster))
// @ts-expect-error a client is not a connection
export const wrong = new Cache(new Redis())

const cache = new Cache(connection)
expectTypeOf(cache.getOrSet('k', () => 1)).resolves.toEqualTypeOf<number>()
expectTypeOf(cache.getOrSet('k', async () => ({ id: 1 }))).resolves.toEqualTypeOf<{ id: number }>()
expectTypeOf(cache.getOrSet('k', (): string | null => null)).resolves.toEqualTypeOf<string | null>()
expectTypeOf(cache.get('k')).resolves.toEqualTypeOf<unknown>()
expectTypeOf(cache.get('k', { schema: z.object({ id: z.number() }) })).resolves.toEqualTypeOf<
  { id: number } | undefined
>()
expectTypeOf(cache.getMany<number>(['a'])).resolves.toEqualTypeOf<Map<string, number>>()
expectTypeOf(cache.getOrSetMany(['a'], keys => keys.map(() => 1))).resolves.toEqualTypeOf<Map<string, number>>()
void cache.set('k', 1, { ttl: '5m' })
// @ts-expect-error seconds have a unit
void cache.set('k', 1, { ttl: '300' })
// @ts-expect-error a typo in an option
void cache.set('k', 1, { tll: '5m' })
// @ts-expect-error the schema and the loader disagree
void cache.getOrSet('k', () => 'text', { schema: z.number() })

const find = cache.wrap('find', (id: number, deep: boolean) => Promise.resolve({ id, deep }))
expectTypeOf(find).toEqualTypeOf<(id: number, deep: boolean) => Promise<{ id: number; deep: boolean }>>()
expectTypeOf(keyOf('find', [1, true])).toEqualTypeOf<string>()

expectTypeOf(locks(connection).using('k', lock => lock.fence)).resolves.toEqualTypeOf<number | undefined>()
// @ts-expect-error what to answer without a server must be chosen
export const undecided = new RateLimiter(connection, { name: 'l', algorithm: 'gcra', limit: 1, window: '1s' })
expectTypeOf(new Sessions<{ user: string }>(connection).read('id')).resolves.toEqualTypeOf<
  { user: string } | undefined
>()
const users = repository(cache, { name: 'user', load: (id: number) => ({ id }) })
expectTypeOf(users.get(1)).resolves.toEqualTypeOf<{ id: number }>()
// @ts-expect-error the id is a number
void users.get('1')
