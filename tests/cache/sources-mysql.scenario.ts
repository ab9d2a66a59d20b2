// Queries of mysql2 with a cache in front, on a real MariaDB (its server program, `mariadbd`, on the PATH) and a real
// Valkey. Skipped where there is no MariaDB.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedMysql } from '@hotshelf/cache/sources'
import { eventually, freePort } from '@hotshelf/testkit'
import { createPool, type Pool } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

interface User {
  readonly id: number
  readonly name: string
  readonly born: Date | null
}

const missing = spawnSync('mariadbd', ['--version']).status === 0 ? undefined : 'mariadbd is not on the PATH'
if (missing !== undefined) process.stderr.write(`skipped, ${missing}\n`)

/** Without accounts: whoever reaches the loopback port is in. Its place goes away with it. */
async function startMariadb(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'hs-maria-'))
  mkdirSync(join(directory, 'data', 'mysql'), { recursive: true })
  const port = await freePort()
  const place = [
    `--datadir=${join(directory, 'data')}`,
    `--socket=${join(directory, 's')}`,
    `--pid-file=${join(directory, 'pid')}`,
  ]
  const root = process.getuid?.() === 0 ? ['--user=root'] : []
  const server = spawn(
    'mariadbd',
    [
      '--no-defaults',
      ...place,
      ...root,
      '--skip-grant-tables',
      '--skip-networking=0',
      `--port=${port}`,
      '--bind-address=127.0.0.1',
    ],
    { stdio: 'ignore' },
  )
  const kill = () => void server.kill('SIGKILL')
  process.once('exit', kill)
  return {
    port,
    stop: async () => {
      const gone = once(server, 'exit')
      kill()
      await gone
      process.off('exit', kill)
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const because = missing === undefined ? '' : ` (skipped: ${missing})`
describe.skipIf(missing !== undefined)(`MariaDB through mysql2${because}`, () => {
  let world: World
  let pool: Pool
  let asked = 0

  beforeAll(async () => {
    world = await startWorld()
    const server = await startMariadb()
    world.onEnd(() => server.stop())
    const bare = createPool({ host: '127.0.0.1', port: server.port, user: 'test' })
    await eventually(() => bare.query('create database shop').then(Boolean, () => false), Boolean)
    await bare.end()
    pool = createPool({ host: '127.0.0.1', port: server.port, user: 'test', database: 'shop' })
    world.onEnd(() => pool.end())
    await pool.query('create table users (id int primary key auto_increment, name text not null, born datetime)')
    const execute = pool.execute.bind(pool) as (...args: unknown[]) => unknown
    pool.execute = ((...args: unknown[]) => {
      asked += 1
      return execute(...args)
    }) as typeof pool.execute
  })
  afterAll(() => world?.end())
  beforeEach(async () => {
    await pool.query('truncate users')
    await pool.query("insert into users (name, born) values ('Ada', '1815-12-10'), ('Grace', null)")
    asked = 0
  })

  test('a hit has the rows of the miss, types and all; a write forgets them', async () => {
    const db = cachedMysql(world.cache(), pool)
    const read = () => db.query<User>('select * from users where id = ?', [1], { tables: ['users'] })
    const miss = await read()
    expect(miss).toEqual([{ id: 1, name: 'Ada', born: new Date(1815, 11, 10) }])
    expect(await read()).toStrictEqual(miss)
    expect(asked).toBe(1)
    const written = await db.write('update users set name = ? where id = ?', ['Augusta', 1], {
      tables: ['`shop`.`users`'],
    })
    expect(written.affectedRows).toBe(1)
    expect((await read())[0]!.name).toBe('Augusta')
    expect(await db.write('insert into users (name) values (?)', ['Edsger'], { tables: ['users'] })).toEqual({
      affectedRows: 1,
      insertId: 3,
    })
  })

  test('rows by id: a write without RETURNING is read back, with what the database made of it', async () => {
    const db = cachedMysql(world.cache(), pool)
    const people = db.repository<number, { name: string }>({
      name: 'user',
      tables: ['users'],
      load: id => ({ text: 'select name from users where id = ?', values: [id] }),
      write: (id, { name }) => ({
        text: 'insert into users (id, name) values (?, upper(?)) on duplicate key update name = values(name)',
        values: [id, name],
      }),
      remove: id => ({ text: 'delete from users where id = ?', values: [id] }),
    })
    expect(await people.get(7)).toBe(null)
    expect(await people.set(7, { name: 'Barbara' })).toEqual({ name: 'BARBARA' })
    expect(await people.get(7)).toEqual({ name: 'BARBARA' })
    await people.remove(7)
    expect(await people.get(7)).toBe(null)
  })
})
