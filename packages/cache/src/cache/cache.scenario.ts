// The cache on a real server: what a caller gets on a hit, on a miss, near expiry, when loading fails, and when someone
// changes the key meanwhile.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { eventually, type Server } from '../../testing/engine.ts'
import { calls, deferred, MovableClock, World } from '../../testing/world.ts'
import type { Connection } from '../connection/connection.ts'
import { InvalidOption, LoadTimeout, Uncacheable } from '../errors.ts'
import type { CacheEvent } from '../observe/events.ts'
import { Cache } from './cache.ts'
import type { CacheOptions } from './options.ts'
import { cached } from './wrap.ts'

const world = new World()
let server: Server
let connection: Connection
let n = 0
let clock: MovableClock

beforeAll(async () => {
  server = await world.server()
  connection = await world.connect(server)
})
afterAll(() => world.end())
beforeEach(() => {
  clock = new MovableClock()
})

const fresh = (options: CacheOptions = {}) => new Cache(connection, { namespace: `t${n++}`, clock, ...options })

describe('keys and values', () => {
  test('what was set is there until deleted', async () => {
    const cache = fresh()
    expect(await cache.get('a')).toBe(undefined)
    expect(await cache.set('a', { n: 1 })).toBe(true)
    expect(await cache.get('a')).toEqual({ n: 1 })
    expect(await cache.has('a')).toBe(true)
    expect(await cache.delete('a')).toBe(true)
    expect(await cache.delete('a')).toBe(false)
    expect(await cache.has('a')).toBe(false)
  })

  test('a hit returns the same value and types as the miss did', async () => {
    const cache = fresh()
    const value = { at: new Date(0), roles: new Set(['a']), big: 5n, bytes: Buffer.from([1]), missing: undefined }
    const miss = await cache.getOrSet('k', () => value)
    const hit = await cache.getOrSet('k', () => Promise.reject(new Error('not called')))
    expect(hit).toStrictEqual(miss)
  })

  test('null is known absence and is stored; undefined is not known and is not', async () => {
    const cache = fresh()
    let loads = 0
    const nothing = () => {
      loads += 1
      return null
    }
    expect(await cache.getOrSet('absent', nothing)).toBe(null)
    expect(await cache.getOrSet('absent', nothing)).toBe(null)
    expect(loads).toBe(1)
    const unknown = () => {
      loads += 1
      return undefined
    }
    expect(await cache.getOrSet('unknown', unknown)).toBe(undefined)
    expect(await cache.getOrSet('unknown', unknown)).toBe(undefined)
    expect(loads).toBe(3)
  })

  test('the server keeps an entry for its ttl, spread by the jitter, and absence for less', async () => {
    const cache = fresh()
    clock.chance = 0
    await cache.set('a', 1, { ttl: '100s' })
    expect(await cache.ttl('a')).toBeGreaterThan(85_000)
    expect(await cache.ttl('a')).toBeLessThanOrEqual(90_000)
    await cache.set('a', null, { ttl: '1h', jitter: 0 })
    expect(await cache.ttl('a')).toBeLessThanOrEqual(30_000)
    await cache.set('a', 1, { ttl: '10s', jitter: 0, staleIfError: '50s', staleWhileRevalidate: '5s' })
    expect(await cache.ttl('a')).toBeGreaterThan(55_000)
  })

  test('what can never work is refused', async () => {
    const cache = fresh()
    await expect(cache.set('a', 1, { ttl: Number.NaN })).rejects.toThrow(InvalidOption)
    await expect(cache.set('a', undefined)).rejects.toThrow(InvalidOption)
    await expect(cache.set('a', () => 1)).rejects.toThrow(Uncacheable)
    await expect(cache.getOrSet('a', () => ({ f: () => 1 }))).rejects.toThrow(Uncacheable)
    expect(() => cache.get('')).toThrow(InvalidOption)
    expect(() => fresh({ defaults: { ttl: Number.NaN } })).toThrow(InvalidOption)
  })

  test('namespaces do not see each other, and clear takes one of them only', async () => {
    const [one, two] = [fresh(), fresh()]
    await Promise.all([one.set('a', 1), two.set('a', 2)])
    expect(await one.clear()).toBe(1)
    expect([await one.get('a'), await two.get('a')]).toEqual([undefined, 2])
  })

  test('keys with braces are keys like any other', async () => {
    const cache = fresh()
    for (const key of ['{user}:1', 'a}b', '}', '{}', 'x{y', '日本語']) {
      await cache.getOrSet(key, () => key)
      expect(await cache.get(key)).toBe(key)
    }
  })

  test('a value larger than a chunk is stored in pieces and comes back whole, or not at all', async () => {
    const cache = fresh({ chunkBytes: 1000, warnBytes: 2000, compression: false })
    const events: CacheEvent[] = []
    cache.onEvent(event => events.push(event))
    const value = { text: 'x'.repeat(5500) }
    await cache.set('big', value)
    expect(await cache.get('big')).toEqual(value)
    expect(events).toContainEqual(expect.objectContaining({ type: 'big-value', key: 'big' }))
    const [piece] = server.cli('--scan', '--pattern', '*:chunk:*').split('\n')
    server.cli('DEL', piece!)
    expect(await cache.get('big')).toBe(undefined)
    expect(await cache.getOrSet('big', () => 'anew')).toBe('anew')
  })

  test('a foreign or unreadable entry is a miss, and is replaced', async () => {
    const cache = fresh({ namespace: 'foreign' })
    server.cli('SET', 'foreign:k', 'written by someone else')
    expect(await cache.get('k')).toBe(undefined)
    expect(await cache.getOrSet('k', () => 'ours')).toBe('ours')
    expect(await cache.get('k')).toBe('ours')
  })

  test('an entry that no longer fits its schema is a miss', async () => {
    const cache = fresh()
    await cache.set('user', { id: 1 })
    const schema = z.object({ id: z.number(), name: z.string() })
    expect(await cache.get('user', { schema })).toBe(undefined)
    expect(await cache.getOrSet('user', () => ({ id: 1, name: 'ada' }), { schema })).toEqual({ id: 1, name: 'ada' })
    expect(await cache.get('user', { schema })).toEqual({ id: 1, name: 'ada' })
    await expect(cache.getOrSet('bad', () => ({ id: 'x' }) as never, { schema })).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
    })
    expect(await cache.get('user', { schemaVersion: 2 })).toBe(undefined)
  })
})

