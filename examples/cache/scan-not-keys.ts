// Anti-pattern 3: KEYS. It walks the whole keyspace in one command, and the server answers nobody meanwhile. SCAN walks it
// in pages, here on every shard; a tag forgets any number of entries without a walk.
import { Cache, connect } from '@hotshelf/cache'

const connection = await connect({
  url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  readDeadline: '2s',
  writeDeadline: '2s',
})
const cache = new Cache(connection, { namespace: 'example-scan' })
await cache.clear()

const keys = Array.from({ length: 1000 }, (_, i) => `user:${i}`)
await cache.getOrSetMany(keys, missing => missing.map(key => ({ key })), { tags: ['users'] })
await cache.set('order:1', 'stays')

// [wrong] connection.send({ args: ['KEYS', 'user:*'] })
await cache.invalidateTags('users')
console.log('by tag, in one round trip; left:', (await cache.getMany(keys, { tags: ['users'] })).size)
console.log('by pattern, SCAN and UNLINK:', await cache.invalidatePattern('user:*'))
console.log('others stay:', await cache.get('order:1'))

await cache.clear()
await connection.close()
