/** The fake passes the suite that the real Memcached passes. */
import type { NodeId, NodePlace } from '@hotshelf/domain'
import {
  describeMemcachedEngine,
  memcachedEncryptionTitle,
  type MemcachedWorld,
} from './conformance/memcached-engine.ts'
import { testGroup } from './engine-process.ts'
import { fakeMemcached } from './fake-memcached.ts'

const fakePlace = (position: number): NodePlace => ({
  group: testGroup,
  node: `000${position}` as NodeId,
  address: `10.0.0.${position}`,
  port: 11_211,
  tlsPort: undefined,
  busPort: 21_211,
  hostname: `10.0.0.${position}`,
  controlSocket: `/nodes/${position}/control.sock`,
  directory: `/nodes/${position}`,
  tls: undefined,
})

function newWorld(): MemcachedWorld {
  const memcached = fakeMemcached()
  let given = 0
  return {
    engine: memcached.engine,
    newNode: () => {
      const place = fakePlace(++given)
      return {
        place,
        start: async files => memcached.start(place, files),
        kill: async () => memcached.stop(place),
        freeze: () => memcached.freeze(place, true),
        thaw: () => memcached.freeze(place, false),
      }
    },
    close: async () => {},
  }
}

describeMemcachedEngine({
  name: 'fake',
  binary: { kind: 'memcached', version: '1.6.18', path: '/fake' },
  newWorld,
  skip: [{ reason: 'There is no wire to encrypt.', tests: [memcachedEncryptionTitle] }],
})
