import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster, Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { ActiveUsers, Counter, UniqueCounter } from './counter.ts'

const world = new World()
const engines: (Server | Cluster)[] = []
beforeAll(async () => {
  engines.push(await world.server(), await world.cluster())
})
afterAll(() => world.end())

test('exact counters count, expire from their first count, and are taken in one step', async () => {
  for (const engine of engines) {
    const connection = await world.connect(engine)
    const counter = new Counter(connection, { name: 'views', ttl: '1h' })
    const counted = await Promise.all(Array.from({ length: 50 }, () => counter.add('page')))
    expect(Math.max(...counted)).toBe(50)
    expect(await counter.get('page')).toBe(50)
    expect(await connection.send({ args: ['PTTL', 'count:views:page'], key: 'count:views:page' })).toBeGreaterThan(
      3_500_000,
    )
    expect([await counter.take('page'), await counter.get('page')]).toEqual([50, 0])
  }
})

test('unique counters count each once, over several periods too', async () => {
  for (const engine of engines) {
    const visitors = new UniqueCounter(await world.connect(engine), { name: 'visitors', ttl: '1d' })
    await visitors.add('mon', 'ada', 'bob', 'ada')
    await visitors.add('tue', 'bob', 'cid')
    expect([await visitors.count('mon'), await visitors.count('tue'), await visitors.count('mon', 'tue')]).toEqual([
      2, 2, 3,
    ])
  }
})

test('who was active in all or any of the days', async () => {
  for (const engine of engines) {
    const active = new ActiveUsers(await world.connect(engine), { name: 'active' })
    for (const [day, user] of [
      ['mon', 1],
      ['mon', 2],
      ['tue', 2],
      ['tue', 300],
    ] as const)
      await active.mark(day, user)
    expect([await active.count('mon'), await active.wasActive('mon', 1), await active.wasActive('tue', 1)]).toEqual([
      2,
      true,
      false,
    ])
    expect([await active.countOf('all', 'mon', 'tue'), await active.countOf('any', 'mon', 'tue')]).toEqual([1, 3])
  }
})
