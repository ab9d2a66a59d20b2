/** The laws of the plan while slots move: no key and no slot is lost, whatever is cut, and no slot stays open. */
import { formatSlotRanges, parseSlotRanges, type ReplicationGroupDesired, slotTargets } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bound, expectWhole, mayDie } from '../../tests/laws.ts'
import { aRow, aWorld, type World } from '../../tests/model-world.ts'

const reshardFates = fc.array(
  fc.record({
    turns: fc.nat(8),
    fate: fc.constantFrom('kill', 'cut', 'crash'),
    victim: fc.nat(11),
    count: fc.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 6 },
)

/** As services write it. */
function reshardTo(desired: ReplicationGroupDesired, count: number): ReplicationGroupDesired {
  const { shards } = aRow({
    shards: Math.max(2, count),
    replicas: desired.shards[0]!.nodes.length - 1,
    automaticFailover: true,
  }).desired
  const all = [...desired.shards, ...shards.slice(desired.shards.length, count).map(shard => ({ ...shard, slots: '' }))]
  const stays = (position: number) => position < count
  const targets = slotTargets(all.map(({ slots }, i) => ({ slots: parseSlotRanges(slots ?? ''), stays: stays(i) })))
  return {
    ...desired,
    shards: all.map((shard, i) => ({
      ...shard,
      slots: formatSlotRanges(targets[i]!),
      ...(stays(i) ? {} : { leaving: true as const }),
    })),
  }
}

async function primariesOf(world: World) {
  return (await world.nodes()).filter(({ running, place }) => running && world.engines.node(place)?.role === 'primary')
}

async function writeKeys(world: World, count: number): Promise<readonly string[]> {
  const keys = Array.from({ length: count }, (_, i) => `key:${i}`)
  for (const key of keys) {
    const answers: string[] = []
    for (const { place } of await primariesOf(world))
      answers.push(await world.engines.connect(place.address, place.port).text('SET', key, `value of ${key}`))
    expect(answers).toContain('OK')
  }
  world.engines.beat(3)
  return keys
}

async function expectKeys(world: World, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const answers: string[] = []
    for (const { place } of await primariesOf(world))
      answers.push(await world.engines.connect(place.address, place.port).text('GET', key))
    expect(answers.filter(answer => !answer.startsWith('MOVED'))).toEqual([`value of ${key}`])
  }
}

describe('resharding in a model world', () => {
  it('reshards out and in, whatever is killed, frozen or cut meanwhile, and loses no key and no slot', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 3),
        fc.constantFrom(1, 3, 4),
        fc.integer({ min: 1, max: 2 }),
        reshardFates,
        async (from, to, replicas, script) => {
          const world = aWorld({ shards: from, replicas, automaticFailover: true })
          expect(await world.converge(bound)).toBeLessThan(bound)
          const keys = await writeKeys(world, 60)
          await world.stored.change(desired => reshardTo(desired, to))
          for (const { turns, fate, victim, count } of script) {
            for (let i = 0; i < turns; i++) await world.turn()
            const nodes = await world.nodes()
            const node = nodes[victim % Math.max(1, nodes.length)]
            if (fate === 'cut') world.engines.cutMoves(count)
            else if (fate === 'crash') world.crashAfter(count)
            else if (node && fate === 'kill' && (await mayDie(world, node))) world.machine.kill(node)
          }
          expect(await world.converge(bound)).toBeLessThan(bound)
          const { desired, observation } = world.stored.row()!
          expect(desired.shards.map(shard => shard.slots)).toEqual(
            desired.shards.map(shard => observation!.observed.slots![shard.id]),
          )
          expect(desired.shards).toHaveLength(to)
          await expectWhole(world, { shards: to, replicas, automaticFailover: true })
          for (const { place } of await world.nodes()) {
            const { membership, role } = world.engines.node(place)!
            if (role === 'primary') expect([membership!.migrating.size, membership!.importing.size]).toEqual([0, 0])
          }
          await expectKeys(world, keys)
        },
      ),
      { numRuns: 60 },
    )
  })
})
