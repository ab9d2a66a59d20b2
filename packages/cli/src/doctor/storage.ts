/** Checks of the disk and of the database. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { bytes } from '../output.ts'
import { type Finding, ok, problem, type Subject, warning } from './finding.ts'

export function dataDirectory({ config }: Subject): Finding {
  const there = nearestExisting(config.dataDir)
  if (!statSync(there).isDirectory()) return problem(`${there} is no directory`, 'name another with --data-dir')
  try {
    accessSync(there, constants.W_OK | constants.X_OK)
  } catch {
    return problem(`${there} cannot be written`, 'change its owner, or name another with --data-dir')
  }
  return ok(there === config.dataDir ? config.dataDir : `${config.dataDir} (will be made)`)
}

const littleSpace = 1024 ** 3
const tooLittleSpace = 64 * 1024 ** 2

export function diskSpace({ config }: Subject): Finding {
  const there = nearestExisting(config.dataDir)
  const { bavail, bsize } = statfsSync(there)
  const free = bavail * bsize
  const found = `${bytes(free)} free in ${there}`
  if (free >= littleSpace) return ok(found)
  const todo = 'make room, or name another place with --data-dir'
  return free < tooLittleSpace ? problem(found, todo) : warning(found, todo)
}

export async function store({ config }: Subject): Promise<Finding> {
  if (!/^postgres(ql)?:/i.test(config.store)) {
    const path = config.store.replace(/^sqlite:/i, '')
    return existsSync(path) ? ok(path) : ok(`${path} (will be made)`)
  }
  if (!URL.canParse(config.store)) {
    return problem('the PostgreSQL URL cannot be read', 'write it as postgres://user:password@host:5432/database')
  }
  const { hostname, port } = new URL(config.store)
  const refused = await reach(hostname || 'localhost', Number(port || 5432))
  // The URL itself may hold a password.
  const shown = `PostgreSQL at ${hostname || 'localhost'}:${port || 5432}`
  return refused ? problem(`${shown}: ${refused}`, 'start it, or mend --store') : ok(`${shown} answers`)
}

function nearestExisting(path: string): string {
  let there = path
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  return there
}

function reach(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 3000 })
    const end = (result: string | undefined) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end('no answer within 3 s'))
    socket.once('error', error => end((error as NodeJS.ErrnoException).code ?? error.message))
  })
}
