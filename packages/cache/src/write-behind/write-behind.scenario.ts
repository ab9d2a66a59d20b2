// Write-behind keeps what it accepted: through failing databases, dead workers at every step, and full backlogs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, host } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { Cache } from '../cache/cache.ts'
import { repository } from '../cache/write-through.ts'
import { type BehindEntry, WriteBehind } from './write-behind.ts'

const world = new World()
afterEach(() => world.end())

describe('write-behind', () => {
  test('writes reach the database in batches, in order per key, and readers see them at once', async () => {
    const connection = await world.connect(await world.server())
    const cache = new Cache(connection)
    const database = new Map<string, number>()
    const seen: BehindEntry<number>[] = []
    let batches = 0
    const behind = new WriteBehind<number>(connection, {
      name: 'orders',
      cache,
      partitions: 3,
      coalesce: false,
      write: batch => {
        batches += 1
        for (const entry of batch) {
          seen.push(entry)
          database.set(entry.key, entry.value)
        }
      },
    })
    for (let i = 0; i < 300; i++) await behind.set(`k${i % 10}`, i)
    expect(await cache.get('k3')).toBe(293)
    behind.start()
    await eventually(async () => expect(await behind.backlog()).toBe(0))
    await behind.stop()
    expect(database.size).toBe(10)
    expect(batches).toBeLessThan(20)
    for (let k = 0; k < 10; k++) {
      const values = seen.filter(entry => entry.key === `k${k}`).map(entry => entry.value)
      expect(values).toEqual(Array.from({ length: 30 }, (_, i) => i * 10 + k))
    }
  })

  test('a failing database is tried again; what never works goes to the dead letters and holds nothing up', async () => {
    const connection = await world.connect(await world.server())
    const database = new Map<string, string>()
    let down = true
    const behind = new WriteBehind<string>(connection, {
      name: 'b',
      retryDelay: 5,
      attempts: 3,
      write: batch => {
        if (down) {
          down = false
          throw new Error('the database is restarting')
        }
        for (const { key, value } of batch) {
          if (value === 'poison') throw new Error('a constraint is violated')
          database.set(key, value)
        }
      },
    })
    for (const [key, value] of [
      ['a', '1'],
      ['b', 'poison'],
      ['c', '3'],
      ['b', '4'],
    ])
      await behind.set(key!, value!)
    behind.start()
    await eventually(async () => expect(await behind.backlog()).toBe(0))
    await behind.stop()
    expect(Object.fromEntries(database)).toEqual({ a: '1', b: '4', c: '3' })
  })

  test('an entry alone that never works is buried with its reason', async () => {
    const server = await world.server()
    const connection = await world.connect(server)
    const behind = new WriteBehind<string>(connection, {
      name: 'dead',
      retryDelay: 5,
      attempts: 2,
      write: () => Promise.reject(new Error('a constraint is violated')),
    })
    await behind.set('k', 'poison')
    behind.start()
    await eventually(async () => expect(await behind.deadLetters()).toBe(1))
    await behind.stop()
    expect(server.cli('XRANGE', '{behind:dead:0}:dead', '-', '+')).toContain('a constraint is violated')
  })

  test('a full backlog refuses, and accepts again when written', async () => {
    const connection = await world.connect(await world.server())
    const behind = new WriteBehind<number>(connection, { name: 'full', maxBacklog: 5, write: () => undefined })
    for (let i = 0; i < 5; i++) await behind.set('k', i)
    await expect(behind.set('k', 5)).rejects.toMatchObject({ code: 'BACKLOG_FULL' })
    behind.start()
    await eventually(() => behind.set('k', 5))
    await behind.stop()
  })

  test('with `replicas`, a write no copy confirms is not acknowledged', async () => {
    const primary = await world.server()
    const replica = await world.server({ args: ['--replicaof', `${host} ${primary.port}`] })
    await eventually(() => expect(replica.cli('INFO', 'replication')).toContain('master_link_status:up'))
    const connection = await world.connect(primary, { writeDeadline: 500 })
    const behind = new WriteBehind<number>(connection, { name: 'copied', replicas: 1, write: () => undefined })
    await behind.set('k', 1)
    expect(replica.cli('XLEN', '{behind:copied:0}:log')).toBe('1')
    replica.freeze()
    await expect(behind.set('k', 2)).rejects.toThrow('only 0 of 1 replicas confirmed it')
    replica.thaw()
    await eventually(() => behind.set('k', 3))
    await behind.stop()
  })

  test('acknowledged writes survive kill -9 of the worker within a batch', async () => {
    const server = await world.server()
    const connection = await world.connect(server)
    const accepted = new WriteBehind<number>(connection, { name: 'crash', write: () => undefined })
    for (let i = 0; i < 60; i++) await accepted.set(`k${i % 6}`, i)
    // The worker dies by its own hand: before the write, in the middle of it, or after it and before the acknowledgement.
    const program = `
      const { connect, WriteBehind } = await import(process.argv[1])
      const connection = await connect({ url: process.argv[2], readDeadline: '5s', writeDeadline: '5s' })
      const step = process.argv[3]
      const behind = new WriteBehind(connection, { name: 'crash', batchSize: 7, lease: '300ms', coalesce: false, write: async batch => {
        if (step === 'before') process.kill(process.pid, 'SIGKILL')
        for (const [i, { id, key, value }] of batch.entries()) {
          await connection.send({ args: ['RPUSH', 'database', key + '=' + value] })
          if (step === 'middle' && i === 3) process.kill(process.pid, 'SIGKILL')
        }
        if (step === 'after') process.kill(process.pid, 'SIGKILL')
      } })
      behind.start()
      while (await behind.backlog() > 0) await new Promise(r => setTimeout(r, 10))
      await behind.stop()
      await connection.close()
    `
    const library = new URL('../../dist/index.js', import.meta.url).href
    for (const step of ['before', 'middle', 'after', 'middle', 'after', 'never']) {
      const child = spawn(process.execPath, [
        '--input-type=module',
        '-e',
        program,
        library,
        `redis://${host}:${server.port}`,
        step,
      ])
      const [code, signal] = await once(child, 'exit')
      expect(step === 'never' ? code : signal).toBe(step === 'never' ? 0 : 'SIGKILL')
    }
    const written = server.cli('LRANGE', 'database', '0', '-1').split('\n')
    for (let k = 0; k < 6; k++) {
      const values = written.filter(row => row.startsWith(`k${k}=`)).map(row => Number(row.slice(3)))
      // At least once, in order: repeated stretches are allowed, a gap or an older value at the end is not.
      expect([...new Set(values)]).toEqual(Array.from({ length: 10 }, (_, i) => i * 6 + k))
      expect(values.at(-1)).toBe(54 + k)
    }
  })
})

