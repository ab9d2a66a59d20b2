// A connection against real engines that are killed, frozen, secured and demoted: every call ends within its deadline,
// and the same connection works again afterwards.
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, host, startCluster, startServer, type Server, type ServerOptions } from '../../testing/engine.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import type { ConnectionEvent } from './events.ts'
import type { ConnectOptions } from './options.ts'
import { closeReused, reuse } from './reuse.ts'
import { number, text } from '../client/reply.ts'

const cleanup: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

async function serverOf(options?: ServerOptions): Promise<Server> {
  const server = await startServer(options)
  cleanup.push(() => server.stop())
  return server
}

async function connected(options: ConnectOptions): Promise<Connection> {
  const connection = await connect(options)
  cleanup.push(() => connection.close())
  return connection
}

const get = (key: string) => ({ args: ['GET', key], key, readonly: true })
const set = (key: string, value: string) => ({ args: ['SET', key, value], key, idempotent: true })

async function timed<T>(work: Promise<T>): Promise<{ ms: number; error?: unknown; value?: T }> {
  const start = performance.now()
  try {
    const value = await work
    return { ms: performance.now() - start, value }
  } catch (error) {
    return { ms: performance.now() - start, error }
  }
}

describe('a server that goes away', () => {
  for (const way of ['killed', 'frozen'] as const) {
    test(`${way}: every call is answered within its deadline, then at once, and the connection recovers`, async () => {
      const server = await serverOf()
      const connection = await connected({ url: `redis://${host}:${server.port}`, readDeadline: 200 })
      await connection.send(set('a', '1'))
      if (way === 'killed') await server.kill()
      else server.freeze()
      for (let i = 0; i < 8; i++) {
        const { ms, error } = await timed(connection.send(get('a')))
        expect(error).toMatchObject({ name: 'CacheUnavailable' })
        // 200 ms of deadline and generous room for a busy machine; without a bound this would be seconds.
        expect(ms).toBeLessThan(1200)
      }
      expect(connection.breaker).not.toBe('closed')
      if (way === 'killed') await server.restart()
      else server.thaw()
      await eventually(async () => void (await connection.send(set('b', '2'))))
      expect(text(await connection.send(get('b')))).toBe('2')
      await eventually(() => expect(connection.waiting).toBe(0))
    })
  }

  test('frozen: what waits for it is limited', async () => {
    const server = await serverOf()
    const connection = await connected({ url: `redis://${host}:${server.port}`, maxWaiting: 50, readDeadline: 300 })
    server.freeze()
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => connection.send(get('a'))))
    const codes = outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.code : 'answered'))
    expect(codes.filter(code => code === 'OVERLOADED').length).toBe(150)
    expect(codes.filter(code => code === 'DEADLINE').length).toBe(50)
    server.thaw()
    await eventually(async () => void (await connection.send(set('b', '2'))))
  })

  test('absent from the start: connect returns, calls fail fast, and it works once the server is there', async () => {
    const server = await serverOf()
    await server.kill()
    const events: ConnectionEvent[] = []
    const connection = await connected({
      url: `redis://${host}:${server.port}`,
      connectTimeout: 300,
      onEvent: event => events.push(event),
    })
    expect((await timed(connection.send(get('a')))).error).toMatchObject({ name: 'CacheUnavailable' })
    await server.restart()
    await eventually(async () => void (await connection.send(set('a', '1'))))
    expect(events.some(event => event.type === 'ready')).toBe(true)
  })

  test('absent, in a loop that does nothing but call: the event loop still turns, and it recovers', async () => {
    const server = await serverOf()
    const connection = await connected({ url: `redis://${host}:${server.port}` })
    await server.kill()
    const run = { on: true }
    const loop = (async () => {
      while (run.on) await connection.send(get('a')).catch(() => undefined)
    })()
    await server.restart()
    await eventually(async () => void (await connection.send(set('a', '1'))))
    run.on = false
    await loop
  })

  test('absent and required: connect throws', async () => {
    const server = await serverOf()
    await server.kill()
    const options = { url: `redis://${host}:${server.port}`, connectTimeout: 300, required: true }
    await expect(connect(options)).rejects.toMatchObject({ name: 'CacheUnavailable' })
  })

  test('demoted: a write is retried until the server takes writes again', async () => {
    const primary = await serverOf()
    const other = await serverOf()
    const connection = await connected({ url: `redis://${host}:${primary.port}`, writeDeadline: '5s' })
    await connection.send(set('a', '1'))
    primary.cli('REPLICAOF', host, String(other.port))
    setTimeout(() => primary.cli('REPLICAOF', 'NO', 'ONE'), 300)
    expect(text(await connection.send(set('a', '2')))).toBe('OK')
  })
})

