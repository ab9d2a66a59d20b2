/**
 * What control relies on, whatever engine a node runs: the same suite for Valkey, Redis and the fake. It speaks to nodes
 * through the port and looks at them as a customer does; it never asks which engine it is.
 * Every wait is for a condition with a generous bound, never for an amount of time.
 */
import type { CacheEngine, ControlTarget, EngineFiles, EngineSetup, InstalledEngine, NodePlace } from '@hotshelf/domain'
import { describe } from 'vitest'
import { access } from './cache-engine/access.ts'
import { type Bench, benchIn } from './cache-engine/bench.ts'
import { clusterChange } from './cache-engine/cluster-change.ts'
import { clusters } from './cache-engine/clusters.ts'
import { forks } from './cache-engine/forks.ts'
import { handOver } from './cache-engine/hand-over.ts'
import { log } from './cache-engine/log.ts'
import { loss } from './cache-engine/loss.ts'
import { oneNode } from './cache-engine/one-node.ts'
import { parameters } from './cache-engine/parameters.ts'
import { replication } from './cache-engine/replication.ts'
import { movingSlots } from './cache-engine/moving-slots.ts'
import { restrictedCommands } from './cache-engine/restricted-commands.ts'
import { usersSuite } from './cache-engine/users.ts'
import { transitEncryption } from './cache-engine/transit-encryption.ts'
import { type Skip, suiteOf } from './suite.ts'

export { forksTitle } from './cache-engine/forks.ts'
export { quotingTitle } from './cache-engine/parameters.ts'
export { restrictedCommandTitles } from './cache-engine/restricted-commands.ts'
export { transitEncryptionTitles } from './cache-engine/transit-encryption.ts'

export interface NodeWish {
  readonly transitEncryption?: EngineSetup['transitEncryption']
  readonly hostname?: string
}

/** A customer's connection; error replies come back as their text. Rejects once the connection is closed. */
export interface Customer {
  text(...command: readonly string[]): Promise<string>
  readonly closed: boolean
  close(): void
}

export interface CustomerWish {
  /** Default: the node's own address. */
  readonly address?: string
  readonly tls?: boolean
  /** Default: the place's port for its kind. */
  readonly port?: number
}

export interface NodeUnderTest {
  readonly place: NodePlace
  start(files: EngineFiles): Promise<void>
  /** Ends the process at once; its directory stays. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  customer(wish?: CustomerWish): Promise<Customer>
}

/** One adapter and a machine for its nodes; each test has its own. */
export interface EngineWorld {
  readonly engine: CacheEngine
  newNode(wish?: NodeWish): NodeUnderTest
  /** An address of nobody yet, for an endpoint. */
  newAddress(): string
  /** Lets a little time pass. */
  pass(): Promise<void>
  /** Makes the node fork a child as a snapshot does, and returns at once. */
  fork(target: ControlTarget): Promise<void>
  /** Ends every process, also after a test that failed half way. */
  close(): Promise<void>
}

export interface CacheEngineSuite {
  readonly name: string
  readonly binary: InstalledEngine
  readonly newWorld: () => EngineWorld
  readonly skip?: readonly Skip[]
}

export function describeCacheEngine({ name, binary, newWorld, skip = [] }: CacheEngineSuite): void {
  describe(`cache engine conformance: ${name}`, () => {
    const suite = suiteOf<Bench>(skip, async body => {
      const world = newWorld()
      try {
        await body(benchIn(world, binary))
      } finally {
        await world.engine.close()
        await world.close()
      }
    })
    for (const part of [oneNode, parameters, replication, clusters, movingSlots, access, usersSuite, log, loss])
      part(suite)
    for (const part of [transitEncryption, restrictedCommands, forks, handOver, clusterChange]) part(suite)
    suite.end()
  })
}
