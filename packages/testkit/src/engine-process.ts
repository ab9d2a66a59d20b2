/**
 * Starts real engine processes for tests, each with a place of its own: a directory, a loopback address nobody else's test
 * uses, a certificate. Everything is gone after `close()`, also when a test failed half way.
 * Deliberately not a NodeProvider: nothing is remembered, adopted or restarted.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Arn,
  editedFile,
  type EngineFiles,
  elasticacheArn,
  type EngineSetup,
  type NodeId,
  type NodePlace,
} from '@hotshelf/domain'

export interface PlaceWish {
  readonly name?: string
  readonly port?: number
  readonly transitEncryption?: EngineSetup['transitEncryption']
  /** Default: the address. */
  readonly hostname?: string
}

export interface EngineProcess {
  readonly pid: number
  readonly running: boolean
  /** Resolves once the process is gone. */
  readonly exited: Promise<void>
  signal(signal: NodeJS.Signals): void
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>
  /** Everything it wrote to stdout and stderr, for the message of a failing test. */
  log(): string
}

export interface EngineProcesses {
  place(wish?: PlaceWish): NodePlace
  /** A loopback address of this test alone, for an endpoint. */
  address(): string
  /** Resolves once the process runs, not once it answers. */
  start(place: NodePlace, program: string, files: EngineFiles): Promise<EngineProcess>
  close(): Promise<void>
}

export const testGroup: Arn = elasticacheArn(
  { account: '000000000000', region: 'us-east-1' },
  'replicationgroup',
  'test-group',
)

let given = 0

/** 127.64.0.1 and up: 13 bits of the process id, so that tests of several processes do not meet, then a running number. */
function nextAddress(): string {
  given += 1
  if (given > 508) throw new Error('this test process has used all of its loopback addresses')
  const { pid } = process
  const block = given > 254 ? 96 : 64
  return `127.${block + ((pid >> 8) & 31)}.${pid & 255}.${((given - 1) % 254) + 1}`
}

export function engineProcesses(): EngineProcesses {
  const root = mkdtempSync(join(tmpdir(), 'hs-'))
  const running = new Set<EngineProcess>()
  let places = 0
  // A test run that is interrupted leaves nothing behind either.
  const endAll = () => {
    for (const child of running) child.signal('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  }
  process.once('exit', endAll)

  return {
    address: nextAddress,

    place: ({ name, port = 6379, transitEncryption = 'off', hostname } = {}) => {
      places += 1
      const node = (name ?? `node-${String(places).padStart(3, '0')}`) as NodeId
      const address = nextAddress()
      const directory = join(root, `${places}`)
      mkdirSync(directory, { mode: 0o700 })
      return {
        group: testGroup,
        node,
        address,
        port,
        tlsPort: transitEncryption === 'preferred' ? port + 1 : undefined,
        busPort: port + 10_000,
        hostname: hostname ?? address,
        // Short: a unix socket's path may not exceed 107 bytes.
        controlSocket: join(directory, 'control.sock'),
        directory,
        tls: transitEncryption === 'off' ? undefined : certificates(root),
      }
    },

    start: async (place, program, { arguments: given, files, edits = [] }) => {
      for (const { name, content, onlyIfMissing } of files) {
        const file = join(place.directory, name)
        if (!onlyIfMissing || !existsSync(file)) writeFileSync(file, content, { mode: 0o600 })
      }
      for (const edit of edits) {
        const file = join(place.directory, edit.name)
        if (existsSync(file)) writeFileSync(file, editedFile(readFileSync(file, 'utf8'), edit), { mode: 0o600 })
      }
      const child = await launch(place, program, given)
      running.add(child)
      void child.exited.then(() => running.delete(child))
      return child
    },

    close: async () => {
      await Promise.all([...running].map(child => child.kill()))
      process.off('exit', endAll)
      endAll()
    },
  }
}

async function launch(place: NodePlace, program: string, parameters: readonly string[]): Promise<EngineProcess> {
  const logFile = join(place.directory, 'engine.log')
  const log = openSync(logFile, 'a', 0o600)
  const child: ChildProcess = spawn(program, parameters, { cwd: place.directory, stdio: ['ignore', log, log] })
  closeSync(log)
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  await once(child, 'spawn')
  return {
    pid: child.pid as number,
    get running() {
      return child.exitCode === null && child.signalCode === null
    },
    exited,
    signal: signal => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    log: () => readFileSync(logFile, 'utf8'),
  }
}

/** One authority and one certificate for all nodes of a test; P-256, because an RSA handshake costs the engine more. */
function certificates(root: string): NonNullable<NodePlace['tls']> {
  const file = (name: string) => join(root, name)
  const made = { certificate: file('node.crt'), key: file('node.key'), authority: file('ca.crt') }
  if (existsSync(made.certificate)) return made
  const openssl = (...parameters: string[]) => execFileSync('openssl', parameters, { stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    file('ca.key'),
    '-out',
    made.authority,
    '-subj',
    '/CN=test',
    '-days',
    '2',
  )
  openssl('req', ...newKey, '-keyout', made.key, '-out', file('node.csr'), '-subj', '/CN=node')
  const signedBy = ['-CA', made.authority, '-CAkey', file('ca.key'), '-CAcreateserial']
  openssl('x509', '-req', '-in', file('node.csr'), ...signedBy, '-out', made.certificate, '-days', '2')
  return made
}

/** Signs the same key anew: the certificate of a place is another from now on. */
export function signAnew({ tls }: NodePlace): void {
  if (!tls) throw new Error('the place has no certificate')
  const beside = (name: string) => join(dirname(tls.certificate), name)
  const signedBy = ['-CA', tls.authority, '-CAkey', beside('ca.key'), '-CAcreateserial']
  const request = ['x509', '-req', '-in', beside('node.csr'), ...signedBy, '-out', tls.certificate, '-days', '2']
  execFileSync('openssl', request, { stdio: 'pipe' })
}

/** The installed program of this name, or undefined: tests of an engine that is not here are skipped. */
export function installedProgram(name: string): { readonly path: string; readonly version: string } | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const path = join(directory, name)
    if (!existsSync(path)) continue
    const version = /(?:v=|\s)(\d+\.\d+\.\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]
    if (version) return { path, version }
  }
  return undefined
}
