/** The peer: the same nodes without Hotshelf, and the engine's own tool moving the slots, with its pipeline at its best. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface PeerCluster {
  readonly host: string
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  /** Whether a process is one of its nodes. */
  owns(pid: number): boolean
  /** An empty primary with its replicas joins. */
  addShard(): Promise<void>
  close(): Promise<void>
}

const cli = (...parameters: string[]) => run('valkey-cli', parameters, { maxBuffer: 64 * 1024 * 1024 })
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export async function startPeer(shards: number, replicas: number, nodeTimeout = 15_000): Promise<PeerCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'hs-peer-'))
  const network = `127.61.${1 + Math.floor(Math.random() * 250)}`
  const children: ChildProcess[] = []
  async function start(): Promise<string> {
    const address = `${network}.${children.length + 1}`
    const dir = join(folder, String(children.length))
    mkdirSync(dir)
    const settings = ['--bind', address, '--bind-source-addr', address, '--port', '6379', '--protected-mode', 'no']
    const timeout = ['--cluster-node-timeout', String(nodeTimeout)]
    const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', address, ...timeout]
    const data = ['--save', '', '--repl-diskless-sync-delay', '0', '--repl-diskless-load', 'swapdb', '--dir', dir]
    children.push(spawn('valkey-server', [...settings, ...cluster, ...data], { cwd: dir, stdio: 'ignore' }))
    while (!(await cli('-h', address, 'PING').catch(() => undefined))) await pause(20)
    return address
  }
  const whole = async (address: string): Promise<void> => {
    while (!(await cli('-h', address, 'CLUSTER', 'INFO')).stdout.includes('cluster_state:ok')) await pause(50)
  }
  const addresses: string[] = []
  for (let i = 0; i < shards * (replicas + 1); i++) addresses.push(await start())
  const all = addresses.map(address => `${address}:6379`)
  await cli('--cluster', 'create', ...all, '--cluster-replicas', String(replicas), '--cluster-yes')
  for (const address of addresses) await whole(address)
  const host = addresses[0]!
  return {
    host,
    addresses: addresses.map(address => ({ host: address, port: 6379 })),
    owns: pid => children.some(child => child.pid === pid),
    addShard: async () => {
      const primary = await start()
      await cli('--cluster', 'add-node', `${primary}:6379`, `${host}:6379`)
      await whole(primary)
      await pause(2000)
      const primaryId = (await cli('-h', primary, 'CLUSTER', 'MYID')).stdout.trim()
      for (let i = 0; i < replicas; i++) {
        const replica = ['--cluster-slave', '--cluster-master-id', primaryId]
        await cli('--cluster', 'add-node', `${await start()}:6379`, `${host}:6379`, ...replica)
      }
      await pause(3000)
    },
    close: async () => {
      for (const child of children) child.kill('SIGKILL')
      await pause(200)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Seconds of the rebalance itself. */
export async function rebalancedByHand({ host }: PeerCluster): Promise<number> {
  const began = performance.now()
  await cli('--cluster', 'rebalance', `${host}:6379`, '--cluster-use-empty-masters', '--cluster-pipeline', '100')
  return (performance.now() - began) / 1000
}
