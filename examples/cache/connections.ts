// The guide's code example 6: connections for production. One multiplexed connection does what a pool of 50 does there.
// Everything is bounded: its socket_timeout of 5 s means a request hangs for 5 s, three times over with its retries; here
// a read answers within 100 ms, and at once while the server is known to be away.
import { Cache, connect } from '@hotshelf/cache'

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const events: string[] = []

const connection = await connect({
  url,
  readDeadline: '100ms',
  writeDeadline: '250ms',
  connectTimeout: '5s', // an attempt to connect; repeated with growing pauses and jitter
  keepAlive: '5s',
  pingInterval: '1s', // finds a dead peer within two of these
  required: true, // the guide's connection test: throw if the server is not there. Left out, it starts degraded.
  onEvent: event => events.push(event.type),
})
console.log('ready:', connection.client.ready, 'breaker:', connection.breaker)

const cache = new Cache(connection, { namespace: 'example-connections' })
console.log('stored:', await cache.set('greeting', 'hello'), await cache.get('greeting'))
await cache.delete('greeting')
await connection.close()

// Nobody there: no exception, no crash, an answer in time.
const lonely = await connect({ url: 'redis://127.0.0.1:1', connectTimeout: 200 })
const started = performance.now()
const value = await new Cache(lonely).getOrSet('k', () => 'from the database')
console.log('without a server:', value, 'in time:', performance.now() - started < 2000)
await lonely.close()

// Cluster mode enabled: the configuration endpoint, or any of its nodes.
const nodes = process.env['REDIS_CLUSTER_URL']
if (nodes !== undefined) {
  const cluster = await connect({ url: nodes, cluster: true, required: true, connectTimeout: '10s' })
  const shared = new Cache(cluster, { namespace: 'example-cluster' })
  const keys = Array.from({ length: 30 }, (_, i) => `key-${i}`)
  await shared.getOrSetMany(keys, missing => missing.map(key => key.length))
  console.log(
    'in a cluster:',
    (await shared.getMany(keys)).size,
    'keys over',
    (await cluster.primaries()).length,
    'shards',
  )
  console.log('forgotten on all of them:', await shared.clear())
  await cluster.close()
}