describe('one load for many callers', () => {
  test('a thousand callers in one process', async () => {
    const cache = fresh()
    let loads = 0
    const load = async () => {
      loads += 1
      await new Promise(resolve => setTimeout(resolve, 20))
      return 'value'
    }
    const values = await Promise.all(Array.from({ length: 1000 }, () => cache.getOrSet('k', load)))
    expect(new Set(values)).toEqual(new Set(['value']))
    expect(loads).toBe(1)
  })

  test('a load that fails fails once, for all who waited, and the next caller tries again', async () => {
    const cache = fresh()
    let loads = 0
    const fail = async () => {
      loads += 1
      throw new Error('the database is down')
    }
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => cache.getOrSet('k', fail)))
    expect(
      outcomes.every(outcome => outcome.status === 'rejected' && outcome.reason.message === 'the database is down'),
    ).toBe(true)
    expect(loads).toBe(1)
    expect(await cache.getOrSet('k', () => 'up again')).toBe('up again')
  })

  test('callers of other connections wait for the one who loads, and are woken', async () => {
    const namespace = `t${n++}`
    const caches = await Promise.all(
      Array.from({ length: 4 }, async () => new Cache(await world.connect(server), { namespace })),
    )
    let loads = 0
    const load = async () => {
      loads += 1
      await new Promise(resolve => setTimeout(resolve, 150))
      return 'value'
    }
    const values = await Promise.all(
      caches.flatMap(cache => Array.from({ length: 250 }, () => cache.getOrSet('k', load))),
    )
    expect(new Set(values)).toEqual(new Set(['value']))
    expect(loads).toBe(1)
  })

  test('a load that outlives its lease keeps it', async () => {
    const namespace = `t${n++}`
    const [one, two] = [new Cache(connection, { namespace }), new Cache(await world.connect(server), { namespace })]
    let loads = 0
    const slow = async () => {
      loads += 1
      await new Promise(resolve => setTimeout(resolve, 4500))
      return 'slow'
    }
    expect(await Promise.all([one.getOrSet('k', slow), two.getOrSet('k', slow)])).toEqual(['slow', 'slow'])
    expect(loads).toBe(1)
  })

  test('a process that died while loading holds the others up only until its lease ends', async () => {
    const cache = fresh({ namespace: 'dead' })
    server.cli('SET', '{dead:k}:lease', 'a dead process', 'PX', '700')
    expect(await cache.getOrSet('k', () => 'loaded by the survivor')).toBe('loaded by the survivor')
    expect(await cache.get('k')).toBe('loaded by the survivor')
  })

  test('reads of one tick are one command', async () => {
    const cache = fresh()
    await Promise.all(Array.from({ length: 100 }, (_, i) => cache.set(`k${i}`, i)))
    const [gets, mgets] = [calls(server, 'get'), calls(server, 'mget')]
    const values = await Promise.all(Array.from({ length: 100 }, (_, i) => cache.get(`k${i}`)))
    expect(values).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect([calls(server, 'get') - gets, calls(server, 'mget') - mgets]).toEqual([0, 1])
  })
})

