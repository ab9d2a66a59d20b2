/**
 * The laws of the plan, on a model world: progress (every reachable world converges in bounded turns), stability (a
 * converged world plans nothing), interruption (a step cut anywhere, and a controller that starts anew, still converge).
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bound, expectWhole, fates, shapes, suffer } from '../../tests/laws.ts'
import { aRow, aWorld } from '../../tests/model-world.ts'
import { aWriter } from '../../tests/writer.ts'

describe('a replication group in a model world', () => {
  it('gives the role to whoever is asked for, and does not fail back when that node is lost later', async () => {
    for (const shards of [1, 3]) {
      const shape = { shards, replicas: 2, automaticFailover: true }
      const world = aWorld(shape)
      expect(await world.converge(bound)).toBeLessThan(bound)
      const shard = world.stored.row()!.desired.shards[0]!
      const asked = shard.nodes[1]!.id
      await world.stored.change(desired => ({ ...desired, targetPrimary: { [shard.id]: asked } }))
      expect(await world.converge(bound)).toBeLessThan(bound)
      expect(world.stored.row()!.observation!.observed.primaryOf[shard.id]).toBe(asked)
      await expectWhole(world, shape)

      world.machine.kill((await world.nodes()).find(node => node.node === asked)!)
      expect(await world.converge(bound)).toBeLessThan(bound)
      expect(world.stored.row()!.observation!.observed.primaryOf[shard.id]).not.toBe(asked)
      await expectWhole(world, shape)
    }
  })

  it('finishes a hand-over that was cut off behind any effect, also where the two nodes swap their endpoints', async () => {
    let crashes = 0
    for (let effect = 1; effect <= 12; effect++) {
      const shape = { shards: 1, replicas: 1, automaticFailover: false }
      const world = aWorld(shape)
      expect(await world.converge(bound)).toBeLessThan(bound)
      const shard = world.stored.row()!.desired.shards[0]!
      const asked = shard.nodes[1]!.id
      await world.stored.change(desired => ({ ...desired, targetPrimary: { [shard.id]: asked } }))
      world.crashAfter(effect)
      for (let turns = 0; turns < bound && world.crashes() === 0; turns++) if (await world.turn()) break
      // Until Hotshelf runs again, replication goes on: the old primary is in sync with the new one, and both hold the other's endpoint.
      for (let beats = 0; beats < 5; beats++) world.engines.beat()
      expect(await world.converge(bound), `cut off behind effect ${effect}`).toBeLessThan(bound)
      crashes += world.crashes()
      expect(world.stored.row()!.observation!.observed.primaryOf[shard.id]).toBe(asked)
      await expectWhole(world, shape)
    }
    expect(crashes).toBeGreaterThan(3)
  })

  it('makes the first node the primary of a new shard, whoever answers first', async () => {
    const shape = { shards: 1, replicas: 2, automaticFailover: true }
    const world = aWorld(shape)
    while (!(await world.nodes()).some(node => node.running)) await world.turn()
    const first = world.stored.row()!.desired.shards[0]!.nodes[0]!.id
    const found = (await world.nodes()).filter(node => node.node !== first)
    const last = found.at(-1)!
    // The last one alone answers at first.
    for (const node of await world.nodes()) if (node.node !== last.node) world.machine.freeze(node, true)
    for (let i = 0; i < 3; i++) await world.turn()
    for (const node of await world.nodes()) world.machine.freeze(node, false)
    expect(await world.converge(bound)).toBeLessThan(bound)
    const { desired, observation } = world.stored.row()!
    expect(observation!.observed.primaryOf[desired.shards[0]!.id]).toBe(first)
    await expectWhole(world, shape)
  })

  it('takes more replicas in and lets them go again, and forgets those that left', async () => {
    for (const shards of [1, 3]) {
      const world = aWorld({ shards, replicas: 1, automaticFailover: true })
      expect(await world.converge(bound)).toBeLessThan(bound)
      const small = world.stored.row()!.desired.shards
      const large = aRow({ shards, replicas: 3, automaticFailover: true }).desired.shards
      for (const wanted of [large, small]) {
        await world.stored.change(desired => ({ ...desired, shards: wanted }))
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, { shards, replicas: wanted[0]!.nodes.length - 1, automaticFailover: true })
      }
    }
  })

  it('keeps the data of a primary that is lost just before the only copy of it was to leave', async () => {
    for (const shards of [1, 3]) {
      for (const replicas of [0, 1]) {
        const world = aWorld({ shards, replicas: 2, automaticFailover: true })
        const writer = aWriter(world)
        expect(await world.converge(bound)).toBeLessThan(bound)
        for (let i = 0; i < 5; i++) await writer.turn()
        expect(writer.written).toBeGreaterThan(3)
        const shape = { shards, replicas, automaticFailover: true }
        const wanted = aRow(shape).desired.shards
        const staying = new Set(wanted.flatMap(shard => shard.nodes.map(node => node.id)))
        await world.stored.change(desired => ({ ...desired, shards: wanted }))
        for (const node of await world.nodes()) if (staying.has(node.node)) world.machine.kill(node)
        expect(await writer.converge(bound)).toBeLessThan(bound)
        expect(writer.lost()).toEqual([])
        await expectWhole(world, shape)
        const { observation } = world.stored.row()!
        expect(Object.values(observation!.observed.primaryOf).every(node => staying.has(node))).toBe(true)
      }
    }
  })

  it('is created from nothing, whatever its shape, and then rests', async () => {
    for (const shards of [1, 2, 3, 5]) {
      for (const replicas of [0, 1, 2]) {
        const shape = { shards, replicas, automaticFailover: replicas > 0 }
        const world = aWorld(shape)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
      }
    }
  })

  it('converges after every kill, freeze and crash, at any moment, and then rests', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fates, async (shape, script) => {
        const world = aWorld(shape)
        await suffer(world, script)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
      }),
      { numRuns: 150 },
    )
  })

  it('leaves nothing behind when it is deleted, at any moment, with crashes on the way', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(40), fc.integer({ min: 1, max: 10 }), async (shape, turns, effects) => {
        const world = aWorld(shape)
        for (let i = 0; i < turns; i++) await world.turn()
        world.stored.remove()
        world.crashAfter(effects)
        expect(await world.converge(bound)).toBeLessThan(bound)
        expect(await world.nodes()).toEqual([])
        expect(world.stored.row()).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })
})
