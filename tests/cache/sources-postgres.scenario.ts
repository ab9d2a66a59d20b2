// Queries of pg, Kysely and Drizzle with a cache in front, on a real PostgreSQL and a real Valkey: what a hit returns,
// what a write forgets, and what happens when the two meet or the cache is away.
import { drizzle } from 'drizzle-orm/node-postgres'
import { count, eq, inArray } from 'drizzle-orm'
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { CacheUnavailable, Cache, connect, InvalidOption } from '@hotshelf/cache'
import { cachedDrizzle, cachedKysely, cachedPg } from '@hotshelf/cache/sources'
import { eventually, postgresMissing, startPostgres } from '@hotshelf/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

interface User {
  readonly id: number
  readonly name: string
  readonly born: Date | null
}

interface Database {
  users: { id: number; name: string; born: Date | null }
  orders: { id: number; user_id: number; total: number }
}

const users = pgTable('users', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  born: timestamp('born'),
})
const orders = pgTable('orders', {
  id: integer('id').primaryKey(),
  userId: integer('user_id').notNull(),
  total: integer('total').notNull(),
})

const missing = postgresMissing()
if (missing !== undefined) process.stderr.write(`skipped, ${missing}\n`)

describe.skipIf(missing !== undefined)('PostgreSQL', () => {
  let world: World
  let pool: Pool
  let database: string
  /** Statements the pool ran: what the cache is to spare. */
  let asked = 0

  beforeAll(async () => {
    world = await startWorld()
    const server = await startPostgres()
    world.onEnd(() => server.stop())
    database = await server.createDatabase()
    pool = new Pool({ connectionString: database, max: 10 })
    world.onEnd(async () => {
      await pool.end()
      // A backend that is told to go while its client is still leaving has the last word, and nobody listens any more.
      const left =
        'select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
      await eventually(
        async () => server.query(database, left),
        count => count === '0',
      )
    })
    const query = pool.query.bind(pool) as (...args: unknown[]) => unknown
    pool.query = ((...args: unknown[]) => {
      asked += 1
      return query(...args)
    }) as typeof pool.query
    await pool.query(`create table users (id int primary key, name text not null, born timestamp);
      create table orders (id int primary key, user_id int not null references users, total int not null)`)
  })
  afterAll(() => world?.end())
  beforeEach(async () => {
    await pool.query(`truncate users, orders;
      insert into users values (1, 'Ada', '1815-12-10'), (2, 'Grace', null);
      insert into orders values (10, 1, 100), (11, 2, 50)`)
    asked = 0
  })

  const byId = 'select * from users where id = $1'

  describe('pg', () => {
    test('a hit has the rows of the miss, types and all, and asks nothing', async () => {
      const db = cachedPg(world.cache(), pool)
      const miss = await db.query<User>(byId, [1], { tables: ['users'] })
      expect(miss).toEqual([{ id: 1, name: 'Ada', born: new Date(1815, 11, 10) }])
      expect(await db.query<User>(byId, [1], { tables: ['users'] })).toStrictEqual(miss)
      expect(asked).toBe(1)
    })

    test('a row that is not there is remembered as null until it is written', async () => {
      const db = cachedPg(world.cache(), pool)
      const read = () => db.first<User>(byId, [3], { tables: ['users'] })
      expect([await read(), await read(), asked]).toEqual([null, null, 1])
      await db.write('insert into users values ($1, $2)', [3, 'Edsger'], { tables: ['users'] })
      expect((await read())?.name).toBe('Edsger')
    })

    test('parameters that look alike never share an answer', async () => {
      const db = cachedPg(world.cache(), pool)
      const kinds = [1, '1', 1n, true, null, new Date(1), Buffer.from('1'), [1], ['1'], { a: 1 }, '{"a":1}', 'null', '']
      const keys = kinds.map(value => db.key('select $1', [value]))
      keys.push(db.key('select $1', []), db.key('select $1', [1, null]), db.key('select  $1', [1]))
      keys.push(db.key('select $1', [1], 'tenant a'), db.key('select $1', [1], 'tenant b'))
      keys.push(cachedPg(world.cache(), pool, { name: 'other' }).key('select $1', [1]))
      expect(new Set(keys).size).toBe(keys.length)
      expect(db.key('select $1', [{ b: 1, a: 2 }])).toBe(db.key('select $1', [{ a: 2, b: 1 }]))
    })

    test('rows and the first of them are two answers', async () => {
      const db = cachedPg(world.cache(), pool)
      expect(await db.query(byId, [1], { tables: ['users'] })).toHaveLength(1)
      expect(await db.first<User>(byId, [1], { tables: ['users'] })).toMatchObject({ name: 'Ada' })
    })

    test('a write forgets the answers from its tables, however they are spelt, and no others', async () => {
      const db = cachedPg(world.cache(), pool)
      const names = () => db.query('select name from users order by id', [], { tables: ['public.Users'] })
      const totals = () => db.query('select total from orders order by id', [], { tables: ['orders'] })
      await names()
      await totals()
      await db.write('update users set name = $2 where id = $1', [1, 'Augusta'], { tables: ['"users"'] })
      asked = 0
      expect(await names()).toEqual([{ name: 'Augusta' }, { name: 'Grace' }])
      expect(await totals()).toEqual([{ total: 100 }, { total: 50 }])
      expect(asked).toBe(1)
    })

    test('an answer read before a write and stored after it is a miss', async () => {
      const cache = world.cache()
      const db = cachedPg(cache, pool)
      // The read holds its snapshot while the write commits.
      const slow = db.query<{ name: string }>('select name, pg_sleep(0.5) from users where id = $1', [1], {
        tables: ['users'],
      })
      await pool.query('select pg_sleep(0.1)')
      await db.write('update users set name = $1 where id = 1', ['Augusta'], { tables: ['users'] })
      // Asked after the write returned: must not be handed what the slow one brings.
      const after = await db.query<{ name: string }>('select name, pg_sleep(0.5) from users where id = $1', [1], {
        tables: ['users'],
      })
      expect(after[0]!.name).toBe('Augusta')
      expect((await slow)[0]!.name).toBe('Ada')
      const later = await db.query<{ name: string }>('select name, pg_sleep(0.5) from users where id = $1', [1], {
        tables: ['users'],
      })
      expect(later[0]!.name).toBe('Augusta')
    })

    test('a transaction forgets its tables when it commits, not before, and not when it rolls back', async () => {
      const db = cachedPg(world.cache(), pool)
      const name = async () => (await db.first<User>(byId, [1], { tables: ['users'] }))?.name
      await name()
      const seen: (string | undefined)[] = []
      await db.transaction(async transaction => {
        await transaction.write('update users set name = $1 where id = 1', ['Augusta'], { tables: ['users'] })
        seen.push((await transaction.query<User>(byId, [1])).rows[0]?.name, await name())
      })
      expect([...seen, await name()]).toEqual(['Augusta', 'Ada', 'Augusta'])
      asked = 0
      const failure = db.transaction(async transaction => {
        await transaction.write('update users set name = $1 where id = 1', ['nobody'], { tables: ['users'] })
        throw new Error('changed my mind')
      })
      await expect(failure).rejects.toThrow('changed my mind')
      expect([await name(), asked]).toEqual(['Augusta', 0])
      expect(pool.idleCount).toBe(pool.totalCount)
    })

    test('a write that failed forgets too, for it may have happened; the error is the caller’s', async () => {
      const db = cachedPg(world.cache(), pool)
      await db.query(byId, [1], { tables: ['users'] })
      await expect(db.write('insert into users values (1, $1)', ['again'], { tables: ['users'] })).rejects.toThrow(
        'duplicate key',
      )
      asked = 0
      await db.query(byId, [1], { tables: ['users'] })
      expect(asked).toBe(1)
    })

    test('a query without tables is refused before it runs: nothing could ever forget it', async () => {
      const db = cachedPg(world.cache(), pool)
      await expect(db.query(byId, [1], {})).rejects.toBeInstanceOf(InvalidOption)
      await expect(db.write('delete from users', [], {})).rejects.toBeInstanceOf(InvalidOption)
      expect(asked).toBe(0)
    })

    test('many at once are one query', async () => {
      const db = cachedPg(world.cache(), pool)
      const read = () => db.query('select count(*)::int as n, pg_sleep(0.2) from users', [], { tables: ['users'] })
      const answers = await Promise.all(Array.from({ length: 100 }, read))
      expect(new Set(answers.map(([row]) => (row as { n: number }).n))).toEqual(new Set([2]))
      expect(asked).toBe(1)
    })

    test('rows by id: read through, written through, and removed', async () => {
      const db = cachedPg(world.cache(), pool)
      const people = db.repository<number, Omit<User, 'id'>>({
        name: 'user',
        tables: ['users'],
        load: id => ({ text: 'select name, born from users where id = $1', values: [id] }),
        write: (id, { name, born }) => ({
          text: `insert into users values ($1, upper($2), $3)
            on conflict (id) do update set name = excluded.name, born = excluded.born returning name, born`,
          values: [id, name, born],
        }),
        remove: id => ({ text: 'delete from users where id = $1', values: [id] }),
        afterWrite: 'set',
      })
      const all = () => db.query<User>('select * from users', [], { tables: ['users'] })
      expect(await people.get(3)).toBe(null)
      await all()
      // What the database made of it, not what was sent.
      expect(await people.set(3, { name: 'Edsger', born: null })).toEqual({ name: 'EDSGER', born: null })
      asked = 0
      expect(await people.get(3)).toEqual({ name: 'EDSGER', born: null })
      expect(asked).toBe(0)
      expect(await all()).toHaveLength(3)
      await people.remove(3)
      expect([await people.get(3), (await all()).length]).toEqual([null, 2])
      await people.get(1)
      await db.write("update users set name = 'bulk'", [], { tables: ['users'] })
      expect((await people.get(1))?.name).toBe('bulk')
    })

    test('with the cache away reads come from the database, and a write says that others may read the old', async () => {
      const away = await startWorld()
      const connection = await connect({ url: away.url, readDeadline: 150, writeDeadline: 150 })
      try {
        const db = cachedPg(new Cache(connection), pool)
        const forgiving = cachedPg(new Cache(connection), pool, { onCacheFailure: 'ignore' })
        await db.query(byId, [1], { tables: ['users'] })
        away.freeze()
        expect(await db.query<User>(byId, [1], { tables: ['users'] })).toMatchObject([{ name: 'Ada' }])
        const rename = "update users set name = 'Augusta' where id = 1"
        await expect(db.write(rename, [], { tables: ['users'] })).rejects.toBeInstanceOf(CacheUnavailable)
        expect((await forgiving.write(rename, [], { tables: ['users'] })).rowCount).toBe(1)
        expect(await db.query<User>(byId, [1], { tables: ['users'] })).toMatchObject([{ name: 'Augusta' }])
      } finally {
        away.thaw()
        await connection.close()
        await away.end()
      }
    })
  })

  describe('Kysely', () => {
    // One Kysely on the counted pool; ending it would end the pool.
    const open = () => new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })

    test('tables are found in joins, subqueries and CTEs; a write forgets by its target', async () => {
      const kysely = open()
      const db = cachedKysely(world.cache())
      const spenders = kysely
        .with('big', cte => cte.selectFrom('orders').select('user_id').where('total', '>', 60))
        .selectFrom('users')
        .select(['id', 'name'])
        .where('id', 'in', query => query.selectFrom('big').select('user_id'))
      const rows: readonly { id: number; name: string }[] = await db.query(spenders)
      expect(rows).toEqual([{ id: 1, name: 'Ada' }])
      expect(await db.query(spenders)).toStrictEqual(rows)
      await db.write(kysely.updateTable('orders').set({ total: 70 }).where('id', '=', 11))
      expect(await db.query(spenders.orderBy('id'))).toHaveLength(2)
      expect(await db.query(spenders)).toHaveLength(2)
    })

    test('a change of one table leaves the answers from others', async () => {
      const kysely = open()
      const db = cachedKysely(world.cache())
      let ran = 0
      const query = kysely.selectFrom('users').selectAll().orderBy('id')
      const counted = {
        compile: () => query.compile(),
        execute: () => {
          ran += 1
          return query.execute()
        },
      }
      await db.query(counted)
      await db.write(kysely.deleteFrom('orders').where('id', '=', 10))
      await db.query(counted)
      expect(ran).toBe(1)
      await db.write(kysely.insertInto('users').values({ id: 3, name: 'Edsger', born: null }))
      expect(await db.query(counted)).toHaveLength(3)
      expect(ran).toBe(2)
    })

    test('what stands in raw SQL is named by the caller', async () => {
      const kysely = open()
      const db = cachedKysely(world.cache())
      const total = kysely
        .selectFrom('users')
        .select(['name', sql<number>`(select sum(total)::int from orders where user_id = users.id)`.as('total')])
        .where('users.id', '=', 1)
      const read = () => db.first(total, { tables: ['orders'] })
      expect(await read()).toEqual({ name: 'Ada', total: 100 })
      await kysely.transaction().execute(transaction => transaction.updateTable('orders').set({ total: 1 }).execute())
      await db.changed('orders')
      expect(await read()).toEqual({ name: 'Ada', total: 1 })
    })
  })

  describe('Drizzle', () => {
    const open = () => drizzle(pool, { schema: { users, orders } })

    test('builders: tables are found in joins and subqueries, and a hit has the types of the miss', async () => {
      const orm = open()
      const db = cachedDrizzle(world.cache())
      const read = () =>
        db.query(
          orm
            .select()
            .from(users)
            .where(inArray(users.id, orm.select({ id: orders.userId }).from(orders).where(eq(orders.total, 100)))),
        )
      const rows = await read()
      expect(rows).toEqual([{ id: 1, name: 'Ada', born: expect.any(Date) as Date }])
      asked = 0
      expect(await read()).toStrictEqual(rows)
      expect(asked).toBe(0)
      await db.write(orm.update(orders).set({ total: 100 }))
      expect(await read()).toHaveLength(2)
      const joined = () =>
        db.query(orm.select({ n: count() }).from(users).innerJoin(orders, eq(orders.userId, users.id)))
      expect(await joined()).toEqual([{ n: 2 }])
      await db.write(orm.delete(orders).where(eq(orders.id, 10)))
      expect(await joined()).toEqual([{ n: 1 }])
    })

    test('relational queries: a missing row is remembered, and is undefined on hit as on miss', async () => {
      const orm = open()
      const db = cachedDrizzle(world.cache())
      const find = (id: number) => db.query(orm.query.users.findFirst({ where: eq(users.id, id) }))
      expect(await find(3)).toBe(undefined)
      asked = 0
      expect([await find(3), asked]).toEqual([undefined, 0])
      const returned = await db.write(orm.insert(users).values({ id: 3, name: 'Edsger' }).returning())
      expect(returned).toHaveLength(1)
      expect((await find(3))?.name).toBe('Edsger')
    })
  })
})
