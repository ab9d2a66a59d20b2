/** What goes wrong on real machines, and that the sentence people get to read says what to do about it. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import {
  elasticacheArn,
  type NodeId,
  type NodePlace,
  type ObservedNode,
  type PlaceRequest,
  Unavailable,
} from '@hotshelf/domain'
import { eventually, processesIn } from '@hotshelf/testkit'
import { afterEach, expect, test } from 'vitest'
import { accepts, leftovers, newDataDir, realMachine, type RealMachine } from '../../test/real-machine.ts'
import type { ProcessNodeProvider } from './provider.ts'
import { spawnDetached } from './spawn.ts'

const group = elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders')
const request = (number: number, port = 6379): PlaceRequest => ({
  group,
  groupName: 'orders',
  node: `orders-00${number}` as NodeId,
  port,
  availabilityZone: 'us-east-1a',
  transitEncryption: 'off',
  clusterMode: false,
})

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function newMachine(dataDir?: string): RealMachine {
  const machine = realMachine(dataDir === undefined ? {} : { dataDir })
  cleanups.push(() => machine.dispose())
  return machine
}

async function occupy(host: string, port: number): Promise<Server> {
  const server = createServer().listen({ host, port })
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return server
}

const look = async (provider: ProcessNodeProvider, { node }: { readonly node: NodeId }): Promise<ObservedNode> => {
  const found = (await provider.observe(group)).find(seen => seen.node === node)
  if (!found) throw new Error(`${node} is not observed`)
  return found
}

const exitOf = async (provider: ProcessNodeProvider, place: NodePlace): Promise<string> => {
  const seen = await eventually(
    () => look(provider, place),
    ({ running }) => !running,
  )
  return seen.exit ?? ''
}

const accepting = (place: NodePlace) =>
  eventually(
    () => accepts(place.address, place.port),
    accepted => accepted,
  )

test('names the address that was taken and who has it, and starts once it is free', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  const stranger = await occupy(place.address, place.port)
  await provider.start(machine.launch(place, 'first'))
  const exit = await exitOf(provider, place)
  expect(exit).toContain(`The address ${place.address}:6379 is taken by `)
  expect(exit).toContain(`(process ${process.pid})`)
  stranger.close()
  await provider.start(machine.launch(place, 'first'))
  await accepting(place)
})

test('says when somebody listens on all addresses of the machine', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  await occupy('0.0.0.0', 17_391)
  const place = await provider.place(request(1, 17_391))
  await provider.start(machine.launch(place, 'first'))
  expect(await exitOf(provider, place)).toContain(`(process ${process.pid}), which listens on all addresses`)
})

test('passes over an address on which a stranger listens already', async () => {
  const machine = newMachine()
  const one = await (await machine.open()).place(request(1))
  const next = one.address.replace(/\d+$/, last => String(Number(last) + 1))
  await occupy(next, 6379)
  const two = await (await machine.open()).place(request(2))
  expect([one.address, next]).not.toContain(two.address)
})

test('explains a taken address of memcached too', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1, 11_211))
  await occupy(place.address, place.port)
  const memcached = { program: '/usr/bin/memcached', arguments: ['-u', 'nobody', '-l', place.address, '-p', '11211'] }
  await provider.start({ ...machine.launch(place, 'first'), ...memcached })
  expect(await exitOf(provider, place)).toContain(`${place.address}:11211 is taken by `)
})

test('quotes the line of the configuration that the engine refuses', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  const files = [{ name: 'valkey.conf', content: 'bind 127.0.0.1\nflux-capacitor on\n' }]
  await provider.start({ ...machine.launch(place, 'first'), files })
  const exit = await exitOf(provider, place)
  expect(exit).toContain('The engine refuses its configuration')
  expect(exit).toContain('flux-capacitor on')
})

test('says when the program may not be run', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  const program = join(machine.dataDir, 'not-executable')
  writeFileSync(program, 'data', { mode: 0o644 })
  await provider.start({ ...machine.launch(place, 'first'), program })
  expect(await exitOf(provider, place)).toContain(`${program} may not be run by this user`)
})

test('an old reason does not explain a new end', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  const stranger = await occupy(place.address, place.port)
  await provider.start(machine.launch(place, 'first'))
  expect(await exitOf(provider, place)).toContain('is taken by')
  stranger.close()
  await provider.start(machine.launch(place, 'first'))
  await accepting(place)
  await machine.kill(place)
  const exit = await exitOf(provider, place)
  expect(exit).not.toContain('is taken by')
  expect(exit).toContain('killed')
})

test('ends a program that ignores SIGTERM, and its children with it', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  const deaf = { program: '/bin/sh', arguments: ['-c', 'trap "" TERM; sleep 1000 & sleep 1000 & wait; wait'] }
  await provider.start({ ...machine.launch(place, 'first'), ...deaf })
  await eventually(
    async () => processesIn(machine.dataDir).length,
    count => count === 3,
  )
  const graceful = provider.stop(place, 'gracefully')
  // A failover does not wait for somebody else's patience.
  await provider.stop(place, 'now')
  await graceful
  expect(await look(provider, place)).toMatchObject({ running: false })
  await eventually(
    async () => processesIn(machine.dataDir),
    left => left.length === 0,
  )
})

test('a directory that disappeared under a stopped node is made again', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  rmSync(place.directory, { recursive: true })
  await provider.start(machine.launch(place, 'first'))
  await accepting(place)
  expect(await (await machine.open()).place(request(1))).toEqual(place)
})

test('a process that its predecessor forked at the last moment is ended, and the node starts', async () => {
  const machine = newMachine()
  const place = await (await machine.open()).place(request(1))
  const launch = machine.launch(place, 'first')
  const before = await machine.open()
  await before.start(launch)
  await accepting(place)
  await before.stop(place, 'now')
  // It comes to life after the new provider has looked for it.
  const provider = await machine.open()
  const late = spawnDetached({ ...launch, directory: place.directory, log: join(place.directory, 'node.log') })
  await accepting(place)
  await provider.start(launch)
  const ending = await late.ended
  expect(ending).toEqual({ code: undefined, signal: 'SIGKILL' })
  await eventually(
    async () => {
      await provider.start(launch)
      return (await look(provider, place)).running && (await accepts(place.address, place.port))
    },
    up => up,
  )
  expect(processesIn(machine.dataDir).map(({ pid }) => pid)).toEqual([(await look(provider, place)).pid])
})

test('two servers side by side use the same port without meeting', async () => {
  const [one, other] = [newMachine(), newMachine()]
  const [here, there] = [await one.open(), await other.open()]
  const [a, b] = [await here.place(request(1)), await there.place(request(1))]
  expect(a.address.split('.')[1]).not.toBe(b.address.split('.')[1])
  await Promise.all([here.start(one.launch(a, 'first')), there.start(other.launch(b, 'first'))])
  await Promise.all([accepting(a), accepting(b)])
  await here.remove(a)
  expect(await here.everything()).toEqual([])
  expect((await there.everything()).map(({ running }) => running)).toEqual([true])
  expect(await accepts(b.address, b.port)).toBe(true)
})

test('finds its nodes again when the data directory is reached through a symbolic link', async () => {
  const machine = newMachine()
  const provider = await machine.open()
  const place = await provider.place(request(1))
  await provider.start(machine.launch(place, 'first'))
  await accepting(place)
  const { pid } = await look(provider, place)
  const link = `${machine.dataDir}-link`
  symlinkSync(machine.dataDir, link)
  cleanups.push(() => rmSync(link, { force: true }))
  const through = await newMachine(link).open()
  expect(await look(through, place)).toMatchObject({ running: true, pid, place })
  const networkOf = ({ address }: NodePlace) => address.split('.').slice(0, 2)
  expect(networkOf(await through.place(request(2)))).toEqual(networkOf(place))
})

test('control sockets of a deep data directory are short, work, and go with their nodes', async () => {
  const outer = newDataDir()
  cleanups.push(() => rmSync(outer, { recursive: true, force: true }))
  const deep = join(outer, 'a-data-directory-with-a-rather-long-name', 'in-another-directory-with-a-long-name')
  const machine = newMachine(deep)
  const provider = await machine.open()
  const place = await provider.place(request(1))
  expect(place.controlSocket.startsWith(deep)).toBe(false)
  await provider.start(machine.launch(place, 'first'))
  await accepting(place)
  expect(execFileSync('valkey-cli', ['-s', place.controlSocket, 'ping'], { encoding: 'utf8' })).toBe('PONG\n')
  await provider.remove(place)
  expect(() => execFileSync('test', ['-e', place.controlSocket])).toThrow()
  expect(leftovers(deep)).toEqual([])
})

test('what an interrupted call left in the data directory is cleared away', async () => {
  const machine = newMachine()
  const place = await (await machine.open()).place(request(1))
  const groupDirectory = join(place.directory, '..')
  mkdirSync(join(groupDirectory, '.new-0123456789ab'))
  mkdirSync(join(groupDirectory, 'orders-002'))
  writeFileSync(join(groupDirectory, 'orders-002', 'node.log'), 'the rest of a removal')
  expect((await (await machine.open()).everything()).map(({ node }) => node)).toEqual(['orders-001'])
  expect(readdirSync(groupDirectory)).toEqual(['orders-001'])
})

test('a full disk stops new nodes with a sentence, not running ones, and nodes can be removed from it', async context => {
  const disk = newDataDir()
  cleanups.push(() => rmSync(disk, { recursive: true, force: true }))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch {
    context.skip('only root can make a small disk')
  }
  cleanups.push(() => execFileSync('umount', ['-l', disk]))
  const machine = newMachine(join(disk, 'data'))
  const provider = await machine.open()
  const [one, two] = [await provider.place(request(1)), await provider.place(request(2))]
  await provider.start(machine.launch(one, 'first'))
  await accepting(one)
  fill(disk)
  await expect(provider.start(machine.launch(two, 'first'))).rejects.toThrow(Unavailable)
  expect((await look(provider, two)).exit).toMatch(/The disk below .* is full/)
  await expect(provider.place(request(3))).rejects.toThrow(/The disk below .* is full/)
  expect((await provider.everything()).map(({ node, running }) => [node, running])).toEqual([
    ['orders-001', true],
    ['orders-002', false],
  ])
  await provider.remove(one)
  rmSync(join(disk, 'filler'))
  await provider.start(machine.launch(two, 'first'))
  await accepting(two)
  await provider.remove(two)
  expect(leftovers(machine.dataDir)).toEqual([])
})

function fill(disk: string): void {
  for (const block of [1 << 16, 1 << 12]) {
    try {
      for (;;) writeFileSync(join(disk, 'filler'), Buffer.alloc(block), { flag: 'a' })
    } catch {
      // No space left: that is the point.
    }
  }
}
