/** The fake passes the suite that the real engines pass. */
import type { NodeId, NodePlace } from '@hotshelf/domain'
import {
  describeCacheEngine,
  type EngineWorld,
  forksTitle,
  quotingTitle,
  restrictedCommandTitles,
  transitEncryptionTitles,
} from './conformance/cache-engine.ts'
import { testGroup } from './engine-process.ts'
import { fakeEngines } from './fake-engine.ts'

const fakePlace = (position: number): NodePlace => ({
  group: testGroup,
  node: `node-${position}` as NodeId,
  address: `10.0.0.${position}`,
  port: 6379,
  tlsPort: undefined,
  busPort: 16_379,
  hostname: `10.0.0.${position}`,
  controlSocket: `/nodes/${position}/control.sock`,
  directory: `/nodes/${position}`,
  tls: undefined,
})

function newWorld(): EngineWorld {
  const engines = fakeEngines()
  let given = 0
  return {
    engine: engines.engine,
    newNode: () => {
      const place = fakePlace(++given)
      return {
        place,
        start: async files => engines.start(place, files),
        kill: async () => engines.stop(place),
        freeze: () => engines.freeze(place, true),
        thaw: () => engines.freeze(place, false),
        customer: async ({ address = place.address } = {}) => engines.connect(address, place.port),
      }
    },
    newAddress: () => `10.0.1.${++given}`,
    pass: async () => engines.beat(),
    fork: async () => {},
    close: async () => {},
  }
}

const binary = { kind: 'valkey', version: '8.0.1', path: '/fake' } as const

describeCacheEngine({
  name: 'fake',
  binary,
  newWorld,
  skip: [
    { reason: 'There is no wire to encrypt.', tests: transitEncryptionTitles },
    { reason: 'Its customers know only a handful of commands.', tests: restrictedCommandTitles },
    { reason: 'There is no file to be read.', tests: [quotingTitle] },
    { reason: 'It has no children that hold a listener.', tests: [forksTitle] },
  ],
})
