/**
 * What every node provider does, wherever it runs nodes. The sentences are the port's promises: control is built on them.
 * A subject is a machine of its own; `open` gives a controller's view of it, and opening again is a controller that comes
 * back after a kill: nothing but what the machine remembers is left to it.
 */
import type { NodeLaunch, NodePlace, NodeProvider, NodeRef } from '@hotshelf/domain'
import { describe } from 'vitest'
import { ending } from './node-provider/ending.ts'
import { feeding } from './node-provider/feeding.ts'
import { places } from './node-provider/places.ts'
import { starting } from './node-provider/starting.ts'
import { type Skip, suiteOf } from './suite.ts'

export interface NodeMachine {
  /** The view before is not used any more. */
  open(): Promise<NodeProvider>
  /** Something that listens on the place's address and port and ends on SIGTERM. */
  launch(place: NodePlace, digest: string): NodeLaunch
  /** Something that reads its pipe to the end, keeps what it read, and ends. */
  launchReader(place: NodePlace, digest: string): NodeLaunch
  /** What it read since it was started. */
  fed(place: NodePlace): Promise<Uint8Array | undefined>
  /** Ends a running node from outside, as SIGKILL does. */
  kill(node: NodeRef): Promise<void>
  freeze(node: NodeRef): Promise<void>
  /** True when a connection to the place's address and port is accepted. */
  accepts(place: NodePlace): Promise<boolean>
  /** What is there that belongs to nodes: processes, files, claims. Empty when every node was removed. */
  leftovers(): Promise<readonly string[]>
  /** Takes everything away, also after a test that failed half way. */
  dispose(): Promise<void>
}

export interface NodeProviderSuite {
  readonly name: string
  readonly newMachine: () => Promise<NodeMachine>
  readonly skip?: readonly Skip[]
}

export function describeNodeProvider({ name, newMachine, skip = [] }: NodeProviderSuite): void {
  describe(`node provider conformance: ${name}`, () => {
    const suite = suiteOf<NodeMachine>(skip, async body => {
      const machine = await newMachine()
      try {
        await body(machine)
      } finally {
        await machine.dispose()
      }
    })
    for (const part of [places, starting, feeding, ending]) part(suite)
    suite.end()
  })
}