describe('write-through', () => {
  test('the database first: when it fails, the cache keeps what it holds', async () => {
    const cache = new Cache(await world.connect(await world.server()))
    const rows = new Map([['1', 'ada']])
    let broken = false
    const users = repository<string, string | null>(cache, {
      name: 'user',
      afterWrite: 'set',
      load: id => rows.get(id) ?? null,
      write: (id, name) => {
        if (broken) throw new Error('the database refused')
        rows.set(id, name!)
        return name
      },
      remove: id => rows.delete(id),
    })
    expect(await users.get('1')).toBe('ada')
    await users.set('1', 'grace')
    expect(await cache.get('user:1')).toBe('grace')
    broken = true
    await expect(users.set('1', 'mallory')).rejects.toThrow('the database refused')
    expect(await users.get('1')).toBe('grace')
    await users.remove('1')
    expect(await users.get('1')).toBe(null)
  })

  test('the cache away: the database keeps the write, and the caller is told', async () => {
    const server = await world.server()
    const cache = new Cache(await world.connect(server, { readDeadline: 100, writeDeadline: 100 }))
    const rows = new Map<string, string>()
    const declared = {
      name: 'u',
      load: (id: string) => rows.get(id) ?? '',
      write: (id: string, value: string) => (rows.set(id, value), value),
    }
    await server.kill()
    await expect(repository(cache, declared).set('1', 'ada')).rejects.toMatchObject({ name: 'CacheUnavailable' })
    expect(rows.get('1')).toBe('ada')
    expect(await repository(cache, { ...declared, onCacheFailure: 'ignore' }).set('1', 'grace')).toBe('grace')
    expect(await repository(cache, declared).get('1')).toBe('grace')
  })
})
