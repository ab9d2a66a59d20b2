// Anti-pattern 4: a connection per call, which in a function as a service exhausts the server's connections. `reuse` makes
// one per process on its first use, survives hot reloads and double bundles, and forgets a failed attempt.
import { Cache, closeReused, reuse } from '@hotshelf/cache'

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

// Outside the handler: nothing is connected until the first call, and the cache is made once, for the loads that callers
// share are shared within one cache.
const connected = () => reuse('main', { url, name: 'example-faas' })
let made: Promise<Cache> | undefined
const theCache = () => (made ??= connected().then(connection => new Cache(connection, { namespace: 'example-faas' })))

export async function handler(event: { readonly key: string }): Promise<unknown> {
  const cache = await theCache()
  return cache.getOrSet(event.key, () => `value of ${event.key}`)
}

const answers = await Promise.all(Array.from({ length: 50 }, () => handler({ key: 'k' })))
console.log('answers:', new Set(answers).size, answers[0])
const clients = String(await (await connected()).send({ args: ['CLIENT', 'LIST'] }))
console.log('connections of 50 calls:', clients.split('\n').filter(line => line.includes('name=example-faas')).length)

await (await theCache()).clear()
await closeReused()
