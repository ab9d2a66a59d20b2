import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster, Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { Places } from '../geo/geo.ts'
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

test('places are found nearest first, by radius and by box', async () => {
  for (const engine of engines) {
    const places = new Places(await world.connect(engine), { name: 'stations' })
    await places.add({
      tokyo: { longitude: 139.7671, latitude: 35.6812 },
      shinjuku: { longitude: 139.7005, latitude: 35.6896 },
      osaka: { longitude: 135.4959, latitude: 34.7024 },
    })
    const near = await places.near({ from: { longitude: 139.76, latitude: 35.68 }, within: 10_000 })
    expect(near.map(({ name }) => name)).toEqual(['tokyo', 'shinjuku'])
    expect(near[0]!.distance).toBeLessThan(1000)
    expect(near[1]!.position.longitude).toBeCloseTo(139.7005, 3)
    expect(
      (await places.near({ from: 'osaka', within: { width: 1_000_000, height: 1_000_000 }, count: 2 })).length,
    ).toBe(2)
    expect(await places.distance('tokyo', 'osaka')).toBeGreaterThan(390_000)
    expect([await places.distance('tokyo', 'nowhere'), await places.position('nowhere')]).toEqual([
      undefined,
      undefined,
    ])
    expect(await places.remove('osaka')).toBe(1)
  }
})
