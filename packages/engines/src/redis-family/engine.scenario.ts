/** Every engine of this family that is installed here passes the suite that control relies on. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InstalledEngine } from '@hotshelf/domain'
import {
  describeCacheEngine,
  type EngineProcess,
  engineProcesses,
  installedProgram,
  type NodeUnderTest,
  RespClient,
  type World,
} from '@hotshelf/testkit'
import { createClient } from '@redis/client'
import { describe, expect, it } from 'vitest'
import { controlUser } from './acl.ts'
import { redisFamilyEngine } from './engine.ts'
import { commandName } from './restricted-commands.ts'

function newWorld(binary: InstalledEngine): World {
  const processes = engineProcesses()
  const newNode: World['newNode'] = wish => {
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
      customer: ({ address = place.address, tls = false } = {}) =>
        RespClient.connect({
          host: address,
          port: tls ? (place.tlsPort ?? place.port) : place.port,
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

for (const kind of ['valkey', 'redis'] as const) {
  const program = installedProgram(`${kind}-server`)
  if (program) {
    const binary = { kind, ...program }
    describeCacheEngine({ name: `${kind} ${program.version}`, binary, newWorld: () => newWorld(binary) })
  } else {
    describe(kind, () => it.skip(`${kind}-server is not installed here`, () => expect(program).toBeDefined()))
  }
}
