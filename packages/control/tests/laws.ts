/** What every test of the plan's laws asks of a world, and the scripts of misfortune it goes through. */
import { replicationGroupStatus } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Shape, World } from './model-world.ts'

/** No world of at most nine nodes needs more: starting, forming, promoting and resyncing all fit many times over. */
export const bound = 400

export async function expectWhole(world: World, shape: Shape): Promise<void> {
  const row = world.stored.row()!
  expect(replicationGroupStatus(row)).toBe('available')
  const nodes = await world.nodes()
  expect(nodes.filter(node => node.running)).toHaveLength(shape.shards * (shape.replicas + 1))
  for (const shard of row.desired.shards) {
    const roles = shard.nodes.map(node => row.observation!.observed.nodes[node.id]!.role)
    expect(roles.filter(role => role === 'primary')).toHaveLength(1)
    expect(roles.filter(role => role === 'replica')).toHaveLength(shape.replicas)
  }
  for (let i = 0; i < 30; i++) expect(await world.turn()).toBe(true)
}

export const shapes = fc.record({
  shards: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 0, max: 2 }),
  automaticFailover: fc.boolean(),
})

export const fates = fc.array(
  fc.record({
    turns: fc.nat(12),
    fate: fc.constantFrom('kill', 'freeze', 'crash'),
    victim: fc.nat(8),
    effects: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 6 },
)

/** As many turns as a fate says, then the fate. */
export async function suffer(world: World, script: Script, { turn }: Pick<World, 'turn'> = world): Promise<void> {
  for (const { turns, fate, victim, effects } of script) {
    for (let i = 0; i < turns; i++) await turn()
    const nodes = await world.nodes()
    const node = nodes[victim % Math.max(1, nodes.length)]
    if (fate === 'crash') world.crashAfter(effects)
    else if (node && fate === 'kill') world.machine.kill(node)
    else if (node && fate === 'freeze') world.machine.freeze(node, true)
  }
}

export type Script = readonly {
  readonly turns: number
  readonly fate: 'kill' | 'freeze' | 'crash'
  readonly victim: number
  readonly effects: number
}[]
