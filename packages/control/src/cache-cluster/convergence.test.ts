/**
 * The laws of a Memcached cluster's plan, on a model world: progress (every reachable world converges in bounded turns),
 * stability (a converged world plans nothing), interruption (a step cut behind any effect, and a controller that starts anew,
 * still converge). And at every moment what clients are told: versions only grow, and whom they hear of has not been removed.
 */
import { discoveryNode, memcachedClusterStatus } from '@hotshelf/domain'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMemcachedWorld, type MemcachedWorld } from '../../tests/memcached-world.ts'

const bound = 300

async function expectWhole(world: MemcachedWorld): Promise<void> {
  const row = world.stored.row()!
  expect(memcachedClusterStatus(row)).toBe('available')
  const wanted = row.desired.nodes.map(node => node.id)
  const all = await world.everything()
  expect(all.filter(node => node.running).map(node => node.node)).toEqual([...wanted, discoveryNode].toSorted())
  expect(all).toHaveLength(wanted.length + 1)
  const addresses = all.filter(node => node.node !== discoveryNode).map(node => node.place.address)
  expect((await world.told())!.nodes.map(node => node.address).toSorted()).toEqual(addresses.toSorted())
  for (const { launched } of all.filter(node => node.node !== discoveryNode))
    expect(launched!.labels).toMatchObject({ version: row.desired.engineVersion, nodeType: row.desired.nodeType })
  for (let i = 0; i < 30; i++) expect(await world.turn()).toBe(true)
}

/** Looks at what clients are told after every turn. */
function watching(world: MemcachedWorld) {
  let version = 0
  return async (): Promise<boolean> => {
    const rested = await world.turn()
    const told = await world.told()
    if (told) {
      expect(told.version).toBeGreaterThanOrEqual(version)
      version = told.version
      const there = (await world.everything()).map(node => node.place.address)
      for (const { address } of told.nodes) expect(there).toContain(address)
    }
    return rested
  }
}

async function settle(turn: () => Promise<boolean>): Promise<number> {
  for (let i = 1; i <= bound; i++) if (await turn()) return i
  return Number.POSITIVE_INFINITY
}

const misfortunes = fc.array(
  fc.record({
    turns: fc.nat(8),
    what: fc.constantFrom('kill', 'freeze', 'crash', 'resize', 'upgrade', 'scale', 'reboot', 'window'),
    victim: fc.nat(12),
    number: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 8 },
)

type Misfortune =
  typeof misfortunes extends fc.Arbitrary<infer Script extends readonly unknown[]> ? Script[number] : never

async function befall(world: MemcachedWorld, { what, victim, number }: Misfortune): Promise<void> {
  const nodes = await world.everything()
  const node = nodes[victim % Math.max(1, nodes.length)]
  if (what === 'crash') world.crashAfter(number)
  else if (what === 'resize') await world.resize(number)
  else if (what === 'upgrade') await world.stored.change(desired => ({ ...desired, engineVersion: '1.6.22' }))
  else if (what === 'scale') await world.stored.change(desired => ({ ...desired, nodeType: 'cache.t4g.small' }))
  else if (what === 'window') await world.stored.setPending({ nodeType: 'cache.t4g.medium' })
  else if (what === 'reboot')
    await world.stored.change(desired => ({
      ...desired,
      nodes: desired.nodes.map((one, at) =>
        at === victim % desired.nodes.length ? { ...one, rebootGeneration: one.rebootGeneration + 1 } : one,
      ),
    }))
  else if (node && what === 'kill') world.machine.kill(node)
  else if (node) world.machine.freeze(node, true)
}

describe('a Memcached cluster in a model world', () => {
  it('is created from nothing, whatever its size, in one version, and then rests', async () => {
    for (const nodes of [1, 2, 3, 40]) {
      const world = aMemcachedWorld(nodes)
      expect(await settle(watching(world))).toBeLessThan(20)
      expect((await world.told())!.version).toBe(1)
      await expectWhole(world)
    }
  })

  it('has one version for each change of its nodes, and none for a node that is replaced', async () => {
    const world = aMemcachedWorld(3)
    const turn = watching(world)
    for (const [at, nodes] of [3, 5, 2, 40, 1].entries()) {
      if (at > 0) await world.resize(nodes)
      await settle(turn)
      expect((await world.told())!.version).toBe(at + 1)
      await expectWhole(world)
    }
    for (const node of await world.everything()) world.machine.kill(node)
    await settle(turn)
    expect((await world.told())!.version).toBe(5)
    await expectWhole(world)
  })

  it('does not forget its version when the configuration endpoint loses its directory', async () => {
    const world = aMemcachedWorld(2)
    await world.resize(3)
    await world.converge(bound)
    await world.resize(4)
    await world.converge(bound)
    const before = (await world.told())!
    const discovery = (await world.everything()).find(node => node.node === discoveryNode)!
    await world.machine.open().remove(discovery)
    await world.converge(bound)
    expect((await world.told())!).toEqual(before)
    await expectWhole(world)
  })

  it('lets what waits into force when the window opens', async () => {
    const world = aMemcachedWorld(2)
    await world.converge(bound)
    await world.stored.setPending({ nodeType: 'cache.t4g.small' })
    await expectWhole(world)
    world.at(new Date('2026-01-05T05:30:00Z'))
    await world.converge(bound)
    expect(world.stored.row()).toMatchObject({ desired: { nodeType: 'cache.t4g.small' }, pending: undefined })
    await expectWhole(world)
  })

  it('converges after every misfortune and every change, at any moment, and then rests', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), misfortunes, async (nodes, script) => {
        const world = aMemcachedWorld(nodes)
        const turn = watching(world)
        for (const one of script) {
          for (let i = 0; i < one.turns; i++) await turn()
          await befall(world, one)
        }
        expect(await settle(turn)).toBeLessThan(bound)
        await expectWhole(world)
      }),
      { numRuns: 200 },
    )
  })

  it('converges when its controller dies behind every single effect of a change', async () => {
    for (const [from, to] of [
      [0, 3],
      [2, 5],
      [5, 2],
    ] as const) {
      for (let effects = 1; effects <= 12; effects++) {
        const world = aMemcachedWorld(from === 0 ? to : from)
        const turn = watching(world)
        if (from !== 0) {
          await settle(turn)
          await world.resize(to)
        }
        world.crashAfter(effects)
        expect(await settle(turn)).toBeLessThan(bound)
        await expectWhole(world)
      }
    }
  })

  it('starts nothing for an encrypted cluster with a program that has no TLS, and says why', async () => {
    const world = aMemcachedWorld(2, { lacksTls: true })
    await world.stored.change(desired => ({ ...desired, transitEncryption: 'required' }))
    expect(await world.converge(20)).toBe(Number.POSITIVE_INFINITY)
    expect(await world.everything()).toEqual([])
    expect(world.stored.row()!.observation!.observed.failure).toContain('was built without TLS')
    expect(world.stored.events[0]!.message).toContain('was built without TLS')
  })

  it('leaves nothing behind when it is deleted, at any moment, with crashes on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.nat(12),
        fc.integer({ min: 1, max: 10 }),
        async (nodes, turns, effects) => {
          const world = aMemcachedWorld(nodes)
          for (let i = 0; i < turns; i++) await world.turn()
          world.stored.remove()
          world.crashAfter(effects)
          expect(await world.converge(bound)).toBeLessThan(bound)
          expect(await world.everything()).toEqual([])
          expect(world.stored.row()).toBeUndefined()
        },
      ),
      { numRuns: 80 },
    )
  })
})
