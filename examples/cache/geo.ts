// The guide's code example 4: places and what is near. Distances are metres.
import { connect, Places } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const shops = new Places(connection, { name: 'example-shops' })

await shops.add({
  shibuya: { longitude: 139.7016, latitude: 35.658 },
  shinjuku: { longitude: 139.7006, latitude: 35.6896 },
  osaka: { longitude: 135.5023, latitude: 34.6937 },
})
const near = await shops.near({ from: { longitude: 139.7671, latitude: 35.6812 }, within: 10_000 })
for (const { name, distance } of near) console.log(name, `${(distance / 1000).toFixed(1)} km`)
console.log('shibuya to osaka:', `${Math.round((await shops.distance('shibuya', 'osaka'))! / 1000)} km`)
await shops.remove('shibuya', 'shinjuku', 'osaka')

await connection.close()
