/**
 * What every endpoint provider does: addresses that stay, and for those that forward, connections that follow the target.
 * A subject is a machine of its own; opening again is a controller that comes back after a kill.
 */
import type { EndpointProvider } from '@hotshelf/domain'
import { describe } from 'vitest'
import { addresses } from './endpoint-provider/addresses.ts'
import { forwarding } from './endpoint-provider/forwarding.ts'
import { type Skip, suiteOf } from './suite.ts'

export interface EndpointMachine {
  /** The view before is not used any more. */
  open(): Promise<EndpointProvider>
  /** What is there that belongs to endpoints: processes, claims, records. Empty when all were released. */
  leftovers(): Promise<readonly string[]>
  /** Takes everything away, also after a test that failed half way. */
  dispose(): Promise<void>
}

export interface EndpointProviderSuite {
  readonly name: string
  readonly newMachine: () => Promise<EndpointMachine>
  readonly skip?: readonly Skip[]
}

export function describeEndpointProvider({ name, newMachine, skip = [] }: EndpointProviderSuite): void {
  describe(`endpoint provider conformance: ${name}`, () => {
    const suite = suiteOf<EndpointMachine>(skip, async body => {
      const machine = await newMachine()
      try {
        await body(machine)
      } finally {
        await machine.dispose()
      }
    })
    for (const part of [addresses, forwarding]) part(suite)
    suite.end()
  })
}

/** Titles of the tests that need a provider of kind `forward`. */
export { forwardingTitles } from './endpoint-provider/forwarding.ts'
