import { once } from 'node:events'
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Unavailable } from '@hotshelf/domain'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { besidePort, candidates, loopbackNetwork } from './loopback.ts'
import { isFree } from './network.ts'
import { portsNetwork } from './ports.ts'

let root = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'hs-')))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const options = (name: string) => ({ dataDir: join(root, name), claimsDirectory: join(root, 'claims') })

test('chooses a loopback network by the data directory, remembers it, and shares it with nobody', async () => {
  const one = await loopbackNetwork(options('one'))
  const other = await loopbackNetwork(options('other'))
  expect(one.prefix).toBe(candidates(options('one').dataDir)[0])
  expect(other.prefix).not.toBe(one.prefix)
  expect((await loopbackNetwork(options('one'))).prefix).toBe(one.prefix)
})

test('offers 127.64 to 127.254, each once', () => {
  const all = candidates('/var/lib/hotshelf')
  expect(new Set(all).size).toBe(191)
  for (const prefix of all) {
    const second = Number(prefix.split('.')[1])
    expect(second >= 64 && second <= 254).toBe(true)
  }
})

test('takes the network that it is told to, unless another server has it', async () => {
  const one = await loopbackNetwork({ ...options('one'), network: '127.77' })
  expect(one.prefix).toBe('127.77')
  expect((await loopbackNetwork(options('one'))).prefix).toBe('127.77')
  const clash = loopbackNetwork({ ...options('other'), network: '127.77' })
  await expect(clash).rejects.toThrow(/127.77 belongs to the server with data in .*one/)
  await expect(clash).rejects.toBeInstanceOf(Unavailable)
  await expect(loopbackNetwork({ ...options('other'), network: '10.0' })).rejects.toThrow('not a loopback network')
})

test('hands out nodes and endpoints from ranges that never meet, and does not reuse an address at once', async () => {
  const network = await loopbackNetwork(options('one'))
  const node = await network.takeNode(6379)
  const endpoint = await network.takeEndpoint(6379)
  expect(Number(node.address.split('.')[2])).toBeLessThanOrEqual(191)
  expect(Number(endpoint.address.split('.')[2])).toBeGreaterThanOrEqual(192)
  network.freeNode(node)
  expect((await network.takeNode(6379)).address).not.toBe(node.address)
})

test('does not hand out what is held from before', async () => {
  const first = await loopbackNetwork(options('one'))
  const node = await first.takeNode(6379)
  const second = await loopbackNetwork(options('one'))
  second.holdNode(node)
  expect((await second.takeNode(6379)).address).not.toBe(node.address)
})

test.each([
  [6379, { tlsPort: 6380, busPort: 16_379 }],
  [55_535, { tlsPort: 55_536, busPort: 65_535 }],
  [55_536, { tlsPort: 55_537, busPort: 16_379 }],
  [65_535, { tlsPort: 65_534, busPort: 16_379 }],
])('beside port %i stand %o', (port, beside) => {
  expect(besidePort(port)).toEqual(beside)
})

test('ports of nodes, their buses and endpoints never meet, within and between servers', async () => {
  const one = await portsNetwork(options('one'))
  const other = await portsNetwork(options('other'))
  const ports: number[] = []
  for (let number = 0; number < 20; number++) {
    for (const network of [one, other]) {
      const { port, tlsPort, busPort } = await network.takeNode(6379)
      ports.push(port, tlsPort, busPort, (await network.takeEndpoint(17_392)).port)
    }
  }
  expect(new Set(ports).size).toBe(ports.length)
  expect(Math.max(...ports)).toBeLessThan(32_768)
})

test('an endpoint keeps the asked port of the one address there is, when it is free', async () => {
  const stranger = createServer().listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { port } = stranger.address() as AddressInfo
  const network = await portsNetwork(options('one'))
  expect((await network.takeEndpoint(port)).port).not.toBe(port)
  await new Promise(closed => stranger.close(closed))
  const endpoint = await network.takeEndpoint(port)
  expect(endpoint.port).toBe(port)
  expect((await network.takeEndpoint(port)).port).not.toBe(port)
  network.freeEndpoint(endpoint)
  expect((await network.takeEndpoint(port)).port).toBe(port)
})

test('a port that a stopped server remembers is not given to another', async () => {
  const { port } = await (await portsNetwork(options('one'))).takeNode(6379)
  const other = await portsNetwork(options('other'))
  const given = new Set<number>()
  for (let number = 0; number < 5; number++) given.add((await other.takeNode(6379)).port)
  expect(given.has(port)).toBe(false)
})

test('ports that a server claimed and died before remembering are given back', async () => {
  const first = await portsNetwork(options('one'))
  await first.takeNode(6379)
  await first.takeEndpoint(17_393)
  await portsNetwork(options('one'))
  expect(readdirSync(join(root, 'claims'))).toEqual([])
})

test('a listener on all addresses takes every one of them', async () => {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await isFree('127.99.0.1', port)).toBe(false)
  await new Promise(closed => server.close(closed))
  expect(await isFree('127.99.0.1', port)).toBe(true)
})
