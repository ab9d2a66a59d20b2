// Sessions on a real server, and the real express-session and @fastify/session over HTTP on top of the store.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import expressSession from 'express-session'
import fastify from 'fastify'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, type Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import type { Connection } from '../connection/connection.ts'
import { httpSessionStore } from './http-session-store.ts'
import { Sessions } from './sessions.ts'

const world = new World()
let server: Server
let connection: Connection
beforeAll(async () => {
  server = await world.server()
  connection = await world.connect(server)
})
afterAll(() => world.end())

test('a session keeps its data and types until it is destroyed, and then stays so', async () => {
  const sessions = new Sessions<{ name: string; since: Date }>(connection, { name: 's1' })
  const id = await sessions.create({ name: 'ada', since: new Date(5) })
  expect(await sessions.read(id)).toStrictEqual({ name: 'ada', since: new Date(5) })
  expect(await sessions.update(id, { name: 'grace', since: new Date(6) })).toBe(true)
  expect((await sessions.read(id))?.name).toBe('grace')
  expect(await sessions.destroy(id)).toBe(true)
  expect(await sessions.update(id, { name: 'mallory', since: new Date(7) })).toBe(false)
  expect(await sessions.read(id)).toBe(undefined)
})

test('reading slides the end, but never past the longest life', async () => {
  const sessions = new Sessions(connection, { name: 's2', ttl: '10s', maxAge: '15s' })
  const id = await sessions.create({})
  server.cli('PEXPIRE', `s2:${id}`, '1000')
  await sessions.read(id)
  expect(Number(server.cli('PTTL', `s2:${id}`))).toBeGreaterThan(9000)
  const short = new Sessions(connection, { name: 's2', ttl: '10s', maxAge: 400 })
  const mortal = await short.create({})
  await short.read(mortal)
  expect(Number(server.cli('PTTL', `s2:${mortal}`))).toBeLessThanOrEqual(400)
  await eventually(async () => expect(await sessions.read(mortal)).toBe(undefined), 3000)
})

test('a user is logged out everywhere', async () => {
  const sessions = new Sessions(connection, { name: 's3' })
  const ids = await Promise.all([1, 2, 3].map(n => sessions.create({ n }, { user: 'ada' })))
  const other = await sessions.create({}, { user: 'bob' })
  expect(await sessions.destroyAll('ada')).toBe(3)
  expect(await Promise.all(ids.map(id => sessions.read(id)))).toEqual([undefined, undefined, undefined])
  expect(await sessions.read(other)).toEqual({})
})

/** Counts the visits of one browser: cookies are sent back as a browser would. */
async function visit(url: string, cookie: string): Promise<{ text: string; cookie: string }> {
  const response = await fetch(url, { headers: { cookie } })
  return { text: await response.text(), cookie: response.headers.get('set-cookie')?.split(';')[0] ?? cookie }
}

test('express-session keeps its sessions here', async () => {
  const store = httpSessionStore(connection, expressSession.Store as never, { name: 'express' })
  const middleware = expressSession({
    store: store as never,
    secret: 'a secret',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 60_000 },
  })
  type Visits = { visits?: number; destroy(done: () => void): void }
  const http = createServer((request, response) => {
    middleware(request as never, response as never, () => handle(request as never, response))
  })
  const handle = (request: IncomingMessage & { session: Visits }, response: ServerResponse) => {
    if (request.url === '/out') {
      request.session.destroy(() => response.end('bye'))
      return
    }
    request.session.visits = (request.session.visits ?? 0) + 1
    response.end(String(request.session.visits))
  }
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  world.onEnd(() => http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const first = await visit(url, '')
  expect([first.text, (await visit(url, first.cookie)).text]).toEqual(['1', '2'])
  const [key] = server.cli('--scan', '--pattern', 'express:*').split('\n')
  expect(Number(server.cli('PTTL', key!))).toBeLessThanOrEqual(60_000)
  expect(await new Promise(resolve => store.length((_, length) => resolve(length)))).toBe(1)
  await visit(`${url}/out`, first.cookie)
  expect((await visit(url, first.cookie)).text).toBe('1')
  await new Promise<void>(resolve => store.clear(() => resolve()))
  expect(await new Promise(resolve => store.length((_, length) => resolve(length)))).toBe(0)
})

test('@fastify/session keeps its sessions here', async () => {
  const app = fastify()
  await app.register(fastifyCookie)
  await app.register(fastifySession, {
    // A signer rather than a text: the plugin would look for @fastify/cookie beside itself.
    secret: new fastifyCookie.Signer('a secret that is long enough for fastify') as never,
    store: httpSessionStore(connection, undefined, { name: 'fastify' }) as never,
    cookie: { secure: false, maxAge: 60_000 },
  })
  app.get('/', async request => {
    const session = request.session as { visits?: number }
    session.visits = (session.visits ?? 0) + 1
    return String(session.visits)
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  world.onEnd(() => app.close())
  const first = await visit(url, '')
  expect([first.text, (await visit(url, first.cookie)).text, (await visit(url, first.cookie)).text]).toEqual([
    '1',
    '2',
    '3',
  ])
})
