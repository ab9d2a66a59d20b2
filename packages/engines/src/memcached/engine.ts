/** MemcachedEngine on real processes: one connection to each node, and one to the process behind the configuration endpoint. */
import { fileURLToPath } from 'node:url'
import {
  type MemcachedEngine,
  type Membership,
  type NodePlace,
  parseMembership,
  renderMembership,
  Unavailable,
} from '@hotshelf/domain'
import { renderCommandLine } from './command-line.ts'
import { oldKey } from './discovery-server.ts'
import { mostConnectionsHere } from './open-files.ts'
import { type TextConnection, textConnection } from './text-connection.ts'

const deadlineMs = 1000

/** Beside this file once built; the sources cannot be run as they are. */
const discoveryProgram = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/memcached/discovery-process.js' : './discovery-process.js',
    import.meta.url,
  ),
)

export function memcachedEngine(): MemcachedEngine {
  const lines = new Map<string, TextConnection>()
  const listeners = new Set<(place: NodePlace) => void>()

  function lineTo(place: NodePlace, at: 'node' | 'discovery'): TextConnection {
    const known = lines.get(place.controlSocket)
    if (known) return known
    const line = textConnection({
      at: at === 'node' ? { host: place.address, port: place.port } : { path: place.controlSocket },
      tls: at === 'node' && place.tls !== undefined,
      onLost: () => {
        for (const listener of listeners) listener(place)
      },
    })
    lines.set(place.controlSocket, line)
    return line
  }

  return {
    mostConnections: mostConnectionsHere(),
    render: setup => renderCommandLine(setup, process.getuid?.() === 0),
    observe: place =>
      naming(place, async () => {
        const line = lineTo(place, 'node')
        const version = /^VERSION (\S+)/.exec(await line.ask('version\r\n', ['\r\n'], deadlineMs))?.[1]
        if (version === undefined) throw new Unavailable('it answers, but not as Memcached')
        return { version, membership: membershipIn(await line.ask(`get ${oldKey}\r\n`, ends, deadlineMs)) }
      }),
    tellNode: (place, membership) =>
      naming(place, () => store(lineTo(place, 'node'), `set ${oldKey} 0 0`, membership, ['\r\n'])),
    renderDiscovery: ({ place, membership }) => ({
      program: process.execPath,
      arguments: [
        discoveryProgram,
        place.address,
        String(place.port),
        place.controlSocket,
        ...(place.tls ? [place.tls.certificate, place.tls.key] : []),
      ],
      files: membership
        ? [{ name: 'membership', content: renderMembership(membership), onlyIfMissing: true as const }]
        : [],
    }),
    observeDiscovery: place =>
      naming(place, async () => {
        const answer = await lineTo(place, 'discovery').ask('config get cluster\r\n', ends, deadlineMs)
        const membership = membershipIn(answer)
        return membership?.version === 0 ? undefined : membership
      }),
    tellDiscovery: (place, membership) =>
      naming(place, () => store(lineTo(place, 'discovery'), 'config set cluster 0', membership, ['\r\n'])),
    onLost: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    forget: place => {
      lines.get(place.controlSocket)?.close()
      lines.delete(place.controlSocket)
    },
    close: async () => {
      for (const line of lines.values()) line.close()
      lines.clear()
    },
  }
}

const ends = ['END\r\n', 'ERROR\r\n'] as const

async function store(line: TextConnection, command: string, membership: Membership, end: readonly string[]) {
  const payload = renderMembership(membership)
  const answer = await line.ask(`${command} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`, end, deadlineMs)
  if (answer !== 'STORED\r\n') throw new Unavailable(`the list of nodes was not taken: ${answer.trim()}`)
}

/** `VALUE key flags bytes\r\n<payload>\r\nEND` and `CONFIG key flags bytes\r\n<payload>\r\nEND` are alike. */
function membershipIn(answer: string): Membership | undefined {
  const head = /^(?:VALUE|CONFIG) \S+ \d+ (\d+)\r\n/.exec(answer)
  return head ? parseMembership(answer.slice(head[0].length, head[0].length + Number(head[1]))) : undefined
}

/** Says in every error which node it was. */
async function naming<T>({ node }: NodePlace, talk: () => Promise<T>): Promise<T> {
  try {
    return await talk()
  } catch (error) {
    if (error instanceof Unavailable) throw new Unavailable(`node ${node}: ${error.message}`, error.retryInMs)
    throw error
  }
}
