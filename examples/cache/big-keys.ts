// Anti-pattern 2: huge values. They are compressed, announced above 100 KB, and cut into pieces above a limit, so that no
// single command holds up the server. What is read in part belongs in a structure that can be: one entry per page.
import { randomBytes } from 'node:crypto'
import { Cache, connect } from '@hotshelf/cache'

const connection = await connect({
  url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  readDeadline: '2s',
  writeDeadline: '2s',
})
const cache = new Cache(connection, { namespace: 'example-big', warnBytes: 100 * 1024, chunkBytes: 256 * 1024 })
cache.onEvent(event => {
  if (event.type === 'big-value') console.log('big:', event.key, 'more than 900 KB:', event.bytes > 900 * 1024)
})

const video = randomBytes(1024 * 1024)
await cache.set('video', video)
console.log('comes back whole:', (await cache.get<Buffer>('video'))?.equals(video))

// A list read page by page: the reader of one page neither waits for nor pays for the others.
const rows = Array.from({ length: 1000 }, (_, id) => ({ id }))
const pageOf = (page: number) =>
  cache.getOrSet(`products:${page}`, () => rows.slice(page * 50, page * 50 + 50), { tags: ['products'] })
console.log('page 3 begins with', (await pageOf(3))[0])
await cache.invalidateTags('products')

await cache.clear()
await connection.close()
