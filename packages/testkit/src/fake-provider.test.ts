/** The fake machine is held to the same sentences as real providers; what concerns files on a disk it does not have. */
import { expect, test } from 'vitest'
import { describeNodeProvider } from './conformance/node-provider.ts'
import { request } from './conformance/node-provider/nodes.ts'
import { fakeEngines } from './fake-engine.ts'
import { fakeMachine } from './fake-provider.ts'

describeNodeProvider({
  name: 'fake machine',
  newMachine: async () => {
    const machine = fakeMachine()
    return {
      open: async () => machine.open(),
      launch: (place, digest) => ({
        group: place.group,
        node: place.node,
        program: '/usr/bin/valkey-server',
        arguments: [],
        files: [],
        digest,
        labels: {},
      }),
      launchReader: ({ group, node }, digest) => ({
        group,
        node,
        program: '/usr/bin/dd',
        arguments: [],
        files: [],
        digest,
        labels: {},
        pipe: 'data',
      }),
      fed: async place => machine.fed(place),
      kill: async node => machine.kill(node),
      freeze: async node => machine.freeze(node, true),
      accepts: async place => machine.accepts(place),
      leftovers: async () => (await machine.open().everything()).map(({ node }) => node),
      dispose: async () => {},
    }
  },
  skip: [
    {
      reason: 'the fake machine has no disk',
      tests: [
        "writes the launch's files into the node's directory, readable by nobody else",
        'changes a file that the engine keeps, and makes none of it',
        "names the node and what is asked for in the node's certificate, and writes nothing when it does already",
      ],
    },
  ],
})

test('carries fake engines, which live and die with its nodes', async () => {
  const engines = fakeEngines()
  const machine = fakeMachine(engines)
  const provider = machine.open()
  const place = await provider.place(request(1))
  const setup = {
    binary: { kind: 'valkey', version: '8.0.1', path: '/usr/bin/valkey-server' },
    place,
    clusterMode: false,
    transitEncryption: 'off',
    directives: [],
    maxmemoryBytes: 0,
    controlPassword: 'control',
    access: { mode: 'open' },
    follow: undefined,
    clusterNodeTimeoutMs: 2000,
  } as const
  const files = engines.engine.render(setup)
  const launch = { ...place, program: '/usr/bin/valkey-server', digest: 'first', labels: {}, ...files }
  await provider.start(launch)
  expect((await engines.engine.observe({ place, password: 'control' }, [])).role).toBe('primary')
  machine.kill(place)
  await expect(engines.engine.observe({ place, password: 'control' }, [])).rejects.toThrow('no connection')
})

test('breaks starts for a reason until it is mended', async () => {
  const machine = fakeMachine()
  const provider = machine.open()
  const place = await provider.place(request(1))
  const launch = { ...place, program: '/usr/bin/valkey-server', arguments: [], files: [], digest: 'first', labels: {} }
  machine.breakStarts('The disk is full.')
  await provider.start(launch)
  expect((await provider.everything())[0]).toMatchObject({ running: false, exit: 'The disk is full.' })
  machine.breakStarts(undefined)
  await provider.start(launch)
  expect((await provider.everything())[0]).toMatchObject({ running: true, exit: undefined })
})
