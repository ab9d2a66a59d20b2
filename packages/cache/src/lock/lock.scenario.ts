// Locks on real servers: one holder at a time, numbers that only grow, waiters woken by a push, and a loss that is noticed.
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../../testing/engine.ts'
import { calls, World } from '../../testing/world.ts'
import { locks, redlock, semaphore } from './locks.ts'

const world = new World()
afterEach(() => world.end())

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('a lock', () => {
  test('has one holder at a time, with fencing numbers that only grow', async () => {
    const server = await world.server()
    const parties = await Promise.all(Array.from({ length: 4 }, async () => locks(await world.connect(server))))
    let inside = 0
    let most = 0
    const fences: number[] = []
    const work = (party: number) =>
      parties[party]!.using('job', async ({ fence }) => {
        most = Math.max(most, ++inside)
        fences.push(fence!)
        await pause(1)
        inside -= 1
      })
    await Promise.all(Array.from({ length: 80 }, (_, i) => work(i % 4)))
    expect(most).toBe(1)
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
    expect(fences.length).toBe(80)
  })

  test('wakes its waiter by a push: the server is not polled meanwhile', async () => {
    const server = await world.server()
    const [one, two] = [locks(await world.connect(server)), locks(await world.connect(server))]
    const held = await one.acquire('job')
    const waiting = two.acquire('job')
    await pause(300)
    const before = calls(server, 'evalsha') + calls(server, 'eval')
    await pause(500)
    // The waiter asks once a second in case a message was lost; polling would be dozens.
    expect(calls(server, 'evalsha') + calls(server, 'eval') - before).toBeLessThanOrEqual(1)
    await held.release()
    const got = await waiting
    expect(got.fence!).toBeGreaterThan(held.fence!)
    await got.release()
  })

  test('that is not free in time is LockNotAcquired; tryAcquire does not wait', async () => {
    const connection = await world.connect(await world.server())
    const held = await locks(connection).acquire('job')
    await expect(locks(connection).acquire('job', { wait: 100 })).rejects.toMatchObject({
      name: 'LockNotAcquired',
      key: 'job',
    })
    expect(await locks(connection).tryAcquire('job')).toBe(undefined)
    await held.release()
    expect(await locks(connection).tryAcquire('job')).toBeDefined()
  })

  test('is extended while the work goes on', async () => {
    const connection = await world.connect(await world.server())
    const result = await locks(connection).using(
      'job',
      async lock => {
        await pause(700)
        return lock.held
      },
      { ttl: 200 },
    )
    expect(result).toBe(true)
  })

  test('taken away while held: the signal aborts with LockLost, and using throws it', async () => {
    const server = await world.server()
    const connection = await world.connect(server)
    const outcome = locks(connection).using(
      'job',
      async ({ signal }) => {
        server.cli('DEL', 'lock:{job}')
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
        expect(signal.reason).toMatchObject({ name: 'LockLost' })
        return 'done'
      },
      { ttl: 300 },
    )
    await expect(outcome).rejects.toMatchObject({ name: 'LockLost', key: 'job' })
  })

  test('the server frozen: the holder is told before the lock can have ended there, and acquiring throws in time', async () => {
    const server = await world.server()
    const connection = await world.connect(server, { readDeadline: 100, writeDeadline: 100 })
    const lock = await locks(connection).acquire('job', { ttl: 600 })
    server.freeze()
    await eventually(() => expect(lock.signal.aborted).toBe(true), 5000)
    expect(lock.held).toBe(false)
    await expect(locks(connection).acquire('other')).rejects.toMatchObject({ name: 'CacheUnavailable' })
    server.thaw()
  })

  test('of a dead holder is free when its ttl has passed', async () => {
    const server = await world.server()
    const connection = await world.connect(server)
    server.cli('SET', 'lock:{job}', 'a dead process', 'PX', '400')
    const lock = await locks(connection).acquire('job', { wait: '5s' })
    expect(lock.held).toBe(true)
    await lock.release()
  })

  test('somebody else holds cannot be released or extended by an old holder', async () => {
    const connection = await world.connect(await world.server())
    const old = await locks(connection).acquire('job', { ttl: 60, autoExtend: false })
    await pause(120)
    const next = await locks(connection).acquire('job')
    expect(await old.release()).toBe(false)
    await expect(old.extend()).rejects.toMatchObject({ name: 'LockLost' })
    expect(next.held).toBe(true)
    await next.extend()
    await next.release()
  })

  test('fencing numbers grow over a flush and a restart of the server', async () => {
    const server = await world.server()
    const connection = await world.connect(server)
    const fences: number[] = []
    const take = () => locks(connection).using('job', ({ fence }) => void fences.push(fence!))
    await take()
    server.cli('FLUSHALL')
    await take()
    await server.restart()
    await eventually(take)
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
    expect(fences.length).toBe(3)
  })

  test('waiting ends when the caller aborts', async () => {
    const connection = await world.connect(await world.server())
    const held = await locks(connection).acquire('job')
    const abort = new AbortController()
    const waiting = locks(connection).acquire('job', { signal: abort.signal })
    setTimeout(() => abort.abort(new Error('no longer needed')), 50)
    await expect(waiting).rejects.toThrow('no longer needed')
    await held.release()
  })
})

test('a semaphore has at most so many holders', async () => {
  const server = await world.server()
  const parties = await Promise.all(Array.from({ length: 3 }, async () => semaphore(await world.connect(server), 3)))
  let inside = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      parties[i % 3]!.using('pool', async () => {
        most = Math.max(most, ++inside)
        await pause(5)
        inside -= 1
      }),
    ),
  )
  expect(most).toBe(3)
})

test('redlock holds with a minority of servers dead, and not with a majority', async () => {
  const servers = await Promise.all([world.server(), world.server(), world.server()])
  const connections = await Promise.all(
    servers.map(server => world.connect(server, { readDeadline: 300, writeDeadline: 300 })),
  )
  const mutex = redlock(connections)
  await servers[0]!.kill()
  await mutex.using('job', async lock => {
    expect(lock.fence).toBe(undefined)
    expect(await redlock(connections).tryAcquire('job')).toBe(undefined)
  })
  await servers[1]!.kill()
  await expect(mutex.acquire('job', { wait: 500 })).rejects.toMatchObject({ name: 'CacheUnavailable' })
})
