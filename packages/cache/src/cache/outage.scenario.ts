// The server killed, frozen, slow and flushed, the caches on a cluster, and a stampede of real processes: every public
// call answers in time with the answer its documentation states, and works again without a restart.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, host } from '../../testing/engine.ts'
import { calls, World } from '../../testing/world.ts'
import { Cache } from './cache.ts'

const world = new World()
afterEach(() => world.end())

for (const way of ['killed', 'frozen'] as const) {
  test(`${way}: every call answers within its deadline as documented, and the cache works again`, async () => {
    const server = await world.server()
    const connection = await world.connect(server, { readDeadline: 150, writeDeadline: 250 })
    const cache = new Cache(connection)
    await cache.set('k', 'value')
    if (way === 'killed') await server.kill()
    else server.freeze()
    const answers: [string, () => Promise<unknown>, unknown][] = [
      ['get', () => cache.get('k'), undefined],
      ['getOrSet', () => cache.getOrSet('k', () => 'loaded'), 'loaded'],
      ['getOrSet with tags', () => cache.getOrSet('k', () => 'loaded', { tags: ['t'] }), 'loaded'],
      ['set', () => cache.set('k', 'new'), false],
      ['has', () => cache.has('k'), false],
      ['ttl', () => cache.ttl('k'), undefined],
      ['getMany', () => cache.getMany(['k', 'l']), new Map()],
      [
        'getOrSetMany',
        () => cache.getOrSetMany(['k', 'l'], keys => keys),
        new Map([
          ['k', 'k'],
          ['l', 'l'],
        ]),
      ],
      ['delete', () => cache.delete('k'), 'CacheUnavailable'],
      ['deleteMany', () => cache.deleteMany(['k']), 'CacheUnavailable'],
      ['invalidateTags', () => cache.invalidateTags('t'), 'CacheUnavailable'],
      ['invalidatePattern', () => cache.invalidatePattern('*'), 'CacheUnavailable'],
    ]
    for (let round = 0; round < 2; round++) {
      for (const [name, call, expected] of answers) {
        const start = performance.now()
        const answer = await call().catch((error: Error) => error.name)
        expect(answer, name).toEqual(expected)
        // The longest path is a read, a lease and a write, each with its deadline; the rest is room for a busy machine.
        expect(performance.now() - start, name).toBeLessThan(2500)
      }
    }
    if (way === 'killed') await server.restart()
    else server.thaw()
    await eventually(async () => expect(await cache.set('again', 1)).toBe(true))
    expect(await cache.get('again')).toBe(1)
  })
}

test('a burst while the server is frozen leaves nothing behind', async () => {
  const server = await world.server()
  const connection = await world.connect(server, { readDeadline: 100, writeDeadline: 100, maxWaiting: 500 })
  const cache = new Cache(connection)
  server.freeze()
  const values = await Promise.all(Array.from({ length: 5000 }, (_, i) => cache.getOrSet(`k${i}`, () => i)))
  expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  expect(connection.waiting).toBeLessThanOrEqual(500)
  server.thaw()
  await eventually(() => expect(connection.waiting).toBe(0))
})

test('slow: a server that answers late costs the deadline, not the answer', async () => {
  const server = await world.server()
  const connection = await world.connect(server, { readDeadline: 100, writeDeadline: 100 })
  const cache = new Cache(connection)
  const sleeping = spawn('valkey-cli', ['-h', host, '-p', String(server.port), 'DEBUG', 'SLEEP', '1'])
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
  await once(sleeping, 'exit')
  await eventually(async () => expect(await cache.set('k', 1)).toBe(true))
})

test('flushed: scripts and entries are gone, and nobody notices more than a miss', async () => {
  const server = await world.server()
  const cache = new Cache(await world.connect(server))
  await cache.getOrSet('k', () => 1)
  server.cli('FLUSHALL')
  server.cli('SCRIPT', 'FLUSH')
  expect(await cache.getOrSet('k', () => 2)).toBe(2)
  expect(await cache.get('k')).toBe(2)
})

describe('on a 3-shard cluster', () => {
  test('keys of all shards are read, tagged, forgotten by pattern and in batches', async () => {
    const cluster = await world.cluster()
    const cache = new Cache(await world.connect(cluster))
    const keys = Array.from({ length: 60 }, (_, i) => `user:${i}`)
    expect((await cache.getOrSetMany(keys, missing => missing.map(key => ({ key })), { tags: ['users'] })).size).toBe(
      60,
    )
    expect((await cache.getMany(keys, { tags: ['users'] })).size).toBe(60)
    await cache.invalidateTags('users')
    expect((await cache.getMany(keys, { tags: ['users'] })).size).toBe(0)
    await Promise.all(keys.map(key => cache.getOrSet(key, () => key)))
    expect(await cache.invalidatePattern('user:*')).toBe(60)
    expect((await cache.getMany(keys)).size).toBe(0)
    const big = { text: 'x'.repeat(3000) }
    const pieces = new Cache(await world.connect(cluster), { chunkBytes: 500, compression: false })
    await pieces.set('big', big)
    expect(await pieces.get('big')).toEqual(big)
  })

  test('memory in front is kept coherent across shards', async () => {
    const cluster = await world.cluster()
    const cache = new Cache(await world.connect(cluster, { tracking: true }), { memory: {} })
    world.onEnd(() => cache.close())
    const other = new Cache(await world.connect(cluster))
    const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
    await Promise.all(keys.map(key => cache.set(key, 'old')))
    await eventually(async () => {
      const before = cache.stats.memoryHits
      await Promise.all(keys.map(key => cache.get(key)))
      expect(cache.stats.memoryHits - before).toBe(30)
    })
    await Promise.all(keys.map(key => other.set(key, 'new')))
    await eventually(async () => {
      expect(new Set(await Promise.all(keys.map(key => cache.get(key))))).toEqual(new Set(['new']))
    }, 3000)
  })
})

test('10,000 concurrent misses of one key in 4 processes are one load', async () => {
  const server = await world.server()
  const program = `
    const { connect, Cache } = await import(process.argv[1])
    const connection = await connect({ url: process.argv[2], readDeadline: '10s', writeDeadline: '10s' })
    const cache = new Cache(connection)
    await connection.send({ args: ['INCR', 'ready'] })
    while (Number(await connection.send({ args: ['GET', 'ready'] })) < 4) await new Promise(r => setTimeout(r, 10))
    const load = async () => {
      await connection.send({ args: ['INCR', 'loads'] })
      await new Promise(r => setTimeout(r, 300))
      return { loaded: true }
    }
    const values = await Promise.all(Array.from({ length: 2500 }, () => cache.getOrSet('hot', load)))
    console.log(values.filter(value => value.loaded === true).length)
    await connection.close()
  `
  const library = new URL('../../dist/index.js', import.meta.url).href
  const url = `redis://${host}:${server.port}`
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program, library, url]),
  )
  const answered = await Promise.all(
    children.map(async child => {
      let out = ''
      child.stdout.on('data', chunk => (out += chunk))
      child.stderr.on('data', chunk => (out += chunk))
      await once(child, 'exit')
      return out.trim()
    }),
  )
  expect(answered).toEqual(['2500', '2500', '2500', '2500'])
  expect(server.cli('GET', 'loads')).toBe('1')
  expect(calls(server, 'keys')).toBe(0)
})
