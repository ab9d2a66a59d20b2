import { Agent, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { listen, type Listening, type ListenOptions } from './listen.ts'
import type { WireRequest } from './message.ts'

const open: Listening[] = []

async function start(options: Partial<ListenOptions> = {}): Promise<Listening> {
  const echo: ListenOptions['handle'] = async request => ({
    status: request.truncated ? 413 : 200,
    headers: {},
    body: JSON.stringify({ ...request, body: Buffer.from(request.body).toString('hex') }),
  })
  const listening = await listen({ handle: echo, ...options })
  open.push(listening)
  return listening
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(listening => listening.close(0)))
})

/** Writes raw bytes and collects everything until the server ends the connection. */
function speak({ port }: Listening, text: string): { socket: Socket; ended: Promise<string> } {
  const socket = connect(port, '127.0.0.1', () => socket.write(text))
  const ended = new Promise<string>(resolve => {
    let answer = ''
    socket.on('data', chunk => (answer += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
  return { socket, ended }
}

/** A handler that waits to be told, and says when it has been called. */
function waitingHandler() {
  let finish = () => {}
  let called = () => {}
  const started = new Promise<void>(resolve => (called = resolve))
  const handle: ListenOptions['handle'] = () =>
    new Promise(resolve => {
      finish = () => resolve({ status: 200, headers: {}, body: 'done' })
      called()
    })
  return { handle, started, finish: () => finish() }
}

const connections = ({ server }: Listening): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))))

describe('a request', () => {
  it('arrives with its method, path, query, headers and bytes', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/a%20b?x=1&y=%2F`, {
      method: 'POST',
      body: Uint8Array.from([0, 255]),
      headers: { 'X-Amz-Target': 'T' },
    })
    const seen = (await response.json()) as WireRequest
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/a%20b',
      query: 'x=1&y=%2F',
      body: '00ff',
      headers: { 'x-amz-target': 'T' },
    })
  })

  it('that is too long is given up with an answer, and its connection with it', async () => {
    const listening = await start({ bodyBytes: 1000 })
    const { ended } = speak(listening, `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n${'x'.repeat(5000)}`)
    const answer = await ended
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer.toLowerCase()).toContain('connection: close')
    const exact = await fetch(listening.url, { method: 'POST', body: 'x'.repeat(1000) })
    expect(exact.status).toBe(200)
  })

  it('that is no HTTP is answered 400 and cut', async () => {
    const { ended } = speak(await start(), 'hello there\r\n\r\n')
    expect(await ended).toMatch(/^HTTP\/1.1 400 /)
  })
})

describe('a client', () => {
  it('that sends its request too slowly is cut off', async () => {
    const listening = await start({ limits: { requestMs: 200 } })
    const silent = speak(listening, 'POST / HTTP/1.1\r\nHost: h\r\n')
    const half = speak(listening, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf')
    expect(await silent.ended).toMatch(/^HTTP\/1.1 408 /)
    expect(await half.ended).toMatch(/^HTTP\/1.1 408 /)
  })

  it('that connects and says nothing, or one byte now and then, is cut off', async () => {
    const listening = await start({ limits: { requestMs: 300 } })
    const mute = speak(listening, '')
    const slow = speak(listening, 'POST / HTTP/1.1\r\n')
    const drip = setInterval(() => slow.socket.write('X'), 20)
    await Promise.all([mute.ended, slow.ended])
    clearInterval(drip)
    expect((await fetch(listening.url)).status).toBe(200)
  })

  it('that does not read its answer is cut off', async () => {
    const handle: ListenOptions['handle'] = async () => ({
      status: 200,
      headers: {},
      body: 'x'.repeat(32 * 1024 * 1024),
    })
    const listening = await start({ handle, limits: { silenceMs: 300 } })
    const socket = connect(listening.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'))
    socket.on('error', () => undefined)
    await new Promise(resolve => listening.server.once('request', resolve))
    socket.pause()
    await expect.poll(() => connections(listening), { timeout: 10_000 }).toBe(0)
    socket.destroy()
  })

  it('finds room although others hold idle connections, and is refused where they are busy', async () => {
    const { handle, started, finish } = waitingHandler()
    const listening = await start({
      handle: request =>
        request.path === '/wait' ? handle(request) : Promise.resolve({ status: 200, headers: {}, body: '' }),
      limits: { connections: 2 },
    })
    const idle = [0, 1].map(() => speak(listening, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'))
    await Promise.all(idle.map(({ socket }) => new Promise(resolve => socket.once('data', resolve))))
    await expect
      .poll(() =>
        fetch(listening.url).then(
          answer => answer.status,
          () => 'refused',
        ),
      )
      .toBe(200)
    const waiting = [speak(listening, 'GET /wait HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'), ...idle]
    await started
    expect(await connections(listening)).toBeLessThanOrEqual(2)
    finish()
    for (const { socket } of waiting) socket.destroy()
  })

  it('that sends more than there is room for is cut, and the room comes back', async () => {
    const listening = await start({ bodyBytes: 1000, limits: { receivingBytes: 1500 } })
    const head = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n'
    const first = speak(listening, head + 'x'.repeat(800))
    await new Promise(resolve => listening.server.once('request', resolve))
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(await speak(listening, head + 'x'.repeat(800)).ended).toBe('')
    first.socket.destroy()
    await first.ended
    await expect
      .poll(() =>
        fetch(listening.url, { method: 'POST', body: 'x'.repeat(900) }).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
  })

  it('that goes away in the middle of its request does no harm', async () => {
    const listening = await start()
    const { socket, ended } = speak(listening, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf')
    await new Promise(resolve => listening.server.once('request', resolve))
    socket.destroy()
    await ended
    expect((await fetch(listening.url)).status).toBe(200)
  })

  it('may re-use its connection', async () => {
    const { port } = await start()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (let turn = 0; turn < 3; turn++) {
      await new Promise<void>((resolve, reject) => {
        const request = httpRequest({ port, host: '127.0.0.1', agent }, response => {
          ports.add(request.socket?.localPort)
          expect(response.headers['keep-alive']).toBe('timeout=75')
          response.resume().on('end', () => resolve())
        })
        request.on('error', reject).end()
      })
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })
})

it('a handler that rejects, which a wire never does, ends that connection and no other', async () => {
  const listening = await start({
    handle: async request => {
      if (request.path === '/bug') throw new Error('bug')
      return { status: 200, headers: {}, body: '' }
    },
  })
  await expect(fetch(`${listening.url}/bug`)).rejects.toThrow()
  expect((await fetch(listening.url)).status).toBe(200)
})

describe('closing', () => {
  it('waits for a request under way, and not for the connection it came by', async () => {
    const { handle, started, finish } = waitingHandler()
    const listening = await start({ handle })
    const answered = fetch(listening.url)
    await started
    const closed = listening.close(60_000)
    finish()
    expect(await (await answered).text()).toBe('done')
    await closed
  })

  it('cuts a request that is not done when its grace is over', async () => {
    const { handle, started } = waitingHandler()
    const listening = await start({ handle })
    const failed = expect(fetch(listening.url)).rejects.toThrow()
    await started
    await listening.close(0)
    await failed
  })
})