describe('changes while loading', () => {
  for (const distributed of [true, false]) {
    test(`what was deleted while it was loading is not stored (distributed: ${distributed})`, async () => {
      const cache = fresh({ defaults: { distributed } })
      const [started, release] = [deferred(), deferred()]
      const loading = cache.getOrSet('k', async () => {
        started.resolve()
        await release.promise
        return 'old'
      })
      await started.promise
      await cache.delete('k')
      release.resolve()
      expect(await loading).toBe('old')
      expect(await cache.get('k')).toBe(undefined)
      expect(cache.stats.fenced).toBe(1)
    })
  }

  test('what another process deleted or set while it was loading is not overwritten', async () => {
    const namespace = `t${n++}`
    const [one, two] = [new Cache(connection, { namespace }), new Cache(await world.connect(server), { namespace })]
    for (const change of [() => two.delete('k'), () => two.set('k', 'new'), () => two.invalidatePattern('k*')]) {
      await one.delete('k')
      const [started, release] = [deferred(), deferred()]
      const loading = one.getOrSet('k', async () => {
        started.resolve()
        await release.promise
        return 'old'
      })
      await started.promise
      await change()
      release.resolve()
      await loading
      expect(await two.get('k')).not.toBe('old')
    }
  })

  test('a tag forgotten while its entry was loading makes it a miss', async () => {
    const cache = fresh()
    const [started, release] = [deferred(), deferred()]
    const options = { tags: ['users'] }
    await cache.getOrSet('other', () => 1, options)
    const loading = cache.getOrSet(
      'k',
      async () => {
        started.resolve()
        await release.promise
        return 'old'
      },
      options,
    )
    await started.promise
    await cache.invalidateTags('users')
    release.resolve()
    await loading
    expect(await cache.get('k', options)).toBe(undefined)
  })
})

