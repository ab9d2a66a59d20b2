// The memory in front tells the truth: whoever changes a key, by whatever means, it is not served past the stated bound.
import { afterEach, describe, expect, test } from 'vitest'
import { Redis } from 'ioredis'
import { eventually, host, type Server } from '../../testing/engine.ts'
import { calls, World } from '../../testing/world.ts'
import { Cache } from '../cache/cache.ts'
import type { CacheOptions } from '../cache/options.ts'
import { fromIoredis } from '../client/from-ioredis.ts'
import { bind } from '../connection/connection.ts'
import type { Connection } from '../connection/connection.ts'

const world = new World()
afterEach(() => world.end())

async function tracked(server: Server, options: CacheOptions = {}): Promise<{ cache: Cache; connection: Connection }> {
  const connection = await world.connect(server, { tracking: true, readDeadline: 300, writeDeadline: 300 })
  const cache = new Cache(connection, { namespace: 'two', memory: {}, ...options })
  world.onEnd(() => cache.close())
  return { cache, connection }
}

/** Reads until memory answers: the first read of a key asks the server, and is remembered. */
async function warm(cache: Cache, key: string, options?: { tags: string[] }): Promise<void> {
  await eventually(async () => {
    const before = cache.stats.memoryHits
    await cache.get(key, options)
    if (cache.stats.memoryHits === before) throw new Error('not in memory yet')
  })
}

/** Whether a read right now is answered from memory. */
async function fromMemory(cache: Cache, key: string): Promise<boolean> {
  const before = cache.stats.memoryHits
  await cache.get(key)
  return cache.stats.memoryHits > before
}

