/** The conformance suite on the installed Memcached, and on the process behind a configuration endpoint. */
import { describeMemcachedEngine, engineProcesses, installedProgram, type MemcachedWorld } from '@hotshelf/testkit'
import { it } from 'vitest'
import { memcachedEngine } from './engine.ts'

const program = installedProgram('memcached')

function newWorld(path: string): MemcachedWorld {
  const processes = engineProcesses()
  const engine = memcachedEngine()
  return {
    engine,
    newNode: transitEncryption => {
      const place = processes.place({ port: 11_211, transitEncryption })
      let running: Awaited<ReturnType<typeof processes.start>> | undefined
      return {
        place,
        start: async files => {
          running = await processes.start(place, files.program ?? path, files)
        },
        kill: async () => running?.kill(),
        freeze: () => running?.signal('SIGSTOP'),
        thaw: () => running?.signal('SIGCONT'),
      }
    },
    close: async () => {
      await engine.close()
      await processes.close()
    },
  }
}

if (program) {
  const binary = { kind: 'memcached', version: program.version, path: program.path } as const
  describeMemcachedEngine({ name: `memcached ${program.version}`, binary, newWorld: () => newWorld(program.path) })
} else {
  it('memcached', context => context.skip('it is not installed here'))
}
