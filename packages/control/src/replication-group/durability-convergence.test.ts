/** The laws of the plan under `sync`: no acknowledged write is lost, whoever dies, together or in turn, and whatever is changed. */
import { shardId } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bound,
  anyChange,
  type Change,
  changes,
  expectWhole,
  fates,
  replicasOf,
  type Script,
  shapes,
  suffer,
} from '../../tests/laws.ts'
import { aWorld, redis, type Shape } from '../../tests/model-world.ts'
import { aWriter } from '../../tests/writer.ts'

async function live(shape: Shape, change: Change, script: Script): Promise<void> {
  const world = aWorld({ ...shape, engine: redis, durability: 'sync' })
  const writer = aWriter(world)
  expect(await writer.converge(bound)).toBeLessThan(bound)
  await world.stored.change(changes[change])
  await suffer(world, script, writer)
  expect(await writer.converge(bound)).toBeLessThan(bound)
  expect(writer.lost()).toEqual([])
  await expectWhole(world, { ...shape, replicas: replicasOf(world.stored.row()!.desired) })
}

describe('a group with a log in a model world', () => {
  it('has every acknowledged write again when all of its nodes end at once', async () => {
    for (const shards of [1, 3]) {
      for (const replicas of [0, 1, 2]) {
        const shape = { shards, replicas, automaticFailover: replicas > 0 }
        const world = aWorld({ ...shape, durability: 'sync' })
        const writer = aWriter(world)
        expect(await writer.converge(bound)).toBeLessThan(bound)
        for (let life = 0; life < 3; life++) {
          for (let i = 0; i < 5; i++) await writer.turn()
          for (const node of await world.nodes()) world.machine.kill(node)
          expect(await writer.converge(bound)).toBeLessThan(bound)
        }
        expect(writer.written).toBeGreaterThan(15)
        expect(writer.lost()).toEqual([])
        await expectWhole(world, shape)
      }
    }
  })

  it('has them, too, where a spare stands in for the only node of a shard and ends, in whatever turn', async () => {
    const shape = { shards: 1, replicas: 0, automaticFailover: false }
    let stoodIn = 0
    for (let turns = 1; turns <= 25; turns++) {
      const world = aWorld({ ...shape, engine: redis, durability: 'sync' })
      const writer = aWriter(world)
      expect(await writer.converge(bound)).toBeLessThan(bound)
      await world.stored.change(changes.upgrade)
      for (let i = 0; i < turns; i++) await writer.turn()
      const spare = (await world.nodes()).find(({ node }) => node.endsWith('-spare'))
      if (spare) world.machine.kill(spare)
      if (spare && world.stored.row()!.observation!.observed.primaryOf[shardId(1)] === spare.node) stoodIn += 1
      expect(await writer.converge(bound)).toBeLessThan(bound)
      expect(writer.lost()).toEqual([])
      await expectWhole(world, shape)
    }
    expect(stoodIn).toBeGreaterThan(2)
  })

  it('loses no acknowledged write, whoever dies in whatever change', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(shapes, anyChange, fates, live), {
      numRuns: 150,
    })
  })

  it('keeps what it has when its durability is changed meanwhile', { timeout: 120_000 }, async () => {
    const durability = fc.constantFrom('disabled', 'async', 'sync')
    await fc.assert(
      fc.asyncProperty(shapes, fc.array(durability, { minLength: 1, maxLength: 4 }), async (shape, wanted) => {
        const world = aWorld({ ...shape, durability: 'sync' })
        const writer = aWriter(world)
        expect(await writer.converge(bound)).toBeLessThan(bound)
        for (const one of [...wanted, 'sync' as const]) {
          await world.stored.change(desired => ({ ...desired, durability: one }))
          expect(await writer.converge(bound)).toBeLessThan(bound)
        }
        for (const node of await world.nodes()) world.machine.kill(node)
        expect(await writer.converge(bound)).toBeLessThan(bound)
        expect(writer.lost()).toEqual([])
        await expectWhole(world, shape)
      }),
      { numRuns: 60 },
    )
  })
})