describe('near and after expiry', () => {
  const options = { ttl: '10s', jitter: 0, earlyExpiry: 0 } as const

  test('a stale value is served while it is loaded anew', async () => {
    const cache = fresh()
    const windows = { ...options, staleWhileRevalidate: '60s' } as const
    await cache.getOrSet('k', () => 'first', windows)
    clock.advance(11_000)
    expect(await cache.getOrSet('k', () => 'second', windows)).toBe('first')
    await eventually(async () => expect(await cache.get('k')).toBe('second'))
  })

  test('past the window, the caller waits for the new one', async () => {
    const cache = fresh()
    const windows = { ...options, staleWhileRevalidate: '5s' } as const
    await cache.getOrSet('k', () => 'first', { ...windows, staleIfError: '100s' })
    clock.advance(16_000)
    expect(await cache.getOrSet('k', () => 'second', windows)).toBe('second')
  })

  test('a stale value is served when loading fails, within its window', async () => {
    const cache = fresh()
    const windows = { ...options, staleIfError: '60s' } as const
    const fail = () => Promise.reject(new Error('down'))
    await cache.getOrSet('k', () => 'first', windows)
    clock.advance(11_000)
    expect(await cache.getOrSet<string>('k', fail, windows)).toBe('first')
    clock.advance(60_000)
    await expect(cache.getOrSet<string>('k', fail, windows)).rejects.toThrow('down')
  })

  test('a stale value is served when loading takes longer than the soft timeout, and the load is not lost', async () => {
    const cache = fresh()
    const windows = { ...options, staleIfError: '60s', softTimeout: 30 } as const
    await cache.getOrSet('k', () => 'first', windows)
    clock.advance(11_000)
    const release = deferred<string>()
    expect(await cache.getOrSet('k', () => release.promise, windows)).toBe('first')
    release.resolve('second')
    await eventually(async () => expect(await cache.get('k')).toBe('second'))
  })

  test('the hard timeout ends a load, aborts it, and the next caller is not kept waiting by it', async () => {
    const cache = fresh()
    let aborted = false
    const hang = ({ signal }: { signal: AbortSignal }) =>
      new Promise<string>(() => {
        signal.addEventListener('abort', () => {
          aborted = true
        })
      })
    await expect(cache.getOrSet('k', hang, { hardTimeout: 60 })).rejects.toBeInstanceOf(LoadTimeout)
    expect(aborted).toBe(true)
    expect(await cache.getOrSet('k', () => 'works')).toBe('works')
  })

  test('refreshAhead renews on a hit late in the ttl, not early', async () => {
    const cache = fresh()
    const ahead = { ...options, refreshAhead: 0.8 } as const
    await cache.getOrSet('k', () => 'first', ahead)
    clock.advance(7000)
    expect(await cache.getOrSet('k', () => 'too early', ahead)).toBe('first')
    clock.advance(1500)
    expect(await cache.getOrSet('k', () => 'second', ahead)).toBe('first')
    await eventually(async () => expect(await cache.get('k')).toBe('second'))
  })

  test('early expiry renews a value that is slow to load, by chance, before it expires', async () => {
    const cache = fresh()
    const early = { ttl: '10s', jitter: 0 } as const
    const slow = (value: string) => async () => {
      clock.advance(1000)
      return value
    }
    await cache.getOrSet('k', slow('first'), early)
    clock.advance(8000)
    clock.chance = 0.99
    expect(await cache.getOrSet('k', slow('unlucky'), early)).toBe('first')
    clock.chance = 0.01
    expect(await cache.getOrSet('k', slow('second'), early)).toBe('first')
    await eventually(async () => expect(await cache.get('k')).toBe('second'))
  })

  test('the loader may set the ttl, add tags, or keep the value out', async () => {
    const cache = fresh()
    await cache.getOrSet('k', ({ setTtl, addTags }) => {
      setTtl('1h')
      addTags('late')
      return 1
    })
    expect(await cache.ttl('k')).toBeGreaterThan(3_500_000)
    expect(await cache.get('k')).toBe(1)
    await cache.invalidateTags('late')
    expect(await cache.get('k')).toBe(undefined)
    expect(await cache.getOrSet('p', ({ doNotStore }) => (doNotStore(), 'private'))).toBe('private')
    expect(await cache.has('p')).toBe(false)
  })
})

