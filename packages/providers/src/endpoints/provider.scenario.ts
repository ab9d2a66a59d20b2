/** Endpoint providers, held to the conformance suite; the forwarder is a real process. */
import {
  describeEndpointProvider,
  type EndpointMachine,
  eventually,
  forwardingTitles,
  processesIn,
} from '@hotshelf/testkit'
import type { EndpointProvider } from '@hotshelf/domain'
import { clear, leftovers, newDataDir, openNetwork } from '../../test/real-machine.ts'
import type { Network } from '../network/network.ts'
import { bindEndpointProvider } from './bind.ts'
import { type ForwardEndpointProvider, forwardEndpointProvider } from './forward.ts'
import { readEndpoints } from './records.ts'

describeEndpointProvider({
  name: 'addresses that nodes bind',
  newMachine: async () => {
    const dataDir = newDataDir()
    return machineOf(dataDir, async () => {
      const network = await openNetwork(dataDir, 'addresses')
      return { network, provider: await bindEndpointProvider({ dataDir, network }) }
    })
  },
  skip: [{ reason: 'nodes bind these endpoints themselves', tests: forwardingTitles }],
})

describeEndpointProvider({
  name: 'ports of a forwarder',
  newMachine: async () => {
    const dataDir = newDataDir()
    return machineOf(dataDir, async () => {
      const network = await openNetwork(dataDir, 'ports')
      return { network, provider: await forwardEndpointProvider({ dataDir, network }) }
    })
  },
  skip: [
    {
      reason: 'all endpoints share 127.0.0.1',
      tests: ['keeps the port that customers ask for where every endpoint has an address of its own'],
    },
  ],
})

interface Opened {
  readonly network: Network
  readonly provider: EndpointProvider & Partial<Pick<ForwardEndpointProvider, 'close'>>
}

function machineOf(dataDir: string, openProvider: () => Promise<Opened>): EndpointMachine {
  let opened: Opened | undefined
  return {
    open: async () => {
      opened?.network.close()
      opened?.provider.close?.()
      opened = await openProvider()
      return opened.provider
    },
    leftovers: async () => {
      const records = await readEndpoints(dataDir)
      // The forwarder answers first, and ends then.
      if (records.length === 0)
        await eventually(
          async () => processesIn(dataDir).length,
          left => left === 0,
        )
      return [...leftovers(dataDir), ...records.map(({ groupName, role }) => `${groupName} ${role}`)]
    },
    dispose: async () => {
      opened?.network.close()
      opened?.provider.close?.()
      await clear(dataDir)
    },
  }
}
