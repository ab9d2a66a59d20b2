// One connection per process for code that is loaded many times: functions as a service, hot reload, test runners. The
// registry hangs on globalThis under a symbol of this package, so two copies of the module still share connections.
import type { Connection } from './connection.ts'
import { connect } from './connect.ts'
import type { ConnectOptions } from './options.ts'

const REGISTRY = Symbol.for('@hotshelf/cache connections')

type Registry = Map<string, Promise<Connection>>

function registry(): Registry {
  const holder = globalThis as { [REGISTRY]?: Registry }
  holder[REGISTRY] ??= new Map()
  return holder[REGISTRY]
}

/**
 * The connection of this name, made on the first call and shared after it; a failed attempt is forgotten, so the next
 * call tries again. `const cache = () => reuse('main', { url })` at module level connects on first use, not on import.
 */
export function reuse(name: string, options: ConnectOptions): Promise<Connection> {
  const connections = registry()
  let connection = connections.get(name)
  if (connection === undefined) {
    connection = connect(options)
    connections.set(name, connection)
    connection.catch(() => connections.delete(name))
  }
  return connection
}

/** Close every shared connection, for a clean shutdown. */
export async function closeReused(): Promise<void> {
  const connections = [...registry().values()]
  registry().clear()
  await Promise.allSettled(connections.map(async connection => (await connection).close()))
}