describe('forgetting many', () => {
  test('a tag makes all of its entries misses and no others', async () => {
    const cache = fresh()
    await Promise.all([
      cache.set('a', 1, { tags: ['x', 'y'] }),
      cache.set('b', 2, { tags: ['y'] }),
      cache.set('c', 3, { tags: ['z'] }),
    ])
    const read = () =>
      Promise.all([cache.get('a', { tags: ['x', 'y'] }), cache.get('b', { tags: ['y'] }), cache.get('c')])
    expect(await read()).toEqual([1, 2, 3])
    await cache.invalidateTags('x')
    expect(await read()).toEqual([undefined, 2, 3])
    await cache.invalidateTags('y', 'z')
    expect(await read()).toEqual([undefined, undefined, undefined])
  })

  test('a hit with three tags is one command', async () => {
    const cache = fresh()
    const options = { tags: ['a', 'b', 'c'] }
    await cache.getOrSet('k', () => 1, options)
    const before = calls(server, 'mget') + calls(server, 'get')
    expect(await cache.getOrSet('k', () => 2, options)).toBe(1)
    expect(calls(server, 'mget') + calls(server, 'get') - before).toBe(1)
  })

  test('an evicted tag makes its entries misses, never alive again', async () => {
    const cache = fresh({ namespace: 'evicted' })
    await cache.set('k', 1, { tags: ['t'] })
    server.cli('DEL', 'evicted#tag:t')
    expect(await cache.get('k', { tags: ['t'] })).toBe(undefined)
    await cache.set('other', 1, { tags: ['t'] })
    expect(await cache.get('k', { tags: ['t'] })).toBe(undefined)
  })

  test('a pattern forgets what matches, with SCAN and never KEYS', async () => {
    const cache = fresh()
    await Promise.all(Array.from({ length: 300 }, (_, i) => cache.set(`user:${i}`, i)))
    await cache.set('order:1', 1)
    expect(await cache.invalidatePattern('user:*')).toBe(300)
    expect(await cache.get('order:1')).toBe(1)
    expect(calls(server, 'keys')).toBe(0)
  })

  test('deleteMany tells how many there were', async () => {
    const cache = fresh()
    await Promise.all([cache.set('a', 1), cache.set('b', 2)])
    expect(await cache.deleteMany(['a', 'b', 'c'])).toBe(2)
  })
})

