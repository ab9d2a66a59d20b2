// The guide's code example 4: rate limiters. One script each: counting and judging are one step. In the guide a crash
// between INCR and EXPIRE limits a user for ever, a fixed window lets twice the limit through at its boundary, and the
// "precise" log counts refused calls too and takes two calls of one instant for one.
import { connect, RateLimiter, rateLimitHeaders } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const subject = `user-${process.pid}-${Date.now()}`

for (const algorithm of ['fixedWindow', 'slidingLog', 'slidingWindow', 'tokenBucket', 'gcra'] as const) {
  const limiter = new RateLimiter(connection, {
    name: `example-${algorithm}`,
    algorithm,
    limit: 10,
    window: '10m',
    // The server is away: let calls through, or refuse them? Both hurt, so it must be said.
    whenUnavailable: 'allow',
  })
  const answers = await Promise.all(Array.from({ length: 25 }, () => limiter.consume(subject)))
  console.log(`${algorithm}: ${answers.filter(({ allowed }) => allowed).length} of 25 pass`)
  const last = await limiter.consume(subject)
  if (algorithm === 'gcra') console.log('headers:', Object.keys(rateLimitHeaders(last, limiter.window)).join(', '))
}

await connection.close()
