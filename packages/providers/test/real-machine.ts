/**
 * A data directory of its own with everything the process provider needs, for tests with real engines. `dispose` kills
 * whatever still runs below it and removes it, so a failing test leaves nothing behind either.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeLaunch, NodePlace, NodeProvider, NodeRef } from '@hotshelf/domain'
import { eventually, type NodeMachine, processesIn } from '@hotshelf/testkit'
import { type AddressMode, claimsDirectoryHere, type Network } from '../src/index.ts'
import { loopbackNetwork } from '../src/network/loopback.ts'
import { portsNetwork } from '../src/network/ports.ts'
import type { ProcessTable } from '../src/process/process-table.ts'
import { processNodeProvider, type ProcessNodeProvider } from '../src/process/provider.ts'
import { certificateAuthority } from '../src/tls/authority.ts'

export const valkey = '/usr/bin/valkey-server'

export interface RealMachine extends NodeMachine {
  readonly dataDir: string
  open(): Promise<ProcessNodeProvider>
}

export interface RealMachineOptions {
  readonly mode?: AddressMode
  readonly table?: ProcessTable
  readonly dataDir?: string
}

export const newDataDir = (prefix = 'hs-'): string => realpathSync(mkdtempSync(join(tmpdir(), prefix)))

export const openNetwork = (dataDir: string, mode: AddressMode): Promise<Network> =>
  mode === 'addresses' ? loopbackNetwork({ dataDir }) : portsNetwork({ dataDir })

export function realMachine({
  mode = 'addresses',
  table,
  dataDir = newDataDir(),
}: RealMachineOptions = {}): RealMachine {
  let provider: ProcessNodeProvider | undefined
  let network: Network | undefined
  const pidOf = async (node: NodeRef): Promise<number> => {
    const pid = (await openProvider().then(found => found.observe(node.group))).find(
      seen => seen.node === node.node,
    )?.pid
    if (pid === undefined) throw new Error(`${node.node} does not run`)
    return pid
  }
  const openProvider = async (): Promise<NodeProvider> => provider ?? open()
  const open = async (): Promise<ProcessNodeProvider> => {
    provider?.close()
    network?.close()
    network = await openNetwork(dataDir, mode)
    const authority = certificateAuthority({ directory: join(dataDir, 'authority') })
    provider = await processNodeProvider({ dataDir, network, authority, ...(table ? { table } : {}) })
    return provider
  }
  return {
    dataDir,
    open,
    launch: launchValkey,
    launchReader: ({ group, node }, digest) => ({
      group,
      node,
      program: '/usr/bin/dd',
      arguments: ['if=data', 'of=taken', 'bs=64k', 'status=none'],
      files: [],
      digest,
      labels: {},
      pipe: 'data',
    }),
    fed: async ({ directory }) => {
      const taken = join(directory, 'taken')
      return existsSync(taken) ? readFileSync(taken) : undefined
    },
    kill: async node => void process.kill(await pidOf(node), 'SIGKILL'),
    freeze: async node => {
      process.kill(await pidOf(node), 'SIGSTOP')
      await eventually(
        async () => (await (await openProvider()).observe(node.group)).find(seen => seen.node === node.node)?.frozen,
        frozen => frozen === true,
      )
    },
    accepts: ({ address, port }) => accepts(address, port),
    leftovers: async () => leftovers(dataDir),
    dispose: async () => {
      provider?.close()
      network?.close()
      await clear(dataDir)
    },
  }
}

export const launchValkey = (place: NodePlace, digest: string): NodeLaunch => ({
  group: place.group,
  node: place.node,
  program: valkey,
  arguments: [join(place.directory, 'valkey.conf')],
  files: [{ name: 'valkey.conf', content: configOf(place) }],
  digest,
  labels: {},
})

function configOf(place: NodePlace): string {
  const { address, port, tlsPort, tls, controlSocket } = place
  const plain = tls && tlsPort === undefined ? 0 : port
  const encrypted = tls
    ? [
        `tls-port ${tlsPort ?? port}`,
        `tls-cert-file ${tls.certificate}`,
        `tls-key-file ${tls.key}`,
        `tls-ca-cert-file ${tls.authority}`,
      ]
    : []
  const lines = [
    `bind ${address}`,
    `port ${plain}`,
    ...encrypted,
    `unixsocket ${controlSocket}`,
    'save ""',
    'io-threads 1',
  ]
  return `${lines.join('\n')}\n`
}

/** Not what runs beside it in its directory: a loader that compiles its sources starts a child the first time. */
export const forwardersIn = (dataDir: string) =>
  processesIn(join(dataDir, 'forwarder')).filter(({ pid }) => commandLine(pid).includes('tcp-forwarder'))

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // gone between two looks
  }
}

export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    const answer = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}

/** Processes, files of nodes and endpoints, and claimed ports; the data directory's own network and authority stay with it. */
export function leftovers(dataDir: string): readonly string[] {
  const nodes = join(dataDir, 'nodes')
  const files = existsSync(nodes) ? readdirSync(nodes, { recursive: true }).map(String) : []
  const processes = processesIn(dataDir).map(({ pid, directory }) => `process ${pid} in ${directory}`)
  return [...processes, ...files, ...claimsOf(dataDir).filter(name => name.startsWith('port-'))]
}

export const claimsOf = (dataDir: string): readonly string[] =>
  readdirSync(claimsDirectoryHere()).filter(name => ownerOf(join(claimsDirectoryHere(), name)) === dataDir)

function ownerOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined // released between two looks
  }
}

/** Kills what runs below the directory, and removes it with its claims. */
export async function clear(dataDir: string): Promise<void> {
  await eventually(
    async () => {
      const left = processesIn(dataDir)
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It ended by itself.
        }
      }
      return left.length
    },
    left => left === 0,
  )
  for (const name of claimsOf(dataDir)) rmSync(join(claimsDirectoryHere(), name), { force: true })
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
}
