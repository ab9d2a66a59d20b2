/** The laws of the plan while nodes are changed one by one: no acknowledged write is lost, endpoints stay. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bound, expectWhole, fates, shapes, suffer } from '../../tests/laws.ts'
import { aWorld, redis, valkey } from '../../tests/model-world.ts'
import { aWriter } from '../../tests/writer.ts'

describe('changing a group in a model world', () => {
  it('is upgraded with every acknowledged write, and clients find it at the same endpoints', async () => {
    for (const shards of [1, 3]) {
      for (const replicas of [0, 1, 2]) {
        const shape = { shards, replicas, automaticFailover: replicas > 0, engine: redis }
        const world = aWorld(shape)
        const writer = aWriter(world)
        expect(await world.converge(bound)).toBeLessThan(bound)
        const endpoints = world.stored.row()!.observation!.observed.endpoints
        await world.stored.change(desired => ({ ...desired, ...valkey }))
        expect(await writer.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
        for (const node of await world.nodes()) expect(node.launched?.labels['program']).toBe('valkey 8.0.1')
        expect(writer.written).toBeGreaterThan(5)
        expect(writer.lost()).toEqual([])
        const seen = world.stored.row()!.observation!.observed
        expect(seen.endpoints).toEqual(endpoints)
        expect(Object.keys(seen.nodes)).toHaveLength(shards * (replicas + 1))
      }
    }
  })

  it('ends no replica on an old look once its primary is gone: it holds all that is left', async () => {
    const shape = { shards: 1, replicas: 1, automaticFailover: true, engine: redis }
    const world = aWorld(shape)
    const writer = aWriter(world)
    expect(await world.converge(bound)).toBeLessThan(bound)
    for (let i = 0; i < 5; i++) await writer.turn()
    expect(writer.written).toBeGreaterThan(3)
    await world.stored.change(desired => ({ ...desired, ...valkey }))
    const late = await world.rival()
    const [primary] = await world.nodes()
    world.machine.kill(primary!)
    await late()
    expect(await writer.converge(bound)).toBeLessThan(bound)
    expect(writer.lost()).toEqual([])
  })

  it('loses no write of an upgrade when control dies in it, wherever', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        async (shape, crashes) => {
          const world = aWorld({ ...shape, engine: redis })
          const writer = aWriter(world)
          expect(await world.converge(bound)).toBeLessThan(bound)
          await world.stored.change(desired => ({ ...desired, ...valkey }))
          for (const effects of crashes) {
            world.crashAfter(effects)
            for (let i = 0; i < 15; i++) await writer.turn()
          }
          expect(await writer.converge(bound)).toBeLessThan(bound)
          await expectWhole(world, shape)
          expect(writer.lost()).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is upgraded whatever dies meanwhile, and then rests', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fates, async (shape, script) => {
        const world = aWorld({ ...shape, engine: redis })
        expect(await world.converge(bound)).toBeLessThan(bound)
        await world.stored.change(desired => ({ ...desired, ...valkey }))
        await suffer(world, script)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
        for (const node of await world.nodes()) expect(node.launched?.labels['program']).toBe('valkey 8.0.1')
      }),
      { numRuns: 100 },
    )
  })

  it('reboots what a customer asks for in place: the primary stays primary, comes back empty, and its replicas too', async () => {
    const shape = { shards: 1, replicas: 2, automaticFailover: true }
    const world = aWorld(shape)
    const writer = aWriter(world)
    expect(await world.converge(bound)).toBeLessThan(bound)
    await writer.turn()
    const shard = world.stored.row()!.desired.shards[0]!
    const primary = world.stored.row()!.observation!.observed.primaryOf[shard.id]!
    await world.stored.change(desired => ({
      ...desired,
      shards: desired.shards.map(each => ({
        ...each,
        nodes: each.nodes.map(node => (node.id === primary ? { ...node, rebootGeneration: 1 } : node)),
      })),
    }))
    await world.turn()
    expect(world.stored.row()!.observation!.observed.nodes[primary]!.status).toBe('rebooting cluster nodes')
    expect(await world.converge(bound)).toBeLessThan(bound)
    await expectWhole(world, shape)
    const seen = world.stored.row()!.observation!.observed
    expect(seen.primaryOf[shard.id]).toBe(primary)
    for (const node of await world.nodes()) expect(world.engines.node(node.place)!.data.size).toBe(0)
    const told = world.stored.events.map(event => event.message)
    expect(told.filter(text => /^Cache node 0001 (shutdown|restarted)$/.test(text))).toEqual([
      'Cache node 0001 shutdown',
      'Cache node 0001 restarted',
    ])
    expect(told.some(text => /^Failover|^Recovering/.test(text))).toBe(false)
  })

  it('changes its encryption while it runs, from each mode to each, and restarts nobody', async () => {
    for (const shards of [1, 3]) {
      const shape = { shards, replicas: 1, automaticFailover: true }
      const world = aWorld(shape)
      expect(await world.converge(bound)).toBeLessThan(bound)
      const starts = world.machine.history.length
      for (const transitEncryption of ['preferred', 'required', 'preferred', 'off'] as const) {
        await world.stored.change(desired => ({ ...desired, transitEncryption }))
        world.crashAfter(2)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
        for (const { place } of await world.nodes()) {
          expect(place.tls !== undefined).toBe(transitEncryption !== 'off')
          expect(world.engines.node(place)!.directives.get('port')).toBe(
            transitEncryption === 'required' ? '0' : '6379',
          )
        }
      }
      expect(world.machine.history.slice(starts)).toEqual([])
    }
  })

  it('lets what is pending in when the maintenance window opens, once, and not before', async () => {
    const shape = { shards: 1, replicas: 1, automaticFailover: true }
    const world = aWorld(shape)
    expect(await world.converge(bound)).toBeLessThan(bound)
    world.stored.setPending({ nodeType: 'cache.t4g.small' })
    expect(await world.turn()).toBe(true)
    expect(world.stored.row()!.desired.nodeType).toBe('cache.t4g.micro')

    // The model's clock begins on a Thursday, 1970-01-01.
    await world.stored.change(desired => ({ ...desired, maintenanceWindow: 'thu:00:00-thu:01:00' }))
    expect(await world.converge(bound)).toBeLessThan(bound)
    const row = world.stored.row()!
    expect(row.desired.nodeType).toBe('cache.t4g.small')
    expect(row.pending).toBeUndefined()
    expect(world.stored.events.filter(event => event.message.endsWith('maintenance window: nodeType'))).toHaveLength(1)
    await expectWhole(world, shape)
    for (const node of await world.nodes()) {
      expect(Number(world.engines.node(node.place)!.directives.get('maxmemory'))).toBeGreaterThan(1_000_000_000)
    }
  })
})
