// The guide's code example 4: unique visitors by HyperLogLog, 12 KB for any number of them and 0.81 % off. Days of one
// page share a slot, so several can be counted together also in a cluster; the guide's keys cannot.
import { connect, UniqueCounter } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const visitors = new UniqueCounter(connection, { name: `example-home-${process.pid}-${Date.now()}`, ttl: '1d' })

await visitors.add('2026-02-15', 'ada', 'grace', 'ada')
await visitors.add('2026-02-16', 'ada', 'edsger')
console.log('on the first day:', await visitors.count('2026-02-15'))
console.log('on either day:', await visitors.count('2026-02-15', '2026-02-16'))

await visitors.add('2026-02-17', ...Array.from({ length: 10_000 }, (_, i) => `visitor-${i}`))
const many = await visitors.count('2026-02-17')
console.log('10,000 within 3 %:', Math.abs(many - 10_000) < 300)

await connection.close()
