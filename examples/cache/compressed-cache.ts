// The guide's CompressedCache. There a value has one of two keys, by its size: one that shrinks leaves its old, larger self
// under `gz:`, which is read first, and every small value costs two reads. Here the first bytes of an entry say how it was
// written, so there is one key, one read, and readers need no setting.
import { Cache, connect } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const cache = new Cache(connection, { namespace: 'example-compressed', compression: { threshold: 1024 } })

const rows = Array.from({ length: 500 }, (_, id) => ({ id, name: `product ${id}`, at: new Date(id) }))
await cache.set('report', rows)
console.log('stored in less than a quarter:', cache.stats.storedBytes < JSON.stringify(rows).length / 4)
const back = await cache.get<typeof rows>('report')
console.log('the same comes back, dates as dates:', back?.[499]?.at instanceof Date)

// Smaller than the threshold: stored as it is.
await cache.set('report', { rows: 0 })
console.log('shrunk:', await cache.get('report'))

// Another algorithm reads what this one wrote.
const other = new Cache(connection, { namespace: 'example-compressed', compression: { algorithm: 'brotli' } })
await cache.set('report', rows)
console.log('read by a cache with brotli:', (await other.get<typeof rows>('report'))?.length)

await cache.clear()
await connection.close()
