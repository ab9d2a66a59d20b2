/** What every test of the plan's laws asks of a world, and the scripts of misfortune it goes through. */
import { type ObservedNode, type ReplicationGroupDesired, replicationGroupStatus } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { aRow, type Shape, valkey, type World } from './model-world.ts'

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

export const replicasOf = ({ shards }: ReplicationGroupDesired): number => shards[0]!.nodes.length - 1

function withReplicas(desired: ReplicationGroupDesired, replicas: number): ReplicationGroupDesired {
  const shape = { shards: desired.shards.length, replicas, automaticFailover: desired.automaticFailover }
  return { ...desired, shards: aRow(shape).desired.shards }
}

/** What a customer may ask of a group that was made with Redis. */
export const changes = {
  nothing: desired => desired,
  upgrade: desired => ({ ...desired, ...valkey }),
  'another node type': desired => ({ ...desired, nodeType: 'cache.t4g.small' }),
  'another primary': desired => ({
    ...desired,
    targetPrimary: Object.fromEntries(desired.shards.map(({ id, nodes }) => [id, nodes.at(-1)!.id])),
  }),
  'a replica more': desired => withReplicas(desired, replicasOf(desired) + 1),
  'a replica less': desired => withReplicas(desired, Math.max(0, replicasOf(desired) - 1)),
  encryption: desired => ({ ...desired, transitEncryption: 'preferred' }),
} satisfies Record<string, (desired: ReplicationGroupDesired) => ReplicationGroupDesired>
export type Change = keyof typeof changes

export const anyChange = fc.constantFrom(...(Object.keys(changes) as Change[]))

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

/**
 * A node whose data another one holds that runs: with nobody left the data is gone with it, on any engine; so it is with a
 * replica whose primary has died already. Time for the copy comes first.
 */
export async function mayDie(world: World, { place }: Pick<ObservedNode, 'place'>): Promise<boolean> {
  world.engines.beat(3)
  const me = world.engines.node(place)
  if (!me) return false
  const shardOf = ({ role, membership, follow, place: at }: typeof me): string | undefined => {
    if (membership) return role === 'primary' ? membership.id : membership.primaryId
    return role === 'primary' ? at.address : follow?.host
  }
  return world.engines
    .all()
    .some(
      other =>
        other !== me &&
        other.running &&
        !other.frozen &&
        shardOf(other) === shardOf(me) &&
        (other.role === 'primary' || other.link === 'up'),
    )
}
