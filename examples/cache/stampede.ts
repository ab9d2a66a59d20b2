// Anti-pattern 1: the thundering herd. The guide's cure has three holes: a lock without a token, which a slow loader
// deletes although it is another's by then; waiting by sleeping 100 ms and starting over; and an early refresh with the
// same chance whatever loading costs. Here one process loads, the others are woken, and early refresh follows XFetch.
import { Cache, connect } from '@hotshelf/cache'

const connection = await connect({
  url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  readDeadline: '2s',
  writeDeadline: '2s',
})
const options = { namespace: `example-stampede-${process.pid}-${Date.now()}` }
// Two caches that know nothing of each other: as two processes.
const caches = [new Cache(connection, options), new Cache(connection, options)]

// [wrong] a hundred requests find nothing and all reach the database
let naive = 0
const slow = async (count: () => void) => {
  count()
  await new Promise(resolve => setTimeout(resolve, 100))
  return { price: 42 }
}
await Promise.all(Array.from({ length: 100 }, async () => (await caches[0]!.get('naive')) ?? slow(() => (naive += 1))))
console.log('get, then load: loads', naive)

// [right]
let loads = 0
const answers = await Promise.all(
  Array.from({ length: 100 }, (_, i) =>
    caches[i % 2]!.getOrSet('item', () => slow(() => (loads += 1)), { ttl: '5m', jitter: 0.1 }),
  ),
)
console.log('getOrSet: loads', loads, 'answers', answers.filter(({ price }) => price === 42).length)

// When it expires, nobody waits for it: the old value is served while one caller loads the new one.
const fresh = { ttl: 50, jitter: 0, staleWhileRevalidate: '1m' } as const
await caches[0]!.set('popular', 'old', fresh)
await new Promise(resolve => setTimeout(resolve, 100))
console.log('expired, served at once:', await caches[0]!.getOrSet('popular', () => 'new', fresh))

await caches[0]!.clear()
await connection.close()
