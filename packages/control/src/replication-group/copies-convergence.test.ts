/** The laws of the plan for data in memory: as long as one node of a shard has all of it, it is not lost, whatever is changed. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyChange,
  bound,
  type Change,
  changes,
  expectWhole,
  fates,
  mayDie,
  replicasOf,
  type Script,
} from '../../tests/laws.ts'
import { aWorld, redis, type Shape } from '../../tests/model-world.ts'
import { aWriter } from '../../tests/writer.ts'

const replicated = fc.record({
  shards: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 1, max: 2 }),
  automaticFailover: fc.constant(true),
})

async function live(shape: Shape, change: Change, script: Script): Promise<void> {
  const world = aWorld({ ...shape, engine: redis })
  const writer = aWriter(world)
  expect(await writer.converge(bound)).toBeLessThan(bound)
  await world.stored.change(changes[change])
  for (const { turns, fate, victim, effects } of script) {
    for (let i = 0; i < turns; i++) await writer.turn()
    const nodes = await world.nodes()
    const node = nodes[victim % nodes.length]!
    if (fate === 'crash') world.crashAfter(effects)
    else if (await mayDie(world, node)) {
      if (fate === 'kill') world.machine.kill(node)
      else world.machine.freeze(node, true)
    }
  }
  expect(await writer.converge(bound)).toBeLessThan(bound)
  expect(writer.lost()).toEqual([])
  await expectWhole(world, { ...shape, replicas: replicasOf(world.stored.row()!.desired) })
}

describe('a group in memory in a model world', () => {
  it('keeps what one node of each shard has, whoever else dies in whatever change', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(replicated, anyChange, fates, live), { numRuns: 150 })
  })
})
