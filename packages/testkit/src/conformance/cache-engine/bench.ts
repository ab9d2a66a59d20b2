/** What every part of the suite does with nodes: start them, speak to them as control does, and wait for what they see. */
import {
  Bug,
  type ControlTarget,
  type EngineCommand,
  type EngineSetup,
  type EngineView,
  type InstalledEngine,
} from '@hotshelf/domain'
import { expect } from 'vitest'
import type { EngineWorld, NodeUnderTest, NodeWish } from '../cache-engine.ts'

/** With everything that has to be escaped somewhere on its way. */
export const controlPassword = 'control "password" \\ 0123456789'

export interface Running {
  readonly node: NodeUnderTest
  readonly target: ControlTarget
  readonly setup: EngineSetup
}

export type SetupWish = Partial<Pick<EngineSetup, 'clusterMode' | 'directives' | 'access' | 'follow'>> & NodeWish

export interface Bench {
  readonly world: EngineWorld
  /** A node with a place, not started yet. */
  prepare(wish?: SetupWish): Running
  /** Resolves once the node answers. */
  start(wish?: SetupWish): Promise<Running>
  /** Starts a node that was prepared or killed, in its place. */
  restart(node: Running, change?: Partial<EngineSetup>): Promise<Running>
  observe(node: Running, directives?: readonly string[]): Promise<EngineView>
  perform(node: Running, command: EngineCommand): Promise<void>
  /** Polls until `ready` gives something; its last error is the failure's explanation. A Bug ends the wait. */
  until<T>(what: string, ready: () => Promise<T | undefined | false>): Promise<T>
  /** Waits until the node sees the world so. */
  sees(node: Running, what: string, test: (view: EngineView) => boolean | undefined): Promise<EngineView>
}

const patienceMs = 60_000

export function benchIn(world: EngineWorld, binary: InstalledEngine): Bench {
  const bench: Bench = {
    world,

    prepare: (wish = {}) => {
      const node = world.newNode(wish)
      const setup: EngineSetup = {
        binary,
        place: node.place,
        clusterMode: wish.clusterMode ?? false,
        transitEncryption: wish.transitEncryption ?? 'off',
        directives: wish.directives ?? [],
        maxmemoryBytes: 64 * 1024 * 1024,
        controlPassword,
        access: wish.access ?? { mode: 'open' },
        follow: wish.follow,
        clusterNodeTimeoutMs: 1_000,
      }
      return { node, setup, target: { place: node.place, password: controlPassword } }
    },

    start: wish => bench.restart(bench.prepare(wish)),

    restart: async ({ node, setup, target }, change = {}) => {
      await node.start(world.engine.render({ ...setup, ...change }))
      const running = { node, setup, target }
      await bench.until(`${node.place.node} answers`, () => bench.observe(running))
      return running
    },

    observe: ({ target }, directives = []) => world.engine.observe(target, directives),
    perform: ({ target }, command) => world.engine.perform(target, command),

    until: async (what, ready) => {
      let last: unknown
      for (const end = Date.now() + patienceMs; Date.now() < end; await world.pass()) {
        try {
          const value = await ready()
          if (value !== undefined && value !== false) return value
        } catch (error) {
          if (error instanceof Bug) throw error
          last = error
        }
      }
      throw new Error(`never: ${what}`, { cause: last })
    },

    sees: (running, what, test) =>
      bench.until(`${running.node.place.node} sees ${what}`, async () => {
        const view = await bench.observe(running)
        return test(view) && view
      }),
  }
  return bench
}

export const addressOf = ({ node }: Running) => ({ host: node.place.address, port: node.place.port })

export const meet = ({ perform }: Bench, node: Running, other: Running): Promise<void> =>
  perform(node, { do: 'meet', ...addressOf(other), busPort: other.node.place.busPort })

export const clusterId = async ({ observe }: Bench, node: Running): Promise<string> =>
  (await observe(node)).cluster?.myId ?? ''

export const write = async ({ node }: Running, key: string, value = 'value') =>
  expect(await (await node.customer()).text('SET', key, value)).toBe('OK')

export const read = async ({ node }: Running, key: string) => (await node.customer()).text('GET', key)
