// The guide's code example 3, second half: write-behind. Needs REDIS_URL and DATABASE_URL (PostgreSQL).
//
// The guide pops a list and then writes: a crash in between loses what was popped. Here a write stays in a stream until
// the database has it, so a crash repeats it, and the statement below does not mind: it is the same whether run once or
// twice, and never goes back to an older entry.
import { Cache, connect, WriteBehind } from '@hotshelf/cache'
import { Pool } from 'pg'

interface Reading {
  readonly celsius: number
}

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const cache = new Cache(connection, { namespace: 'example-behind' })
const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
await pool.query('create table if not exists example_readings (sensor text primary key, celsius int not null)')
await pool.query('truncate example_readings')

let batches = 0
const readings = new WriteBehind<Reading>(connection, {
  name: 'example-readings',
  cache,
  batchSize: 100,
  write: async batch => {
    batches += 1
    // One statement per batch, not one per entry.
    await pool.query(
      `insert into example_readings select * from unnest($1::text[], $2::int[])
        on conflict (sensor) do update set celsius = excluded.celsius`,
      [batch.map(({ key }) => key), batch.map(({ value }) => value.celsius)],
    )
  },
})

// Accepted when it is in the log; readers see it at once.
for (let celsius = 0; celsius < 20; celsius++) await readings.set(`sensor-${celsius % 4}`, { celsius })
console.log('accepted, not yet in the database:', await readings.backlog())
console.log('the cache has it already:', await cache.get('sensor-3'))

readings.start()
while ((await readings.backlog()) > 0) await new Promise(resolve => setTimeout(resolve, 20))
await readings.stop()

const { rows } = await pool.query('select sensor, celsius from example_readings order by sensor')
console.log('the database has the last of each:', JSON.stringify(rows))
console.log('in fewer statements than writes:', batches < 20)

await pool.end()
await connection.close()
