/**
 * What a skilled operator could do at best without Hotshelf: start all processes at once, introduce them to each other, hand out slots and replicas as soon as nodes know each other, and watch until all is in sync.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Node {
  readonly address: string
  readonly socket: string
  readonly pid: number
  readonly shard: number
  readonly first: boolean
}

/** Just enough RESP for one command at a time. */
class Wire {
  private buffer = ''
  private waiting: ((answer: string) => void)[] = []
  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.buffer += text
      this.drain()
    })
    socket.on('error', () => {})
  }
  static open(path: string): Promise<Wire | undefined> {
    return new Promise(resolve => {
      const socket = createConnection(path)
      socket.once('connect', () => resolve(new Wire(socket)))
      socket.once('error', () => resolve(undefined))
    })
  }
  private drain(): void {
    for (;;) {
      const end = this.buffer.indexOf('\r\n')
      if (end < 0) return
      const length = this.buffer[0] === '$' ? Number(this.buffer.slice(1, end)) + 2 : 0
      if (this.buffer.length < end + 2 + length) return
      const answer = length > 0 ? this.buffer.slice(end + 2, end + length) : this.buffer.slice(0, end)
      this.buffer = this.buffer.slice(end + 2 + length)
      this.waiting.shift()?.(answer)
    }
  }
  call(...words: (string | number)[]): Promise<string> {
    const parts = words.map(word => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`)
    return new Promise(resolve => {
      this.waiting.push(resolve)
      this.socket.write(`*${words.length}\r\n${parts.join('')}`)
    })
  }
  close(): void {
    this.socket.destroy()
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Certificates are made beforehand: they are not counted. */
export function makeCertificate(folder: string): void {
  const subject = ['-subj', '/CN=by-hand', '-days', '2', '-nodes']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...subject], { stdio: 'ignore' })
}

interface Cluster {
  readonly folder: string
  readonly network: string
  readonly perShard: number
  readonly tls: boolean
  readonly nodeTimeoutMs: number
}

function start({ folder, network, perShard, tls, nodeTimeoutMs }: Cluster, position: number): Node {
  const address = `${network}.${position + 1}`
  const dir = join(folder, String(position))
  mkdirSync(dir)
  const socket = join(dir, 's')
  const cert = join(folder, 'cert.pem')
  const encryption = {
    port: 0,
    'tls-port': 6379,
    'tls-cert-file': cert,
    'tls-key-file': join(folder, 'key.pem'),
    'tls-ca-cert-file': cert,
    'tls-auth-clients': 'no',
    'tls-replication': 'yes',
    'tls-cluster': 'yes',
  }
  const settings = {
    bind: address,
    'bind-source-addr': address,
    ...(tls ? encryption : { port: 6379 }),
    'protected-mode': 'no',
    unixsocket: socket,
    dir,
    save: '',
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': 0,
    'repl-diskless-load': 'swapdb',
    'cluster-enabled': 'yes',
    'cluster-announce-ip': address,
    'cluster-node-timeout': nodeTimeoutMs,
    'cluster-allow-replica-migration': 'no',
    'cluster-replica-no-failover': 'yes',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn('valkey-server', flags, { cwd: dir, stdio: 'ignore' })
  return { address, socket, pid: child.pid!, shard: Math.floor(position / perShard), first: position % perShard === 0 }
}

async function answering(node: Node): Promise<Wire> {
  for (;;) {
    const wire = await Wire.open(node.socket)
    if (wire) return wire
    await pause(2)
  }
}

const fields = (line: string): string[] => line.split(' ')

async function attach(wire: Wire, primary: Node): Promise<void> {
  for (;;) {
    const lines = (await wire.call('CLUSTER', 'NODES')).split('\n').map(fields)
    const known = lines.find(words => words[1]?.startsWith(`${primary.address}:`) && !words[2]?.includes('handshake'))
    if (known && (await wire.call('CLUSTER', 'REPLICATE', known[0]!)).startsWith('+OK')) return
    await pause(5)
  }
}

async function settled(wire: Wire, replica: boolean): Promise<void> {
  for (;;) {
    const ok = (await wire.call('CLUSTER', 'INFO')).includes('cluster_state:ok')
    if (ok && (!replica || (await wire.call('INFO', 'replication')).includes('master_link_status:up'))) return
    await pause(5)
  }
}

/** Past this, everybody introduced to everybody is too much at once: handshakes run out of time, and nobody tries them again. */
const mostIntroduced = 24

async function introduceAll(nodes: readonly Node[], wires: readonly Wire[]): Promise<void> {
  const meet = (from: number, to: number) => wires[from]!.call('CLUSTER', 'MEET', nodes[to]!.address, 6379)
  if (nodes.length <= mostIntroduced) {
    await Promise.all(nodes.flatMap((_, from) => nodes.slice(from + 1).map((_, n) => meet(from, from + 1 + n))))
    return
  }
  // Everybody to the first, and once more whom it has not come to know; gossip does the rest.
  for (;;) {
    const known = (await wires[0]!.call('CLUSTER', 'NODES')).split('\n').map(fields)
    const isKnown = ({ address }: Node): boolean =>
      known.some(words => words[1]?.startsWith(`${address}:`) && !words[2]?.includes('handshake'))
    const strangers = nodes.map((_, n) => n).filter(n => n > 0 && !isKnown(nodes[n]!))
    if (strangers.length === 0) return
    await Promise.all(strangers.map(n => meet(n, 0)))
    await pause(500)
  }
}

/** Milliseconds from the first spawn until every node is in sync and sees the cluster as up. */
export async function formByHand(
  shards: number,
  replicas: number,
  { tls }: { readonly tls: boolean },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hs-hand-'))
  if (tls) makeCertificate(folder)
  const perShard = replicas + 1
  const network = `127.60.${1 + Math.floor(Math.random() * 250)}`
  // A large cluster that forms on one machine is slower to answer than small ones are to fail.
  const nodeTimeoutMs = shards * perShard > mostIntroduced ? 15_000 : 2000
  const nodes: Node[] = []
  const wires: Wire[] = []
  try {
    const began = performance.now()
    for (let i = 0; i < shards * perShard; i++) nodes.push(start({ folder, network, perShard, tls, nodeTimeoutMs }, i))
    wires.push(...(await Promise.all(nodes.map(answering))))
    await Promise.all(wires.map((wire, i) => wire.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)))
    const border = (shard: number): number => Math.round((shard * 16384) / shards)
    await Promise.all(
      nodes.map((node, i) =>
        node.first
          ? wires[i]!.call('CLUSTER', 'ADDSLOTSRANGE', border(node.shard), border(node.shard + 1) - 1)
          : undefined,
      ),
    )
    await introduceAll(nodes, wires)
    await Promise.all(
      nodes.map((node, i) => (node.first ? undefined : attach(wires[i]!, nodes[node.shard * perShard]!))),
    )
    await Promise.all(nodes.map((node, i) => settled(wires[i]!, !node.first)))
    return performance.now() - began
  } finally {
    for (const wire of wires) wire.close()
    for (const node of nodes) process.kill(node.pid, 'SIGKILL')
    await pause(200)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
