// What express-session asks of a store (required, recommended and optional methods, in its readme) and @fastify/session of
// its, each point by itself; then both packages over HTTP at the places where stores usually fail them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import expressSession from 'express-session'
import fastify from 'fastify'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { type HttpSessionStore, httpSessionStore } from './http-session-store.ts'

const world = new World()
let server: Server
const stores: Record<string, HttpSessionStore> = {}
beforeAll(async () => {
  server = await world.server()
  const connection = await world.connect(server, { readDeadline: 500, writeDeadline: 500 })
  stores['express-session'] = httpSessionStore(connection, expressSession.Store as never, { name: 'a' })
  stores['@fastify/session'] = httpSessionStore(connection, undefined, { name: 'b' })
})
afterAll(() => world.end())

type Method = Exclude<keyof HttpSessionStore, symbol>

/** A method as a promise; an error that the callback is given rejects. */
function call<T>(store: HttpSessionStore, method: Method, ...args: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, result?: T) => (error ? reject(error as Error) : resolve(result as T))
    ;(store[method] as (...all: unknown[]) => void)(...args, done)
  })
}

const inMs = (ms: number) => ({ cookie: { expires: new Date(Date.now() + ms), originalMaxAge: ms } })

describe.each(['express-session', '@fastify/session'])('a store for %s', name => {
  test('an unknown id is no error, and no session', async () => {
    expect((await call(stores[name]!, 'get', 'nobody')) ?? undefined).toBe(undefined)
  })

  test('what was set is there, as JSON keeps it, until it is set anew or destroyed', async () => {
    const store = stores[name]!
    await call(store, 'set', 'one', { ...inMs(60_000), user: { name: 'Ada' } })
    expect(await call(store, 'get', 'one')).toMatchObject({ user: { name: 'Ada' }, cookie: { originalMaxAge: 60_000 } })
    await call(store, 'set', 'one', { ...inMs(60_000), user: { name: 'Grace' } })
    expect(await call(store, 'get', 'one')).toMatchObject({ user: { name: 'Grace' } })
    await call(store, 'destroy', 'one')
    expect((await call(store, 'get', 'one')) ?? undefined).toBe(undefined)
    await call(store, 'destroy', 'one')
  })

  test('touch prolongs, changes nothing else, and does not bring back what was destroyed', async () => {
    const store = stores[name]!
    await call(store, 'set', 'two', { ...inMs(1000), kept: true })
    await call(store, 'touch', 'two', { ...inMs(90_000), kept: 'not written by touch' })
    const key = `${name === 'express-session' ? 'a' : 'b'}:two`
    expect(Number(server.cli('PTTL', key))).toBeGreaterThan(60_000)
    expect(await call(store, 'get', 'two')).toMatchObject({ kept: true })
    await call(store, 'destroy', 'two')
    await call(store, 'touch', 'two', inMs(90_000))
    expect((await call(store, 'get', 'two')) ?? undefined).toBe(undefined)
  })

  test('it ends with its cookie; one that has ended is not kept', async () => {
    const store = stores[name]!
    await call(store, 'set', 'three', inMs(300))
    await eventually(async () => expect((await call(store, 'get', 'three')) ?? undefined).toBe(undefined))
    await call(store, 'set', 'four', inMs(60_000))
    await call(store, 'set', 'four', inMs(-1))
    expect((await call(store, 'get', 'four')) ?? undefined).toBe(undefined)
  })

  test('all, length and clear', async () => {
    const store = stores[name]!
    await call(store, 'clear')
    for (const id of ['x', 'y', 'z']) await call(store, 'set', id, { ...inMs(60_000), of: id })
    const sessions = await call<{ id: string; of: string }[]>(store, 'all')
    expect(sessions.map(({ id, of }) => `${id}${of}`).toSorted()).toEqual(['xx', 'yy', 'zz'])
    expect(await call(store, 'length')).toBe(3)
    await call(store, 'clear')
    expect(await call(store, 'length')).toBe(0)
  })

  test('the callback of a write may be left out', async () => {
    const store = stores[name]!
    store.set('five', inMs(60_000))
    store.touch('five', inMs(60_000))
    await eventually(async () => expect(await call(store, 'get', 'five')).toBeDefined())
    store.destroy('five')
    await eventually(async () => expect((await call(store, 'get', 'five')) ?? undefined).toBe(undefined))
  })
})

/** One browser: it keeps its cookie. */
class Browser {
  cookie = ''
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async visit(path: string): Promise<string> {
    const response = await fetch(this.#url + path, { headers: { cookie: this.cookie } })
    this.cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.cookie
    return `${response.status} ${await response.text()}`
  }
}

interface Session {
  visits?: number
  regenerate(done: () => void): void
}

async function expressSite(store: HttpSessionStore, maxAge: number): Promise<string> {
  const options = { secret: 'a secret', resave: false, saveUninitialized: false, rolling: true, cookie: { maxAge } }
  const middleware = expressSession({ ...options, store: store as never })
  const http = createServer((request, response) => {
    middleware(request as never, response as never, error => {
      if (error) response.writeHead(500).end('the store failed')
      else answer(request as never, response)
    })
  })
  const answer = (request: IncomingMessage & { session: Session }, response: ServerResponse) => {
    const count = () => {
      request.session.visits = (request.session.visits ?? 0) + 1
      response.end(String(request.session.visits))
    }
    if (request.url === '/regenerate') request.session.regenerate(count)
    else count()
  }
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  world.onEnd(() => http.close())
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

async function fastifySite(store: HttpSessionStore, maxAge: number): Promise<string> {
  const app = fastify()
  await app.register(fastifyCookie)
  await app.register(fastifySession, {
    // A signer rather than a text: the plugin would look for @fastify/cookie beside itself.
    secret: new fastifyCookie.Signer('a secret that is long enough for fastify') as never,
    store: store as never,
    rolling: true,
    cookie: { secure: false, maxAge },
  })
  app.get('/:path', async request => {
    if (request.url === '/regenerate') await request.session.regenerate()
    const session = request.session as { visits?: number }
    session.visits = (session.visits ?? 0) + 1
    return String(session.visits)
  })
  world.onEnd(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

describe.each([
  ['express-session', expressSite],
  ['@fastify/session', fastifySite],
] as const)('%s over HTTP', (name, site) => {
  test('a new id leaves nothing under the old one', async () => {
    const browser = new Browser(await site(stores[name]!, 60_000))
    expect([await browser.visit('/in'), await browser.visit('/in')]).toEqual(['200 1', '200 2'])
    const old = browser.cookie
    expect(await browser.visit('/regenerate')).toBe('200 1')
    expect(browser.cookie).not.toBe(old)
    browser.cookie = old
    expect(await browser.visit('/in')).toBe('200 1')
  })

  test('reading prolongs; a session that ended begins anew', async () => {
    const browser = new Browser(await site(stores[name]!, 1500))
    await browser.visit('/in')
    await call(stores[name]!, 'clear')
    expect(await browser.visit('/in')).toBe('200 1')
    expect(await browser.visit('/in')).toBe('200 2')
  })

  test('with the server away the request fails in time, and works again once it is back', async () => {
    const browser = new Browser(await site(stores[name]!, 60_000))
    await browser.visit('/in')
    server.freeze()
    expect(await browser.visit('/in')).toMatch(/^500/)
    server.thaw()
    await eventually(async () => expect(await browser.visit('/in')).toMatch(/^200 [23]/))
  })
})
