// The guide's code example 3, first half: write-through. Needs REDIS_URL and DATABASE_URL (PostgreSQL).
import { Cache, connect } from '@hotshelf/cache'
import { cachedPg } from '@hotshelf/cache/sources'
import { Pool } from 'pg'

interface Account {
  readonly owner: string
  readonly balance: number
}

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const cache = new Cache(connection, { namespace: 'example-through', defaults: { ttl: '1h' } })
const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
await cache.clear()
await pool.query(
  'create table if not exists example_accounts (id int primary key, owner text not null, balance int check (balance >= 0))',
)
await pool.query('truncate example_accounts')

const db = cachedPg(cache, pool)

// The queries are declared once; reading goes through the cache, writing through to the database.
const accounts = db.repository<number, Account>({
  name: 'account',
  tables: ['example_accounts'],
  load: id => ({ text: 'select owner, balance from example_accounts where id = $1', values: [id] }),
  // The database is written first, so that the cache can never hold what the database refused.
  write: (id, { owner, balance }) => ({
    text: `insert into example_accounts values ($1, $2, $3)
      on conflict (id) do update set owner = excluded.owner, balance = excluded.balance returning owner, balance`,
    values: [id, owner, balance],
  }),
  remove: id => ({ text: 'delete from example_accounts where id = $1', values: [id] }),
})
const total = async () => {
  const row = await db.first<{ sum: number }>('select sum(balance)::int from example_accounts', [], {
    tables: ['example_accounts'],
  })
  return row?.sum
}

console.log('written', await accounts.set(1, { owner: 'Ada', balance: 100 }))
console.log('read', await accounts.get(1), 'total', await total())
await accounts.set(2, { owner: 'Grace', balance: 50 })
console.log('total after another write', await total())

// Refused by the database: the cache still says what the database holds.
const refused = await accounts.set(1, { owner: 'Ada', balance: -1 }).catch((error: Error) => error.message)
console.log('refused:', refused)
console.log('still', await accounts.get(1))

await pool.end()
await connection.close()
