// The guide's code example 2: cache-aside. Needs REDIS_URL and DATABASE_URL (PostgreSQL).
import { Cache, cached, connect } from '@hotshelf/cache'
import { Pool } from 'pg'

interface User {
  readonly id: number
  readonly name: string
}

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const cache = new Cache(connection, { namespace: 'example-aside', defaults: { ttl: '10m' } })
const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
await cache.clear()
await pool.query('create table if not exists example_users (id int primary key, name text not null)')
await pool.query("insert into example_users values (1, 'Ada') on conflict (id) do update set name = excluded.name")

let queries = 0
const select = async (id: number): Promise<User | null> => {
  queries += 1
  const { rows } = await pool.query<User>('select id, name from example_users where id = $1', [id])
  return rows[0] ?? null
}

// Return what is cached; otherwise load it, and cache it. One load for any number of callers, in all processes.
const getUser = (id: number) => cache.getOrSet(`user:${id}`, () => select(id), { ttl: '1h' })

// Database first, then forget. A load that began before the write is not stored after it.
async function updateUser(id: number, name: string): Promise<void> {
  await pool.query('update example_users set name = $2 where id = $1', [id, name])
  await cache.delete(`user:${id}`)
}

console.log('miss', await getUser(1))
console.log('hit', await getUser(1), { queries })
await updateUser(1, 'Augusta')
console.log('after the update', await getUser(1), { queries })

// Known not to exist is an answer too, remembered for a shorter time. The guide's version asks the database each time.
console.log('nobody', await getUser(404), await getUser(404), { queries })

// The guide's decorator, as a wrapped function and as a method decorator. Keys are derived from the arguments by type and
// value, not from an MD5 of how Python prints them.
const getProduct = cache.wrap('product', (id: string) => ({ id, price: 42 }), { ttl: '30m' })
console.log('wrapped', await getProduct('p1'))

class Catalogue {
  @cached(() => cache, 'category', { ttl: '30m' })
  async category(name: string): Promise<{ readonly name: string; readonly size: number }> {
    return { name, size: 3 }
  }
}
console.log('decorated', await new Catalogue().category('books'))

// All keys of a pattern: SCAN and UNLINK on every shard. Tags do the same in one round trip.
console.log('forgotten by pattern', await cache.invalidatePattern('user:*'))

await pool.end()
await connection.close()
