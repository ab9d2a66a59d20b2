// The guide's code example 4: pub/sub. Subscribing does not block the process, survives a reconnect, and tells of the gap
// in which messages were missed: delivery is at most once. Where every message counts, see streams.ts.
import { Channel, connect } from '@hotshelf/cache'

interface OrderEvent {
  readonly type: 'placed' | 'shipped'
  readonly order: number
  readonly at: Date
}

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const orders = new Channel<OrderEvent>(connection, { name: 'example-orders' })

const received: OrderEvent[] = []
const stop = await orders.subscribe({
  onMessage: event => received.push(event),
  onGap: () => console.log('some may have been missed: read the truth from the database'),
})
console.log('received by', await orders.publish({ type: 'placed', order: 1, at: new Date(0) }))
while (received.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
console.log(received[0], 'a Date is a Date:', received[0]!.at instanceof Date)

await stop()
console.log('received by', await orders.publish({ type: 'shipped', order: 1, at: new Date(0) }))
await connection.close()
