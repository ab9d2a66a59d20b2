// The guide's code example 4: sessions. Reading and prolonging is one step on the server; in the guide it is two, and a
// session that expires between them is answered but gone. A session also has a longest life, and its user can log out
// everywhere.
import { connect, Sessions } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const sessions = new Sessions<{ name: string; cart: string[] }>(connection, {
  name: 'example-session',
  ttl: '30m', // slides with every read
  maxAge: '12h', // ends here in any case
})

const id = await sessions.create({ name: 'Ada', cart: [] }, { user: 'ada' })
console.log('id of 256 random bits:', id.length)
console.log('read', await sessions.read(id))
console.log('updated', await sessions.update(id, { name: 'Ada', cart: ['book'] }), await sessions.read(id))

await sessions.create({ name: 'Ada', cart: [] }, { user: 'ada' })
console.log('logged out everywhere:', await sessions.destroyAll('ada'))
console.log('read', await sessions.read(id))
console.log('an ended session stays ended:', await sessions.update(id, { name: 'Ada', cart: [] }))

await connection.close()
