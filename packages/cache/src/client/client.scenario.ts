// The port's contract on five clients × one server and a 3-shard TLS cluster × Valkey and Redis.
import { afterAll, beforeAll, describe } from 'vitest'
import { clients } from '../../testing/clients.ts'
import { describeClient, type ClientSuite } from '../../testing/describe-client.ts'
import { startCluster, startServer, type Cluster, type Engine, type Server } from '../../testing/engine.ts'

const TRACKING = 'tells of keys it read that others changed, and of a flush'
const BLOCKING = 'has a second connection for commands that block'
const ORDER = 'keeps the order of commands sent in one tick'
const SHARDED = 'delivers messages of a sharded channel'

function skips(name: string, cluster: boolean): NonNullable<ClientSuite['skip']> {
  const skip: { reason: string; tests: string[] }[] = []
  if (!name.startsWith('@redis/client 6'))
    skip.push({ reason: 'no RESP3 invalidations from this client', tests: [TRACKING] })
  if (name.startsWith('valkey-glide')) {
    skip.push({ reason: 'GLIDE has no duplicate', tests: [BLOCKING] })
    skip.push({ reason: 'GLIDE sends from several threads', tests: [ORDER] })
    if (!cluster) skip.push({ reason: 'GLIDE has sharded pub/sub only in cluster mode', tests: [SHARDED] })
  }
  return skip
}

for (const engine of ['valkey', 'redis'] satisfies Engine[]) {
  describe(`on one ${engine} server`, () => {
    let server: Server
    beforeAll(async () => {
      server = await startServer({ engine })
    })
    afterAll(() => server?.stop())
    for (const maker of clients) {
      describeClient({ name: maker.name, newClient: () => maker.single(server.port), skip: skips(maker.name, false) })
    }
  })

  describe(`on a 3-shard ${engine} cluster with TLS`, () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster({ engine, tls: true })
    })
    afterAll(() => cluster?.stop())
    for (const maker of clients) {
      const newClient = () =>
        maker.cluster(
          cluster.nodes.map(node => node.port),
          cluster.tls,
        )
      describeClient({ name: maker.name, newClient, skip: skips(maker.name, true) })
    }
  })
}
