// Limiters on a real server: never one too many, whoever asks at once, and an answer when the server is away.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import type { Connection } from '../connection/connection.ts'
import { rateLimitMiddleware } from './http.ts'
import { RateLimiter, type RateLimiterOptions } from './rate-limiter.ts'

const world = new World()
let server: Server
let connection: Connection
let n = 0
beforeAll(async () => {
  server = await world.server()
  connection = await world.connect(server)
})
afterAll(() => world.end())

const limiterOf = (options: Partial<RateLimiterOptions> & Pick<RateLimiterOptions, 'algorithm'>, on = connection) =>
  new RateLimiter(on, {
    name: `l${n++}`,
    limit: 10,
    window: '1m',
    whenUnavailable: 'deny',
    rememberRefused: false,
    ...options,
  })

for (const algorithm of ['fixedWindow', 'slidingLog', 'slidingWindow', 'tokenBucket', 'gcra'] as const) {
  describe(algorithm, () => {
    test('of 100 at once exactly 10 pass, from several connections', async () => {
      const name = `shared${n++}`
      const limiters = await Promise.all(
        Array.from({ length: 4 }, async () => limiterOf({ algorithm, name }, await world.connect(server))),
      )
      const results = await Promise.all(Array.from({ length: 100 }, (_, i) => limiters[i % 4]!.consume('ada')))
      expect(results.filter(result => result.allowed).length).toBe(10)
      const refused = results.find(result => !result.allowed)!
      expect(refused).toMatchObject({ remaining: 0, limit: 10, degraded: false })
      expect(refused.retryIn).toBeGreaterThan(0)
      expect(refused.retryIn).toBeLessThanOrEqual(60_000 * 2)
    })

    test('subjects are counted apart, and the remaining calls counted down', async () => {
      const limiter = limiterOf({ algorithm })
      const remaining = [await limiter.consume('a'), await limiter.consume('a'), await limiter.consume('b')]
      expect(remaining.map(result => result.remaining)).toEqual([9, 8, 9])
    })

    test('a call may cost more, and a refused one costs nothing', async () => {
      const limiter = limiterOf({ algorithm })
      expect((await limiter.consume('a', 7)).remaining).toBe(3)
      expect((await limiter.consume('a', 4)).allowed).toBe(false)
      expect(await limiter.consume('a', 3)).toMatchObject({ allowed: true, remaining: 0 })
      expect(await limiter.consume('a', 11)).toMatchObject({ allowed: false, retryIn: Number.POSITIVE_INFINITY })
    })

    test('a penalty counts beyond the limit, and is paid off in time', async () => {
      const limiter = limiterOf({ algorithm, limit: 4, window: 400 })
      await limiter.consume('a')
      await limiter.penalize('a', 7)
      expect(await limiter.consume('a')).toMatchObject({ allowed: false, remaining: 0 })
      expect(await limiter.peek('a')).toMatchObject({ remaining: 0 })
      expect((await limiter.consume('b')).allowed).toBe(true)
      await eventually(async () => expect((await limiter.consume('a')).allowed).toBe(true))
      await limiter.penalize('new', 5)
      expect(await limiter.consume('new')).toMatchObject({ allowed: false, remaining: 0 })
      expect(() => limiter.penalize('a', 0)).toThrow('whole number')
    })

    test('peek counts nothing', async () => {
      const limiter = limiterOf({ algorithm })
      await limiter.consume('a')
      expect((await limiter.peek('a')).remaining).toBe(9)
      expect((await limiter.peek('a')).remaining).toBe(9)
    })

    test('after retryIn the call is allowed', async () => {
      const limiter = limiterOf({ algorithm, limit: 2, window: 300 })
      while ((await limiter.consume('a')).allowed);
      for (;;) {
        const { allowed, retryIn } = await limiter.consume('a')
        if (allowed) break
        expect(retryIn).toBeGreaterThan(0)
        expect(retryIn).toBeLessThanOrEqual(700)
        await new Promise(resolve => setTimeout(resolve, retryIn))
      }
    })

    test('a blocked subject is refused until it is reset, and sub-second windows expire', async () => {
      const limiter = limiterOf({ algorithm, window: 200 })
      await limiter.block('a', '1h')
      const blocked = await limiter.consume('a')
      expect(blocked.allowed).toBe(false)
      expect(blocked.retryIn).toBeGreaterThan(3_500_000)
      await limiter.reset('a')
      expect((await limiter.consume('a')).allowed).toBe(true)
    })
  })
}

test('a sliding log never has more than the limit in any window', async () => {
  const limiter = limiterOf({ algorithm: 'slidingLog', limit: 10, window: 400 })
  const passed: number[] = []
  const end = Date.now() + 1500
  while (Date.now() < end) {
    const before = performance.now()
    if ((await limiter.consume('a')).allowed) passed.push(before)
  }
  // A call passed between `before` and its answer, so windows are measured from the later call's start.
  for (let i = 10; i < passed.length; i++) expect(passed[i]! - passed[i - 10]!).toBeGreaterThan(400 - 50)
})

test('refusals are remembered here, so a flood does not reach the server', async () => {
  const limiter = limiterOf({ algorithm: 'gcra', rememberRefused: true })
  for (let i = 0; i < 11; i++) await limiter.consume('flood')
  const before = connection.replies
  for (let i = 0; i < 1000; i++) expect((await limiter.consume('flood')).allowed).toBe(false)
  expect(connection.replies).toBe(before)
})

test('the server away: the answer that was chosen, in time', async () => {
  const away = await world.server()
  const bounded = await world.connect(away, { readDeadline: 100, writeDeadline: 100 })
  const open = limiterOf({ algorithm: 'gcra', whenUnavailable: 'allow' }, bounded)
  const closed = limiterOf({ algorithm: 'gcra', whenUnavailable: 'deny' }, bounded)
  away.freeze()
  for (let i = 0; i < 10; i++) {
    const start = performance.now()
    expect(await open.consume('a')).toMatchObject({ allowed: true, degraded: true })
    expect(await closed.consume('a')).toMatchObject({ allowed: false, degraded: true })
    expect(performance.now() - start).toBeLessThan(1500)
  }
})

test('over HTTP: headers on every answer, 429 with Retry-After when limited', async () => {
  const limit = rateLimitMiddleware(limiterOf({ algorithm: 'fixedWindow', limit: 1 }), { subject: () => 'everyone' })
  const http = createServer((request, response) => limit(request, response, () => void response.end('hello')))
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  world.onEnd(() => http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const first = await fetch(url)
  expect([first.status, first.headers.get('ratelimit-policy')]).toEqual([200, '"default";q=1;w=60'])
  const second = await fetch(url)
  expect(second.status).toBe(429)
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
})
