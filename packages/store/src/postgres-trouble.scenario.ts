// What a PostgreSQL server does to its clients, and that a store goes on afterwards.
import { randomBytes } from 'node:crypto'
import { type Arn, Unavailable } from '@hotshelf/domain'
import { eventually, freePort, postgresMissing, type PostgresServer, startPostgres } from '@hotshelf/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStore, type OpenStore, StoreUnusable } from './index.ts'

const sealKey = randomBytes(32)
const missing = postgresMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)
const arn = (name: string) => `arn:${name}` as Arn

describe.skipIf(missing !== undefined)('a store on PostgreSQL', () => {
  let server: PostgresServer
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    url = await server.createDatabase()
  })

  /** Opens, and closes again whatever happens. */
  const withStore = async (body: (store: OpenStore) => Promise<void>): Promise<void> => {
    const store = await openStore({ url, sealKey })
    try {
      await body(store)
    } finally {
      await store.close()
    }
  }
  /** What opening says, which never holds the password. */
  const refusal = async (at: string): Promise<Error> => {
    const error = await openStore({ url: at, sealKey }).then(
      () => expect.fail('it opened'),
      (reason: Error) => reason,
    )
    expect(error.message).not.toContain(server.password)
    expect(error.message).not.toContain(encodeURIComponent(server.password))
    return error
  }

  it('says that nothing answers at an address, and that this may pass', async () => {
    const port = await freePort()
    const error = await refusal(url.replace(`:${server.port}/`, `:${port}/`))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toContain(`postgres://hotshelf@127.0.0.1:${port}/`)
    expect(error.message).toContain('does not answer (ECONNREFUSED): start it, or correct the store URL')
  })

  it('says that the password is wrong', async () => {
    const error = await refusal(url.replace(encodeURIComponent(server.password), 'wrong'))
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toMatch(/refuses the password: correct it/)
  })

  it('says that the database is not there', async () => {
    const error = await refusal(url.replace(/store_\d+$/, 'nowhere'))
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toMatch(/has no such database: create it/)
  })

  it('says that a database is in an encoding that would refuse names', async () => {
    const error = await refusal(await server.createDatabase('LATIN1'))
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toMatch(/encoded in LATIN1, not UTF8/)
  })

  it('says that its user may not make tables', async () => {
    server.query(url, 'revoke all on schema public from public')
    server.query(url, "create role guest login password 'guest'")
    const error = await refusal(`postgres://guest:guest@127.0.0.1:${server.port}${new URL(url).pathname}`)
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toMatch(/does not let this user make or use tables/)
  })

  it('refuses a database of a newer version, and another seal key', async () => {
    await withStore(async () => {})
    await expect(openStore({ url, sealKey: randomBytes(32) })).rejects.toThrow(/sealed with another key/)
    server.query(url, "insert into migrations values ('0999-the-future', 0)")
    expect((await refusal(url)).message).toMatch(/newer version of Hotshelf \(it has 0999-the-future\)/)
  })

  it('shows people what it keeps as JSON', async () => {
    await withStore(async store => {
      const scope = { account: '1', region: 'r' }
      await store
        .repository('log-group')
        .insert({ ...scope, arn: arn('a'), name: 'a', desired: { size: 7 }, createdAt: new Date() })
      expect(server.query(url, "select desired->>'size' from resources")).toBe('7')
    })
  })

  it('goes on after the server was restarted, without a read failing', async () => {
    await withStore(async store => {
      await store.facts.put('a', 'b')
      await Promise.all(Array.from({ length: 10 }, () => store.facts.get('a')))
      await server.restart()
      expect(await Promise.all(Array.from({ length: 10 }, () => store.facts.get('a')))).toEqual(Array(10).fill('b'))
      await store.facts.put('a', 'c')
      await store.transaction(async inside => inside.facts.put('d', 'e'))
      expect(await store.facts.get('a')).toBe('c')
    })
  })

  it('answers Unavailable while the server is gone, and heals by itself', async () => {
    await withStore(async store => {
      await store.facts.put('a', 'b')
      await server.crash()
      const failed = await Promise.allSettled([
        store.facts.get('a'),
        store.facts.put('a', 'c'),
        store.transaction(async inside => inside.facts.put('a', 'd')),
      ])
      for (const result of failed) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } })
      await server.start()
      expect(await eventually(() => store.facts.get('a').catch(() => undefined), Boolean)).toBe('b')
      await store.facts.put('a', 'e')
    })
  })

  it('answers reads and begins transactions although every connection was cut a moment ago', async () => {
    await withStore(async store => {
      await store.facts.put('a', 'b')
      for (let round = 0; round < 3; round++) {
        await Promise.all(Array.from({ length: 10 }, () => store.facts.get('a')))
        // Nothing else runs before the next statements are sent, so the pool still takes its connections for good.
        cutConnections(server, url)
        expect(await Promise.all(Array.from({ length: 10 }, () => store.facts.get('a')))).toEqual(Array(10).fill('b'))
        cutConnections(server, url)
        await store.transaction(async inside => inside.facts.put('a', 'b'))
      }
    })
  })

  it('undoes a transaction whose connection was cut, and does not end the process', async () => {
    await withStore(async store => {
      const cut = store.transaction(async inside => {
        await inside.facts.put('half', 'done')
        cutConnections(server, url)
        await inside.facts.put('other half', 'done')
      })
      await expect(cut).rejects.toThrow(Unavailable)
      expect(await store.facts.get('half')).toBeUndefined()
      // Cut while it stands still between two statements: nobody is waiting for an answer then.
      const still = store.transaction(async inside => {
        await inside.facts.put('half', 'done')
        cutConnections(server, url)
        await new Promise(resolve => setTimeout(resolve, 100))
      })
      await expect(still).rejects.toThrow(Unavailable)
      expect(await store.facts.get('half')).toBeUndefined()
    })
  })

  it('hears the other server again after its listening connection was cut', async () => {
    await withStore(async one => {
      await withStore(async two => {
        const heard: string[] = []
        two.doorbell.onRing(heardArn => heard.push(heardArn))
        await eventually(
          async () => one.doorbell.ring(arn('before')),
          () => heard.includes(arn('before')),
        )
        cutConnections(server, url)
        await eventually(
          async () => one.doorbell.ring(arn('after')),
          () => heard.includes(arn('after')),
        )
      })
    })
  })

  it('answers Unavailable once it is closed, and closing twice is no error', async () => {
    const store = await openStore({ url, sealKey })
    await store.close()
    await store.close()
    await expect(store.facts.get('a')).rejects.toThrow(Unavailable)
  })

  it('leaves no connection behind when it is closed', async () => {
    const count = () => server.query(url, "select count(*) from pg_stat_activity where application_name = 'hotshelf'")
    await eventually(
      async () => count(),
      left => left === '0',
    )
    await withStore(async store => {
      await Promise.all(Array.from({ length: 20 }, () => store.facts.get('a')))
      expect(Number(count())).toBeGreaterThan(1)
    })
    await eventually(
      async () => count(),
      left => left === '0',
    )
  })
})

/** As an administrator does, or a failing network. */
const cutConnections = (server: PostgresServer, url: string): string =>
  server.query(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'hotshelf'`,
  )