describe('who may come in', () => {
  test('TLS with a private authority, a password, and an RBAC user', async () => {
    const server = await serverOf({ tls: true, args: ['--requirepass', 'secret'] })
    const url = `rediss://${host}:${server.port}`
    const tls = { ca: server.tls!.ca }
    const connection = await connected({ url, tls, password: 'secret' })
    await connection.send({ args: ['ACL', 'SETUSER', 'app', 'on', '>word', '~app:*', '+@all'] })
    const user = await connected({ url, tls, username: 'app', password: 'word' })
    expect(text(await user.send(set('app:1', 'x')))).toBe('OK')
    await expect(user.send(get('other'))).rejects.toMatchObject({ name: 'EngineError', code: 'NOPERM' })
  })

  test('a wrong password is an error at once, not a wait', async () => {
    const server = await serverOf({ args: ['--requirepass', 'secret'] })
    const attempt = connect({ url: `redis://${host}:${server.port}`, password: 'wrong', connectTimeout: '10s' })
    await expect(attempt).rejects.toMatchObject({ name: 'EngineError', code: 'WRONGPASS' })
  })

  test('credentials that expire are renewed and used on the open connection', async () => {
    const server = await serverOf()
    server.cli('ACL', 'SETUSER', 'rotating', 'on', '>first', '~*', '+@all')
    let asked = 0
    const events: string[] = []
    const connection = await connected({
      url: `redis://${host}:${server.port}`,
      credentials: () => ({
        username: 'rotating',
        password: asked++ === 0 ? 'first' : 'second',
        expiresIn: asked === 1 ? 600 : 60_000,
      }),
      onEvent: event => events.push(event.type),
    })
    const first = number(await connection.send({ args: ['CLIENT', 'ID'] }))
    server.cli('ACL', 'SETUSER', 'rotating', 'resetpass', '>second')
    await eventually(() => expect(events).toContain('credentials-renewed'))
    expect(text(await connection.send({ args: ['ACL', 'WHOAMI'] }))).toBe('rotating')
    expect(number(await connection.send({ args: ['CLIENT', 'ID'] }))).toBe(first)
  })
})

describe('several servers', () => {
  test('reads go to the reader while it is there, and to the primary when it is not', async () => {
    const primary = await serverOf()
    const reader = await serverOf({ args: ['--replicaof', `${host} ${primary.port}`] })
    const connection = await connected({
      url: `redis://${host}:${primary.port}`,
      reader: `redis://${host}:${reader.port}`,
    })
    await connection.send(set('a', '1'))
    await eventually(async () => expect(text(await connection.send(get('a')))).toBe('1'))
    const role = async () => text(((await connection.send({ args: ['ROLE'], readonly: true })) as never[])[0])
    await eventually(async () => expect(await role()).toBe('slave'))
    await reader.kill()
    await eventually(async () => expect(await role()).toBe('master'))
  })

  test('a cluster with TLS by one call', async () => {
    const cluster = await startCluster({ tls: true })
    cleanup.push(() => cluster.stop())
    const url = `rediss://${host}:${cluster.nodes[0]!.port}`
    const connection = await connected({ url, cluster: true, tls: { ca: cluster.tls!.ca } })
    await Promise.all(Array.from({ length: 40 }, (_, i) => connection.send(set(`k${i}`, String(i)))))
    const values = await Promise.all(Array.from({ length: 40 }, (_, i) => connection.send(get(`k${i}`))))
    expect(values.map(value => text(value))).toEqual(Array.from({ length: 40 }, (_, i) => String(i)))
  })
})

test('reused connections are made once and closed together', async () => {
  const server = await serverOf()
  const options = { url: `redis://${host}:${server.port}` }
  const [one, two] = await Promise.all([reuse('main', options), reuse('main', options)])
  expect(one).toBe(two)
  await closeReused()
  await expect(one.send(get('a'))).rejects.toMatchObject({ code: 'CLOSED' })
  expect(await reuse('main', options)).not.toBe(one)
  await closeReused()
})
