/** Every engine of this family that is installed here passes the suite that control relies on. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InstalledEngine } from '@hotshelf/domain'
import {
  describeCacheEngine,
  type EngineProcess,
  engineProcesses,
  type EngineWorld,
  installedProgram,
  type NodeUnderTest,
  RespClient,
} from '@hotshelf/testkit'
import { createClient } from '@redis/client'
import { expect, it } from 'vitest'
import { controlUser } from './acl.ts'
import { redisFamilyEngine } from './engine.ts'
import { commandName, type RenamedCommand, renamedCommands } from './restricted-commands.ts'

function newWorld(binary: InstalledEngine): EngineWorld {
  const processes = engineProcesses()
  const newNode: EngineWorld['newNode'] = wish => {
    const place = processes.place(wish)
    let running: EngineProcess | undefined
    const node: NodeUnderTest = {
      place,
      start: async files => {
        running = await processes.start(place, binary.path, files)
      },
      kill: async () => running?.kill(),
      freeze: () => running?.signal('SIGSTOP'),
      thaw: () => running?.signal('SIGCONT'),
      customer: ({ address = place.address, tls = false, port } = {}) =>
        RespClient.connect({
          host: address,
          port: port ?? (tls ? (place.tlsPort ?? place.port) : place.port),
          authority: tls && place.tls ? readFileSync(place.tls.authority) : undefined,
        }),
    }
    return node
  }
  return {
    engine: redisFamilyEngine({ observeDeadlineMs: 1_000, performDeadlineMs: 3_000 }),
    newNode,
    newAddress: () => processes.address(),
    pass: () => sleep(20),
    fork: async ({ place, password }) => {
      const client = createClient({
        socket: { path: place.controlSocket, tls: false },
        username: controlUser,
        password,
      })
      client.on('error', () => {})
      await client.connect()
      await client.sendCommand([commandName('bgsave', password)]).catch(error => {
        // A snapshot that is still being written is a fork as well.
        if (!/save already in progress/.test(String(error))) throw error
      })
      client.destroy()
    },
    close: () => processes.close(),
  }
}

/** What only this family has: commands under names that control alone can work out. */
function describeHiddenNames(binary: InstalledEngine): void {
  it(`${binary.kind}: customers who guess the other name of a restricted command may not use it either`, async () => {
    const processes = engineProcesses()
    const engine = redisFamilyEngine()
    try {
      const place = processes.place()
      const setup = { ...plainSetup, binary, place }
      await processes.start(place, binary.path, engine.render(setup))
      const target = { place, password: setup.controlPassword }
      await expect.poll(() => engine.observe(target, []).then(view => view.role, String), patience).toBe('primary')
      const customer = await RespClient.connect({ host: place.address, port: place.port })
      for (const command of renamedCommands) {
        const name = commandName(command, setup.controlPassword)
        // DEBUG has a third lock of the engine's own, which is asked first.
        const denial = command === 'debug' ? /^ERR DEBUG command not allowed/ : /^NOPERM /
        expect(await customer.text(name, ...completing[command])).toMatch(denial)
      }
    } finally {
      await engine.close()
      await processes.close()
    }
  })
}

/** Parameters that make a command complete: engines look at their number before they look at permissions. */
const completing: Readonly<Record<RenamedCommand, readonly string[]>> = {
  bgrewriteaof: [],
  bgsave: [],
  config: ['GET', 'bind'],
  debug: ['OBJECT', 'key'],
  migrate: ['127.0.0.1', '1', 'key', '0', '1'],
  replicaof: ['NO', 'ONE'],
  save: [],
  slaveof: ['NO', 'ONE'],
  shutdown: ['NOSAVE'],
  failover: [],
  module: ['LIST'],
}

const patience = { timeout: 30_000, interval: 20 }

const plainSetup = {
  clusterMode: false,
  transitEncryption: 'off',
  directives: [],
  maxmemoryBytes: 64 * 1024 * 1024,
  controlPassword: 'control password',
  access: { mode: 'open' },
  follow: undefined,
  clusterNodeTimeoutMs: 1_000,
} as const

for (const kind of ['valkey', 'redis'] as const) {
  const program = installedProgram(`${kind}-server`)
  if (program) {
    const binary = { kind, ...program }
    describeCacheEngine({ name: `${kind} ${program.version}`, binary, newWorld: () => newWorld(binary) })
    describeHiddenNames(binary)
  } else {
    it(`${kind}-server`, context => context.skip('it is not installed here'))
  }
}
