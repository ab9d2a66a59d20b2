// The guide's code example 4: an event log. It reads with XREAD from an id it keeps itself; with a consumer group the
// server keeps it, each event is handled by one consumer, and what a dead one left is taken over by another.
import { connect, EventStream } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const name = `example-clicks-${process.pid}-${Date.now()}`
const clicks = new EventStream<{ page: string }>(connection, { name, maxLength: 10_000 })

for (const page of ['home', 'shop', 'broken', 'cart']) await clicks.append({ page })
console.log('from the beginning:', (await clicks.read()).map(({ value }) => value.page).join(' '))

const handled: string[] = []
const stop = clicks.consume({
  group: 'statistics',
  consumer: 'worker-1',
  attempts: 2,
  block: 100,
  handle: ({ value }) => {
    if (value.page === 'broken') throw new Error('cannot be handled')
    handled.push(value.page)
  },
})
while (handled.length < 3 || (await clicks.deadLetters()) === 0) await new Promise(resolve => setTimeout(resolve, 20))
await stop()
console.log('handled:', handled.join(' '))
console.log('set aside after two attempts:', await clicks.deadLetters())
console.log('left to acknowledge:', (await clicks.lag('statistics')).pending)

await connection.send({ args: ['UNLINK', `stream:${name}`], key: `stream:${name}` })
await connection.close()
