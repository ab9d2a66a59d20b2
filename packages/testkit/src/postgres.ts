/**
 * A PostgreSQL server of a test's own: made with initdb in a temporary directory, on a free loopback port, gone after `stop`.
 * It sorts text the way people do, not by bytes, and asks for a password: as unlike our defaults as a real one may be.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from './hotshelf.ts'

export interface PostgresServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** A new, empty database, as a URL; `encoding` is UTF8 by default. */
  createDatabase(encoding?: string): Promise<string>
  /** Runs SQL as the superuser of one of these databases, and answers its rows as psql writes them. */
  query(url: string, sql: string): string
  /** An orderly stop that the clients notice, then a start on the same port. */
  restart(): Promise<void>
  /** SIGKILL to the whole server, as a machine that fails; `start` brings it back. */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Why there can be no server here, for the message of a skipped test; undefined when there can. */
export function postgresMissing(): string | undefined {
  if (!programs()) return 'PostgreSQL is not installed: neither PATH nor pg_config leads to initdb'
  if (process.getuid?.() === 0 && !owner()) return 'PostgreSQL refuses to run as root, and there is no other user'
  return undefined
}

export async function startPostgres(): Promise<PostgresServer> {
  const missing = postgresMissing()
  const bin = programs()
  if (missing !== undefined || !bin) throw new Error(missing)
  const directory = mkdtempSync(join(tmpdir(), 'hs-pg-'))
  const server = serverIn(directory, bin, await freePort())
  try {
    initialise(directory, bin)
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

const user = 'hotshelf'
const password = 'a secret: with/odd@characters'

function serverIn(directory: string, bin: string, port: number): PostgresServer {
  const environment = { ...process.env, PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' }
  const client = ['-h', '127.0.0.1', '-p', String(port), '-U', user]
  const run = (program: string, parameters: readonly string[]): string =>
    execFileSync(join(bin, program), [...client, ...parameters], { env: environment, encoding: 'utf8', stdio: 'pipe' })
  let child: ChildProcess | undefined
  let databases = 0
  const abandon = (): void => void child?.kill('SIGQUIT')

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  const server: PostgresServer = {
    host: '127.0.0.1',
    port,
    user,
    password,
    async createDatabase(encoding = 'UTF8') {
      databases += 1
      const name = `store_${databases}`
      const plain = encoding === 'UTF8' ? [] : ['-T', 'template0', '--locale', 'C', '--locale-provider', 'libc']
      run('createdb', ['-E', encoding, ...plain, name])
      return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`
    },
    query: (url, sql) =>
      run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql, new URL(url).pathname.slice(1)]).trim(),
    async start() {
      child = launch(directory, bin, port)
      process.once('exit', abandon)
      const ready = () => {
        if (child?.exitCode !== null) throw new Error(readFileSync(join(directory, 'log'), 'utf8'))
        try {
          run('psql', ['-XAtqc', 'select 1', 'postgres'])
          return true
        } catch {
          return false
        }
      }
      await eventually(async () => ready(), Boolean)
    },
    async restart() {
      await end('SIGINT')
      await server.start()
    },
    /** The postmaster's children end by themselves when it is gone. */
    crash: () => end('SIGKILL'),
    async stop() {
      await end('SIGINT')
      process.removeListener('exit', abandon)
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return server
}

function initialise(directory: string, bin: string): void {
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, password)
  const who = owner()
  if (who) for (const path of [directory, passwordFile]) chownSync(path, who.uid, who.gid)
  chmodSync(directory, 0o700)
  const always = ['-D', join(directory, 'data'), '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  const initdb = (...parameters: string[]) =>
    execFileSync(join(bin, 'initdb'), [...always, '-N', '-E', 'UTF8', ...parameters], {
      ...who,
      cwd: directory,
      stdio: 'pipe',
    })
  try {
    initdb('--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US')
  } catch {
    // Before 15, or built without ICU.
    initdb('--no-locale')
  }
}

function launch(directory: string, bin: string, port: number): ChildProcess {
  const log = openSync(join(directory, 'log'), 'a')
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: directory, fsync: 'off' }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(bin, 'postgres'), ['-D', join(directory, 'data'), ...flags], {
    ...owner(),
    cwd: directory,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

/** Debian keeps the server's programs out of PATH; pg_config knows where. */
function programs(): string | undefined {
  const told = (() => {
    try {
      return [execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim()]
    } catch {
      return []
    }
  })()
  const wanted = ['initdb', 'postgres', 'psql', 'createdb']
  const directories = [...told, ...(process.env['PATH'] ?? '').split(':')]
  return directories.find(directory => wanted.every(name => existsSync(join(directory, name))))
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Who runs it when we are root. initdb wants a user with a name. */
function owner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // Not on this machine.
    }
  }
  return undefined
}
