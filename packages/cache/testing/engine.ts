// Real engines for the tests: a server or a 3-shard cluster, with or without TLS, on a loopback address of this process
// alone, in a temporary directory that goes away with it. Nothing here is shipped.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Engine = 'valkey' | 'redis'

/** Every process has its own address in 127/8, so suites running side by side never meet. */
export const host = `127.${64 + Math.floor(Math.random() * 128)}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`

let nextPort = 7000

export interface Tls {
  readonly ca: string
  readonly directory: string
}

export interface Server {
  readonly host: string
  readonly port: number
  readonly process: ChildProcess
  readonly tls: Tls | undefined
  cli(...args: string[]): string
  freeze(): void
  thaw(): void
  kill(): Promise<void>
  /** Start again on the same port and directory. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly engine?: Engine
  readonly tls?: boolean
  readonly args?: readonly string[]
}

let certificates: Tls | undefined

/** One certificate authority and one server certificate per test process. */
export function tlsFiles(): Tls {
  if (certificates) return certificates
  const directory = mkdtempSync(join(tmpdir(), 'cache-tls-'))
  const file = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=test-ca',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
  )
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=test',
    '-addext',
    `subjectAltName=IP:${host}`,
    '-keyout',
    file('node.key'),
    '-out',
    file('node.csr'),
  )
  openssl(
    'x509',
    '-req',
    '-days',
    '2',
    '-in',
    file('node.csr'),
    '-CA',
    file('ca.crt'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-copy_extensions',
    'copy',
    '-out',
    file('node.crt'),
  )
  certificates = { ca: readFileSync(file('ca.crt'), 'utf8'), directory }
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return certificates
}

export async function startServer({ engine = 'valkey', tls = false, args = [] }: ServerOptions = {}): Promise<Server> {
  const port = nextPort++
  const directory = mkdtempSync(join(tmpdir(), 'cache-engine-'))
  const files = tls ? tlsFiles() : undefined
  const listen = files
    ? [
        '--port',
        '0',
        '--tls-port',
        String(port),
        '--tls-cert-file',
        join(files.directory, 'node.crt'),
        '--tls-key-file',
        join(files.directory, 'node.key'),
        '--tls-ca-cert-file',
        join(files.directory, 'ca.crt'),
        '--tls-auth-clients',
        'no',
        '--tls-replication',
        'yes',
        '--tls-cluster',
        'yes',
      ]
    : ['--port', String(port)]
  const launch = () =>
    spawn(
      `${engine}-server`,
      [...listen, '--bind', host, '--dir', directory, '--save', '', '--enable-debug-command', 'yes', ...args],
      { stdio: 'ignore' },
    )
  let child = launch()
  const onExit = () => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', onExit)
  await listening(port)
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return {
    host,
    port,
    tls: files,
    get process() {
      return child
    },
    cli: (...command) => {
      const secure = files ? ['--tls', '--cacert', join(files.directory, 'ca.crt')] : []
      return execFileSync(`${engine}-cli`, ['-h', host, '-p', String(port), ...secure, ...command], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim()
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: end,
    restart: async () => {
      await end()
      child = launch()
      await listening(port)
    },
    stop: async () => {
      await end()
      process.off('exit', onExit)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function listening(port: number): Promise<void> {
  await eventually(async () => {
    const socket = connect(port, host)
    try {
      await once(socket, 'connect')
    } finally {
      socket.destroy()
    }
  })
}

export interface Cluster {
  readonly nodes: readonly Server[]
  readonly tls: Tls | undefined
  stop(): Promise<void>
}

/** Three primaries, each with `replicas` replicas, the slots spread evenly. */
export async function startCluster(options: ServerOptions & { readonly replicas?: number } = {}): Promise<Cluster> {
  const { replicas = 0, engine = 'valkey' } = options
  const args = [
    '--cluster-enabled',
    'yes',
    '--cluster-announce-ip',
    host,
    '--cluster-node-timeout',
    '2000',
    ...(options.args ?? []),
  ]
  const nodes = await Promise.all(Array.from({ length: 3 * (1 + replicas) }, () => startServer({ ...options, args })))
  const secure = options.tls ? ['--tls', '--cacert', join(tlsFiles().directory, 'ca.crt')] : []
  execFileSync(
    `${engine}-cli`,
    [
      ...secure,
      '--cluster',
      'create',
      ...nodes.map(node => `${host}:${node.port}`),
      '--cluster-replicas',
      String(replicas),
      '--cluster-yes',
    ],
    { stdio: 'pipe', timeout: 30_000 },
  )
  for (const node of nodes) {
    await eventually(() => {
      if (!node.cli('CLUSTER', 'INFO').includes('cluster_state:ok')) throw new Error('the cluster is not up')
      return Promise.resolve()
    })
  }
  return { nodes, tls: nodes[0]!.tls, stop: async () => void (await Promise.all(nodes.map(node => node.stop()))) }
}

/** Try until it does not throw, for `ms` at most. */
export async function eventually<T>(attempt: () => Promise<T> | T, ms = 15_000): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }
}
