import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster, Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { Places } from './geo.ts'

const world = new World()
const engines: (Server | Cluster)[] = []
beforeAll(async () => {
  engines.push(await world.server(), await world.cluster())
})
afterAll(() => world.end())

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
