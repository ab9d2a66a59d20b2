/**
 * What control relies on of Memcached nodes and of the process behind a configuration endpoint: the same suite for the real
 * ones and the fake. Every wait is for a condition with a generous bound, never for an amount of time.
 */
import {
  type EngineFiles,
  type InstalledEngine,
  type MemcachedEngine,
  type Membership,
  type NodePlace,
  Unavailable,
} from '@hotshelf/domain'
import { describe, expect } from 'vitest'
import { eventually } from '../hotshelf.ts'
import { type Skip, type Suite, suiteOf } from './suite.ts'

export interface MemcachedUnderTest {
  readonly place: NodePlace
  /** `program`: the binary under test where it is left out. */
  start(files: EngineFiles & { readonly program?: string }): Promise<void>
  /** Ends the process at once; its directory stays. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
}

/** One adapter and a machine for its nodes; each test has its own. */
export interface MemcachedWorld {
  readonly engine: MemcachedEngine
  newNode(transitEncryption: 'off' | 'required'): MemcachedUnderTest
  /** Ends every process, also after a test that failed half way. */
  close(): Promise<void>
}

export interface MemcachedEngineSuite {
  readonly name: string
  readonly binary: InstalledEngine
  readonly newWorld: () => MemcachedWorld
  readonly skip?: readonly Skip[]
}

export const memcachedEncryptionTitle = 'speaks to encrypted nodes as to others'

const listOf = (version: number, ...hosts: readonly string[]): Membership => ({
  version,
  nodes: hosts.map(host => ({ host, address: host, port: 11_211 })),
})

export function describeMemcachedEngine({ name, binary, newWorld, skip = [] }: MemcachedEngineSuite): void {
  describe(`memcached engine conformance: ${name}`, { timeout: 60_000 }, () => {
    const suite = suiteOf<MemcachedWorld>(skip, async body => {
      const world = newWorld()
      try {
        await body(world)
      } finally {
        await world.close()
      }
    })
    ofNodes(suite, binary)
    ofDiscovery(suite)
    suite.end()
  })
}

async function aNode(world: MemcachedWorld, binary: InstalledEngine, encryption: 'off' | 'required' = 'off') {
  const node = world.newNode(encryption)
  const start = () =>
    node.start(world.engine.render({ binary, place: node.place, flags: [], transitEncryption: encryption }))
  await start()
  await answering(() => world.engine.observe(node.place))
  return { ...node, start }
}

async function aDiscovery(world: MemcachedWorld, membership?: Membership) {
  const node = world.newNode('off')
  const start = (list?: Membership) =>
    node.start(world.engine.renderDiscovery({ place: node.place, transitEncryption: 'off', membership: list }))
  await start(membership)
  await answering(() => world.engine.observeDiscovery(node.place))
  return { ...node, start }
}

/** A process that was just started does not listen yet. */
async function answering<T>(ask: () => Promise<T>): Promise<T> {
  const refused = Symbol('refused')
  const answer = await eventually<T | typeof refused>(
    () => ask().catch(() => refused),
    found => found !== refused,
  )
  return answer as T
}

function ofNodes({ it }: Suite<MemcachedWorld>, binary: InstalledEngine): void {
  it('says its version while it runs, and is unavailable before and after', async world => {
    const never = world.newNode('off')
    await expect(world.engine.observe(never.place)).rejects.toThrow(Unavailable)
    const node = await aNode(world, binary)
    expect(await world.engine.observe(node.place)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      membership: undefined,
    })
    await node.kill()
    await expect(world.engine.observe(node.place)).rejects.toThrow(Unavailable)
  })

  it('keeps the list of nodes that it was told, whichever is told, until it ends', async world => {
    const node = await aNode(world, binary)
    for (const list of [listOf(3, '10.0.0.1', '10.0.0.2'), listOf(3, '10.0.0.1', '10.0.0.2'), listOf(2, '10.0.0.9')]) {
      await world.engine.tellNode(node.place, list)
      expect((await world.engine.observe(node.place)).membership).toEqual(list)
    }
    await node.kill()
    await node.start()
    expect((await answering(() => world.engine.observe(node.place))).membership).toBeUndefined()
  })

  it('tells of the end of a node that it spoke to, once, and not after it was forgotten', async world => {
    const lost: string[] = []
    world.engine.onLost(place => lost.push(place.node))
    const [one, other] = [await aNode(world, binary), await aNode(world, binary)]
    world.engine.forget(other.place)
    await other.kill()
    await one.kill()
    await eventually(
      async () => lost,
      told => told.includes(one.place.node),
    )
    expect(lost).toEqual([one.place.node])
  })

  it('does not wait for a node that is stopped, and hears it again once it goes on', async world => {
    const node = await aNode(world, binary)
    node.freeze()
    await expect(world.engine.observe(node.place)).rejects.toThrow(Unavailable)
    await expect(world.engine.tellNode(node.place, listOf(1, '10.0.0.1'))).rejects.toThrow(Unavailable)
    node.thaw()
    await answering(() => world.engine.observe(node.place))
  })

  it(memcachedEncryptionTitle, async world => {
    const node = await aNode(world, binary, 'required')
    await world.engine.tellNode(node.place, listOf(1, '10.0.0.1'))
    expect((await world.engine.observe(node.place)).membership).toEqual(listOf(1, '10.0.0.1'))
  })
}

function ofDiscovery({ it }: Suite<MemcachedWorld>): void {
  it('has no list at first, and keeps the one it was told over its own end', async world => {
    const { place, start, kill } = await aDiscovery(world)
    expect(await world.engine.observeDiscovery(place)).toBeUndefined()
    await world.engine.tellDiscovery(place, listOf(1, '10.0.0.1'))
    await world.engine.tellDiscovery(place, listOf(2, '10.0.0.1', '10.0.0.2'))
    expect(await world.engine.observeDiscovery(place)).toEqual(listOf(2, '10.0.0.1', '10.0.0.2'))
    await kill()
    await expect(world.engine.observeDiscovery(place)).rejects.toThrow(Unavailable)
    // What it is started with is older than what it knows.
    await start(listOf(1, '10.0.0.1'))
    const again = await answering(() => world.engine.observeDiscovery(place))
    expect(again).toEqual(listOf(2, '10.0.0.1', '10.0.0.2'))
  })

  it('begins with the list it is started with, where it has none', async world => {
    const { place } = await aDiscovery(world, listOf(7, '10.0.0.1'))
    expect(await world.engine.observeDiscovery(place)).toEqual(listOf(7, '10.0.0.1'))
  })

  it('refuses an older list, takes the same version again, and may be told that there is nobody', async world => {
    const { place } = await aDiscovery(world, listOf(7, '10.0.0.1'))
    await expect(world.engine.tellDiscovery(place, listOf(6, '10.0.0.2'))).rejects.toThrow(Unavailable)
    expect(await world.engine.observeDiscovery(place)).toEqual(listOf(7, '10.0.0.1'))
    await world.engine.tellDiscovery(place, listOf(7, '10.0.0.1'))
    await world.engine.tellDiscovery(place, listOf(8))
    expect(await world.engine.observeDiscovery(place)).toEqual(listOf(8))
  })

  it('is unavailable while it is stopped', async world => {
    const discovery = await aDiscovery(world, listOf(7, '10.0.0.1'))
    discovery.freeze()
    await expect(world.engine.observeDiscovery(discovery.place)).rejects.toThrow(Unavailable)
    discovery.thaw()
    await answering(() => world.engine.observeDiscovery(discovery.place))
  })
}