describe('many keys at once', () => {
  test('getOrSetMany asks the server once, the loader once for what is missing, and stores it', async () => {
    const cache = fresh()
    await cache.set('a', 'A')
    const asked: (readonly string[])[] = []
    const load = (keys: readonly string[]) => {
      asked.push(keys)
      return new Map(keys.filter(key => key !== 'd').map(key => [key, key.toUpperCase()]))
    }
    expect(await cache.getOrSetMany(['a', 'b', 'c', 'd', 'b'], load)).toEqual(
      new Map([
        ['a', 'A'],
        ['b', 'B'],
        ['c', 'C'],
      ]),
    )
    expect(asked).toEqual([['b', 'c', 'd']])
    expect(await cache.getMany(['a', 'b', 'c', 'd'])).toEqual(
      new Map([
        ['a', 'A'],
        ['b', 'B'],
        ['c', 'C'],
      ]),
    )
    expect(await cache.getOrSetMany(['b', 'd'], keys => keys.map(() => 'list'))).toEqual(
      new Map([
        ['b', 'B'],
        ['d', 'list'],
      ]),
    )
  })

  test('a list of another length than asked for is refused', async () => {
    await expect(fresh().getOrSetMany(['a', 'b'], () => [1])).rejects.toThrow(InvalidOption)
  })

  test('a batch that fails, or leaves a key out, keeps nobody waiting: its leases are given back', async () => {
    const namespace = `t${n++}`
    const [batch, other] = [fresh({ namespace }), fresh({ namespace })]
    await expect(batch.getOrSetMany(['a', 'b'], () => Promise.reject(new Error('database')))).rejects.toThrow(
      'database',
    )
    await expect(batch.getOrSetMany(['a', 'b'], () => [1, Symbol('no')])).rejects.toThrow(Uncacheable)
    expect(await batch.getOrSetMany(['c'], () => new Map())).toEqual(new Map())
    const leases = ['a', 'b', 'c'].map(key => server.cli('EXISTS', `{${namespace}:${key}}:lease`).trim())
    expect(leases).toEqual(['0', '0', '0'])
    expect(await Promise.all(['b', 'c'].map(key => other.getOrSet(key, () => key)))).toEqual(['b', 'c'])
    expect(batch.stats.loadFailures).toBe(1)
  })

  test('a batch keeps its leases while it loads', async () => {
    const namespace = `t${n++}`
    const [started, release] = [deferred(), deferred()]
    const loading = fresh({ namespace }).getOrSetMany(['a', 'b'], async keys => {
      started.resolve()
      await release.promise
      return keys
    })
    await started.promise
    const ttls = () => ['a', 'b'].map(key => Number(server.cli('PTTL', `{${namespace}:${key}}:lease`)))
    // A mark that the next extension takes away.
    for (const key of ['a', 'b']) server.cli('PEXPIRE', `{${namespace}:${key}}:lease`, '600000')
    await eventually(async () => expect(Math.max(...ttls())).toBeLessThanOrEqual(3000))
    release.resolve()
    expect((await loading).size).toBe(2)
  })

  test('the hard timeout ends a batch too, and aborts it', async () => {
    let aborted = false
    const hang = (_: readonly string[], { signal }: { signal: AbortSignal }) =>
      new Promise<never>(() => signal.addEventListener('abort', () => (aborted = true)))
    await expect(fresh().getOrSetMany(['a', 'b'], hang, { hardTimeout: 50 })).rejects.toThrow(LoadTimeout)
    expect(aborted).toBe(true)
  })

  test('a batch that fails serves what is stale, where every key has it within its window', async () => {
    const cache = fresh({ defaults: { ttl: '1m', staleIfError: '10m', jitter: 0 } })
    const fail = () => Promise.reject(new Error('database'))
    await cache.getOrSetMany(['a', 'b'], keys => keys)
    clock.advance(120_000)
    expect(await cache.getOrSetMany(['a', 'b'], fail)).toEqual(
      new Map([
        ['a', 'a'],
        ['b', 'b'],
      ]),
    )
    await expect(cache.getOrSetMany(['a', 'unknown'], fail)).rejects.toThrow('database')
    clock.advance(600_000)
    await expect(cache.getOrSetMany(['a', 'b'], fail)).rejects.toThrow('database')
  })

  test('loads of batches are timed and told like others', async () => {
    const cache = fresh()
    const events: CacheEvent[] = []
    cache.onEvent(event => events.push(event))
    await cache.getOrSetMany(['a', 'b'], async keys => {
      clock.advance(40)
      return keys
    })
    expect(events).toContainEqual(expect.objectContaining({ type: 'load', key: 'a' }))
    expect(cache.stats.loads).toBe(1)
    expect(cache.stats.loadMs).toBeGreaterThanOrEqual(40)
  })

  test('getMany reads all of it with one command', async () => {
    const cache = fresh()
    await Promise.all(Array.from({ length: 50 }, (_, i) => cache.set(`k${i}`, i)))
    const before = calls(server, 'mget')
    expect((await cache.getMany(Array.from({ length: 50 }, (_, i) => `k${i}`))).size).toBe(50)
    expect(calls(server, 'mget') - before).toBe(1)
  })
})

describe('functions and methods', () => {
  test('a wrapped function is called once per set of arguments', async () => {
    const cache = fresh()
    let runs = 0
    const add = cache.wrap('add', (a: number, b: { c: number; d: number }) => {
      runs += 1
      return a + b.c + b.d
    })
    expect(await add(1, { c: 2, d: 3 })).toBe(6)
    expect(await add(1, { d: 3, c: 2 })).toBe(6)
    expect(runs).toBe(1)
    expect(await add(2, { c: 2, d: 3 })).toBe(7)
    expect(runs).toBe(2)
  })

  test('a decorated method is', async () => {
    const cache = fresh()
    class Products {
      runs = 0
      find = cached<[string], { id: string; runs: number }>(() => cache, 'product', { ttl: '30m' })(async function find(
        this: Products,
        id: string,
      ) {
        this.runs += 1
        return { id, runs: this.runs }
      }, {} as ClassMethodDecoratorContext)
    }
    const products = new Products()
    expect(await products.find('p1')).toEqual({ id: 'p1', runs: 1 })
    expect(await products.find('p1')).toEqual({ id: 'p1', runs: 1 })
    expect(await cache.has('product:p1')).toBe(true)
  })
})
