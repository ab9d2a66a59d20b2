/** The fake endpoints are held to the same sentences as real ones. */
import { describeEndpointProvider, forwardingTitles } from './conformance/endpoint-provider.ts'
import { orders } from './conformance/endpoint-provider/addresses.ts'
import { fakeEndpoints } from './fake-endpoints.ts'

describeEndpointProvider({
  name: 'fake endpoints',
  newMachine: async () => {
    const endpoints = fakeEndpoints()
    return {
      open: async () => endpoints.open(),
      leftovers: async () => (await endpoints.open().observe(orders)).map(({ address }) => address),
      dispose: async () => {},
    }
  },
  skip: [{ reason: 'nodes bind these endpoints themselves', tests: forwardingTitles }],
})
