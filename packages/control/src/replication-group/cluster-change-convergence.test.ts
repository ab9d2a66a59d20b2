/** The laws of the plan while a shard changes over to the cluster protocol: no acknowledged write is lost, and it ends well. */
import { replicationGroupStatus, withSlots } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bound, fates, suffer } from '../../tests/laws.ts'
import { aWorld, redis, valkey, type World } from '../../tests/model-world.ts'
import { aWriter } from '../../tests/writer.ts'

const change = (world: World, clusterMode: 'compatible' | 'enabled') =>
  world.stored.change(desired => withSlots({ ...desired, clusterMode }))

/** Every node speaks the protocol, one owns all slots, the others follow it, and nothing more is planned. */
async function expectChanged(world: World, replicas: number): Promise<void> {
  const row = world.stored.row()!
  expect(replicationGroupStatus(row)).toBe('available')
  const nodes = (await world.nodes()).filter(node => node.running)
  expect(nodes).toHaveLength(replicas + 1)
  const found = nodes.map(node => world.engines.node(node.place)!)
  const [primary, ...others] = found.toSorted((a, b) => (a.role < b.role ? -1 : 1))
  expect(primary!.role).toBe('primary')
  expect(primary!.membership!.slots.get(primary!.membership!.id)).toEqual([{ from: 0, to: 16_383 }])
  for (const replica of others) expect(replica.membership?.primaryId).toBe(primary!.membership!.id)
  for (const node of found) expect(node.membership!.peers.size).toBe(replicas)
  const { endpoints } = row.observation!.observed
  expect(endpoints.configuration).toBeDefined()
  for (let i = 0; i < 30; i++) expect(await world.turn()).toBe(true)
}

describe('a group that changes over to the cluster protocol in a model world', () => {
  it.each([valkey, redis])('keeps every acknowledged write and its endpoints: $engine', async engine => {
    for (const replicas of [0, 1, 2, 3]) {
      const world = aWorld({ shards: 1, replicas, automaticFailover: replicas > 0, engine })
      const writer = aWriter(world)
      expect(await world.converge(bound)).toBeLessThan(bound)
      const { endpoints } = world.stored.row()!.observation!.observed
      await change(world, 'compatible')
      expect(await writer.converge(bound)).toBeLessThan(bound)
      await expectChanged(world, replicas)
      expect(writer.written).toBeGreaterThan(5)
      expect(writer.lost()).toEqual([])
      expect(world.stored.row()!.observation!.observed.endpoints).toMatchObject({
        primary: endpoints.primary,
        reader: endpoints.reader,
      })
      await change(world, 'enabled')
      expect(await writer.converge(bound)).toBeLessThan(bound)
      await expectChanged(world, replicas)
      expect(writer.lost()).toEqual([])
    }
  })

  it('loses no write when control dies in it, wherever', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 }),
        fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 5 }),
        async (replicas, crashes) => {
          const world = aWorld({ shards: 1, replicas, automaticFailover: replicas > 0 })
          const writer = aWriter(world)
          expect(await world.converge(bound)).toBeLessThan(bound)
          await change(world, 'compatible')
          for (const effects of crashes) {
            world.crashAfter(effects)
            for (let i = 0; i < 15; i++) await writer.turn()
          }
          expect(await writer.converge(bound)).toBeLessThan(bound)
          await expectChanged(world, replicas)
          expect(writer.lost()).toEqual([])
        },
      ),
      { numRuns: 80 },
    )
  })

  it('ends whatever dies meanwhile, and then rests', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), fates, async (replicas, script) => {
        const world = aWorld({ shards: 1, replicas, automaticFailover: replicas > 0 })
        expect(await world.converge(bound)).toBeLessThan(bound)
        await change(world, 'compatible')
        await suffer(world, script)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectChanged(world, replicas)
      }),
      { numRuns: 150 },
    )
  })
})
