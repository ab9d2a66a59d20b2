/** The forwarder as a process: it is found again, started again, replaced, and never there twice. */
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { type EndpointPlace, type EndpointRequest, elasticacheArn } from '@hotshelf/domain'
import { eventually } from '@hotshelf/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimsOf, clear, forwardersIn, newDataDir, openNetwork } from '../../test/real-machine.ts'
import type { Effect } from '../effects.ts'
import { certificateAuthority } from '../tls/authority.ts'
import { type ForwardEndpointProvider, forwardEndpointProvider } from './forward.ts'

const group = elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders')
const request: EndpointRequest = { group, groupName: 'orders', role: 'primary', port: 6379, transitEncryption: 'off' }

let dataDir = ''
const cleanups: (() => unknown)[] = []
beforeEach(() => {
  dataDir = newDataDir()
  cleanups.push(() => clear(dataDir))
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

class Killed extends Error {}

/** `dieAfter`: the first effect of this kind is the last thing that the provider does. */
async function open(dieAfter?: Effect): Promise<ForwardEndpointProvider> {
  const network = await openNetwork(dataDir, 'ports')
  const onEffect = (effect: Effect): void => {
    if (effect === dieAfter) throw new Killed()
  }
  const provider = await forwardEndpointProvider({ dataDir, network, onEffect })
  cleanups.push(provider.close)
  return provider
}

/** An endpoint that lets everybody in. */
async function claimed(provider: ForwardEndpointProvider, asked = request): Promise<EndpointPlace> {
  const place = await provider.claim(asked)
  await provider.admit(asked.group, ['0.0.0.0/0'])
  return place
}

async function greeter(name: string, server: Server = createServer(), port = 0) {
  server.on('connection', socket => socket.on('error', () => socket.destroy()))
  server.on(name.startsWith('tls') ? 'secureConnection' : 'connection', socket => {
    socket.once('data', () => socket.end(name))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

async function ask({ address, port }: EndpointPlace): Promise<string> {
  const socket = connect({ host: address, port })
  socket.write('who?')
  const [name] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return name.toString()
}

const forwarders = () => forwardersIn(dataDir).map(({ pid }) => pid)

test('a killed forwarder is started again and forwards as before', async () => {
  const provider = await open()
  const place = await claimed(provider)
  await provider.publish(group, 'primary', [await greeter('one')])
  const [pid = 0] = forwarders()
  process.kill(pid, 'SIGKILL')
  const name = await eventually(
    () => ask(place).catch(() => undefined),
    answer => answer !== undefined,
  )
  expect(name).toBe('one')
  expect(forwarders()).toHaveLength(1)
  expect(forwarders()).not.toContain(pid)
})

test('a forwarder that died while nobody was looking is started by whoever comes next', async () => {
  const first = await open()
  const place = await claimed(first)
  await first.publish(group, 'primary', [await greeter('one')])
  first.close()
  for (const pid of forwarders()) process.kill(pid, 'SIGKILL')
  await eventually(
    async () => forwarders().length,
    count => count === 0,
  )
  await open()
  expect(await ask(place)).toBe('one')
})

for (const effect of ['endpoints-written', 'forwarder-started'] as const) {
  test(`one forwarder does all the work after a death right behind "${effect}"`, async () => {
    const target = await greeter('one')
    const dying = await open(effect)
    const attempt = async (): Promise<void> => {
      await claimed(dying)
      await dying.publish(group, 'primary', [target])
    }
    await expect(attempt()).rejects.toThrow(Killed)
    dying.close()
    const provider = await open()
    const place = await claimed(provider)
    await provider.publish(group, 'primary', [target])
    expect(await ask(place)).toBe('one')
    expect(forwarders()).toHaveLength(1)
    expect((await provider.observe(group)).map(({ port }) => port)).toEqual([place.port])
    await provider.release(group)
    await eventually(
      async () => forwarders(),
      left => left.length === 0,
    )
    expect(claimsOf(dataDir)).toEqual([])
  })
}

test('says who has the port, and listens as soon as it is free', async () => {
  const provider = await open()
  const place = await claimed(provider)
  const stranger = createServer().listen({ host: '127.0.0.1', port: place.port })
  await once(stranger, 'listening')
  const target = await greeter('one')
  await expect(provider.publish(group, 'primary', [target])).rejects.toThrow(
    new RegExp(`127.0.0.1:${place.port} is taken by .*\\(process ${process.pid}\\)`),
  )
  await new Promise(closed => stranger.close(closed))
  const name = await eventually(
    () => ask(place).catch(() => undefined),
    answer => answer !== undefined,
  )
  expect(name).toBe('one')
})

test('a port with preferred encryption serves clients with and without TLS', async () => {
  const authority = certificateAuthority({ directory: join(dataDir, 'authority') })
  const files = { certificate: join(dataDir, 'node.crt'), key: join(dataDir, 'node.key') }
  await authority.issue(files, ['127.0.0.1', 'localhost'])
  const network = await openNetwork(dataDir, 'ports')
  const { port } = await network.takeNode(6379)
  const plain = await greeter('plain', createServer(), port)
  const server = createTlsServer({ cert: readFileSync(files.certificate), key: readFileSync(files.key) })
  await greeter('tls', server, port + 1)
  const provider = await open()
  const place = await claimed(provider, { ...request, transitEncryption: 'preferred' })
  await provider.publish(group, 'primary', [plain])
  expect(await ask(place)).toBe('plain')
  const secure = connectTls({ host: place.address, port: place.port, ca: await authority.authorityCertificate() })
  await once(secure, 'secureConnect')
  secure.write('who?')
  const [name] = (await once(secure, 'data')) as [Buffer]
  expect(name.toString()).toBe('tls')
  secure.destroy()
})

test('ends by itself when its data directory is cleared away', async () => {
  const provider = await open()
  await claimed(provider)
  await provider.publish(group, 'primary', [await greeter('one')])
  expect(forwarders()).toHaveLength(1)
  provider.close()
  rmSync(join(dataDir, 'endpoints.json'))
  await eventually(
    async () => forwarders(),
    left => left.length === 0,
  )
})
