/** The process provider with real engines, held to the conformance suite in both address modes, and with ps instead of /proc. */
import { describeNodeProvider } from '@hotshelf/testkit'
import { realMachine } from '../../test/real-machine.ts'
import { psProcessTable } from './ps.ts'

describeNodeProvider({ name: 'processes with addresses of their own', newMachine: async () => realMachine() })

describeNodeProvider({
  name: 'processes with ports of their own',
  newMachine: async () => realMachine({ mode: 'ports' }),
  skip: [
    {
      reason: 'all nodes share 127.0.0.1',
      tests: ['keeps the port that customers see where every node has an address of its own'],
    },
  ],
})

describeNodeProvider({
  name: 'processes seen through ps, as on macOS',
  newMachine: async () => realMachine({ mode: 'ports', table: psProcessTable() }),
  skip: [
    {
      reason: 'all nodes share 127.0.0.1',
      tests: ['keeps the port that customers see where every node has an address of its own'],
    },
  ],
})
