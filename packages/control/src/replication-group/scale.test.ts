/**
 * The plan of a large group: turns stay few and the cost of a plan does not explode (`npm run bench scale` has the
 * largest). And the laws of the plan where several things happen at once: nodes lost together, a customer who asks on, a second controller.
 */
import { replicationGroupStatus } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bound, expectWhole } from '../../tests/laws.ts'
import { aRow, aWorld, type World } from '../../tests/model-world.ts'

const asks = ['more', 'fewer', 'failover', 'nothing'] as const

const events = fc.array(
  fc.record({
    turns: fc.nat(10),
    ask: fc.constantFrom(...asks),
    fate: fc.constantFrom('kill', 'freeze', 'crash', 'rival', 'none'),
    victims: fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }),
    effects: fc.integer({ min: 1, max: 12 }),
    delay: fc.nat(6),
  }),
  { maxLength: 6 },
)

function ask(world: World, wish: (typeof asks)[number], shards: number, replicas: number, victim: number): number {
  if (wish === 'more' || wish === 'fewer') {
    const wanted = wish === 'more' ? Math.min(3, replicas + 1) : Math.max(1, replicas - 1)
    const shape = aRow({ shards, replicas: wanted, automaticFailover: true }).desired.shards
    void world.stored.change(desired => ({ ...desired, shards: shape }))
    return wanted
  }
  if (wish === 'failover') {
    const shard = world.stored.row()!.desired.shards[victim % shards]!
    const node = shard.nodes[victim % shard.nodes.length]!.id
    void world.stored.change(desired => ({ ...desired, targetPrimary: { ...desired.targetPrimary, [shard.id]: node } }))
  }
  return replicas
}

describe('a group whose customers and nodes give it no rest', () => {
  it('converges, whatever is asked, whoever is lost together, and with a second controller', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), events, async (shards, script) => {
        let replicas = 1
        const world = aWorld({ shards, replicas, automaticFailover: true })
        for (const { turns, ask: wish, fate, victims, effects, delay } of script) {
          for (let i = 0; i < turns; i++) await world.turn()
          // The API takes a change of a group only while it is available.
          const able = replicationGroupStatus(world.stored.row()!) === 'available'
          if (able) replicas = ask(world, wish, shards, replicas, victims[0]!)
          const deed = fate === 'rival' ? await world.rival() : undefined
          for (let i = 0; i < delay; i++) await world.turn()
          await deed?.()
          if (fate === 'crash') world.crashAfter(effects)
          const nodes = await world.nodes()
          for (const victim of nodes.length === 0 ? [] : victims) {
            const node = nodes[victim % nodes.length]!
            if (fate === 'kill') world.machine.kill(node)
            else if (fate === 'freeze') world.machine.freeze(node, true)
          }
        }
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, { shards, replicas, automaticFailover: true })
      }),
      { numRuns: 100 },
    )
  })
})

describe('a group of 150 shards', () => {
  it('is made in a few turns, survives the loss of ten primaries, and rests', { timeout: 120_000 }, async () => {
    const world = aWorld({ shards: 150, replicas: 0, automaticFailover: true })
    const made = await world.converge(60)
    expect(made).toBeLessThanOrEqual(40)
    for (const node of (await world.nodes()).slice(0, 10)) world.machine.kill(node)
    expect(await world.converge(60)).toBeLessThanOrEqual(40)
    expect(replicationGroupStatus(world.stored.row()!)).toBe('available')
    expect(await world.turn()).toBe(true)
  })
})