describe('kept coherent by the server (RESP3 tracking)', () => {
  test('a hit in memory asks the server nothing', async () => {
    const server = await world.server()
    const { cache } = await tracked(server)
    await cache.set('k', { n: 1 })
    await warm(cache, 'k')
    const before = calls(server, 'get')
    for (let i = 0; i < 100; i++) expect(await cache.get('k')).toEqual({ n: 1 })
    expect(calls(server, 'get')).toBe(before)
    expect(cache.coherence).toBe('tracking')
  })

  test('what another process sets, deletes, expires or flushes is gone here', async () => {
    const server = await world.server()
    const [{ cache: one }, { cache: two }] = [await tracked(server), await tracked(server)]
    const changes: [string, () => unknown][] = [
      ['set', () => two.set('k', 'new')],
      ['delete', () => two.delete('k')],
      ['a foreign DEL', () => server.cli('DEL', 'two:k')],
      ['a foreign PEXPIRE', () => server.cli('PEXPIRE', 'two:k', '1')],
      ['FLUSHALL', () => server.cli('FLUSHALL')],
      ['invalidatePattern', () => two.invalidatePattern('k*')],
    ]
    for (const [name, change] of changes) {
      await one.set('k', 'old')
      await warm(one, 'k')
      await change()
      await eventually(async () => expect(await one.get('k'), name).not.toBe('old'), 2000)
    }
  })

  test('a tag forgotten elsewhere takes its entries from memory', async () => {
    const server = await world.server()
    const [{ cache: one }, { cache: two }] = [await tracked(server), await tracked(server)]
    const options = { tags: ['t'] }
    await one.set('k', 'old', options)
    await warm(one, 'k', options)
    await two.invalidateTags('t')
    await eventually(async () => expect(await one.get('k', options)).toBe(undefined), 2000)
  })

  test('when the connection is dropped, memory is not trusted, and is again once it is back', async () => {
    const server = await world.server()
    const { cache } = await tracked(server)
    await cache.set('k', 'old')
    await warm(cache, 'k')
    server.cli('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    server.cli('DEL', 'two:k')
    await eventually(async () => expect(await cache.get('k')).toBe(undefined), 2000)
    await eventually(async () => expect(await cache.set('k', 'new')).toBe(true))
    await warm(cache, 'k')
    expect(await cache.get('k')).toBe('new')
  })

  test('a frozen server is noticed within maxStale: memory stops answering', async () => {
    const server = await world.server()
    const { cache } = await tracked(server, { memory: { maxStale: 600 } })
    await cache.set('k', 'old')
    await warm(cache, 'k')
    server.freeze()
    const frozenAt = performance.now()
    await eventually(async () => expect(await fromMemory(cache, 'k')).toBe(false), 5000)
    // The bound, plus room for a busy machine; the ttl of the entry is five minutes.
    expect(performance.now() - frozenAt).toBeLessThan(600 + 2000)
    server.thaw()
  })

  test('during an outage getOrSet loads, or serves what memory last knew when loading fails', async () => {
    const server = await world.server()
    const { cache } = await tracked(server)
    await cache.set('k', 'known', { staleIfError: '1h' })
    await warm(cache, 'k')
    await server.kill()
    await eventually(async () => expect(await fromMemory(cache, 'k')).toBe(false))
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
    const fail = () => Promise.reject(new Error('the database is down too'))
    expect(await cache.getOrSet<string>('k', fail, { staleIfError: '1h' })).toBe('known')
    await expect(cache.getOrSet<string>('other', fail)).rejects.toThrow('the database is down too')
    expect(await cache.getOrSetMany<string>(['k'], fail, { staleIfError: '1h' })).toEqual(new Map([['k', 'known']]))
    await expect(cache.getOrSetMany<string>(['k', 'other'], fail, { staleIfError: '1h' })).rejects.toThrow('too')
  })

  test('a read on its way while its key changes is not remembered', async () => {
    const server = await world.server()
    const { cache } = await tracked(server)
    const { cache: other } = await tracked(server)
    // Every round reads and writes at once; at the end memory must agree with the server.
    for (let round = 0; round < 200; round++) {
      await Promise.all([cache.get('k'), other.set('k', round), cache.get('k')])
    }
    await eventually(async () => expect(await cache.get('k')).toBe(199), 2000)
  })

  test('values from memory are frozen, or copies when asked for', async () => {
    const server = await world.server()
    const { cache } = await tracked(server)
    await cache.set('k', { list: [1] })
    await warm(cache, 'k')
    const shared = (await cache.get<{ list: number[] }>('k'))!
    expect(() => shared.list.push(2)).toThrow(TypeError)
    const { cache: copying } = await tracked(server, { memory: { values: 'cloned' } })
    await warm(copying, 'k')
    const copy = (await copying.get<{ list: number[] }>('k'))!
    copy.list.push(2)
    expect(await copying.get('k')).toEqual({ list: [1] })
  })
})

describe('kept coherent over pub/sub, where the client has no tracking', () => {
  async function bussed(server: Server, options: CacheOptions = {}): Promise<{ cache: Cache; redis: Redis }> {
    const redis = new Redis({ host, port: server.port })
    const connection = bind(fromIoredis(redis), { readDeadline: '3s', writeDeadline: '3s' })
    world.onEnd(() => connection.close())
    const cache = new Cache(connection, { namespace: 'bus', memory: {}, ...options })
    world.onEnd(() => cache.close())
    await eventually(async () => void (await connection.send({ args: ['PING'] })))
    return { cache, redis }
  }

  test('caches tell each other of sets, deletes and tags', async () => {
    const server = await world.server()
    const [{ cache: one }, { cache: two }] = [await bussed(server), await bussed(server)]
    expect(one.coherence).toBe('bus')
    const options = { tags: ['t'] }
    for (const change of [() => two.set('k', 'new'), () => two.delete('k'), () => two.invalidateTags('t')]) {
      await one.set('k', 'old', options)
      await warm(one, 'k', options)
      await change()
      await eventually(async () => expect(await one.get('k', options)).not.toBe('old'), 2000)
    }
  })

  test('what no message told of is stale for maxStale and not longer', async () => {
    const server = await world.server()
    const { cache } = await bussed(server, { memory: { maxStale: 800 } })
    await cache.set('k', 'old')
    await warm(cache, 'k')
    server.cli('DEL', 'bus:k')
    const changedAt = performance.now()
    await eventually(async () => expect(await cache.get('k')).toBe(undefined), 5000)
    expect(performance.now() - changedAt).toBeLessThan(800 + 2000)
  })
})
