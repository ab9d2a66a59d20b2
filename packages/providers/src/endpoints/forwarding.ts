/**
 * Listens on endpoints and pipes connections to their targets. When targets change, new connections go to the new ones at
 * once and connections to nodes that are no target any more are cut: a client that stayed on a former primary would
 * write to a replica for ever.
 */
import { BlockList, connect, createServer, type Server, type Socket } from 'node:net'
import type { Address } from '@hotshelf/domain'

export interface Route {
  readonly host: string
  readonly port: number
  /** Connections take turns among them. None: nobody listens, so clients are refused instead of left waiting. */
  readonly targets: readonly Address[]
  /** Clients with and without TLS share the port; those with TLS go to the target's port + 1. */
  readonly mixed: boolean
  /** IPv4 blocks that may connect; everybody without it. A connection from elsewhere is reset before a byte of it is read. */
  readonly admits?: readonly string[] | undefined
}

export interface RouteFailure {
  readonly host: string
  readonly port: number
  readonly code: string
}

export interface Forwarding {
  /** Makes it so. What could not be listened on is answered, and tried again by the next call. */
  apply(routes: readonly Route[]): Promise<readonly RouteFailure[]>
  close(): Promise<void>
}

interface Line {
  route: Route
  admits: (address: string | undefined) => boolean
  readonly server: Server
  /** Clients, with the target they were forwarded to; undefined before a mixed port knows which. */
  readonly connections: Map<Socket, Address | undefined>
  next: number
}

const keepAliveMs = 60_000
const connectMs = 3_000
/** A TLS connection begins with a handshake record (RFC 8446 5.1); no cache protocol begins with this byte. */
const tlsHandshake = 0x16

export function createForwarding(): Forwarding {
  const lines = new Map<string, Line>()
  const applyOne = async (route: Route): Promise<readonly RouteFailure[]> => {
    const known = lines.get(keyOf(route))
    if (known) {
      known.route = route
      known.admits = admission(route.admits)
      cutStrays(known)
      return []
    }
    const line = openLine(route)
    try {
      await listen(line.server, route)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
      return [{ host: route.host, port: route.port, code }]
    }
    lines.set(keyOf(route), line)
    return []
  }
  const apply = async (routes: readonly Route[]): Promise<readonly RouteFailure[]> => {
    const open = routes.filter(({ targets }) => targets.length > 0)
    const wanted = new Set(open.map(keyOf))
    const ending = [...lines].filter(([key]) => !wanted.has(key))
    for (const [key] of ending) lines.delete(key)
    await Promise.all(ending.map(([, line]) => closeLine(line)))
    return (await Promise.all(open.map(applyOne))).flat()
  }
  return { apply, close: async () => void (await apply([])) }
}

const keyOf = ({ host, port }: Address): string => `${host}:${port}`

function openLine(route: Route): Line {
  // allowHalfOpen: a client that has sent everything may still wait for answers.
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  })
  const line: Line = { route, admits: admission(route.admits), server, connections: new Map(), next: 0 }
  server.on('connection', client => accept(line, client))
  // Too many open files while accepting: those connections wait in the kernel's queue.
  server.on('error', () => {})
  return line
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closeLine(line: Line): Promise<void> {
  const closed = new Promise<void>(resolve => line.server.close(() => resolve()))
  for (const client of line.connections.keys()) client.destroy()
  return closed
}

function cutStrays(line: Line): void {
  const targets = new Set(line.route.targets.map(keyOf))
  for (const [client, target] of line.connections) {
    if (target && !targets.has(keyOf(target))) client.destroy()
  }
}

function accept(line: Line, client: Socket): void {
  client.on('error', () => client.destroy())
  if (!line.admits(client.remoteAddress)) {
    client.resetAndDestroy()
    return
  }
  line.connections.set(client, undefined)
  client.once('close', () => line.connections.delete(client))
  if (!line.route.mixed) {
    forward(line, client, 0)
    return
  }
  client.once('data', first => {
    client.pause()
    client.unshift(first)
    forward(line, client, first[0] === tlsHandshake ? 1 : 0)
  })
}

function admission(blocks: readonly string[] | undefined): (address: string | undefined) => boolean {
  if (!blocks) return () => true
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', length] = block.split('/')
    list.addSubnet(address, Number(length), 'ipv4')
  }
  // Undefined: it is gone already.
  return address => address !== undefined && list.check(address.replace(/^::ffff:/, ''), 'ipv4')
}

/** Tries each target once, beginning with the one whose turn it is. */
function forward(line: Line, client: Socket, portOffset: number): void {
  const { targets } = line.route
  const first = line.next++
  const tryOne = (attempt: number): void => {
    const target = targets[(first + attempt) % targets.length]
    if (!target || attempt >= targets.length || client.destroyed) {
      client.destroy()
      return
    }
    line.connections.set(client, target)
    const upstream = connect({
      host: target.host,
      port: target.port + portOffset,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    })
    const giveUp = () => {
      upstream.destroy()
      tryOne(attempt + 1)
    }
    upstream.setTimeout(connectMs, giveUp)
    upstream.once('error', giveUp)
    upstream.once('connect', () => {
      upstream.setTimeout(0)
      upstream.off('error', giveUp)
      join(client, upstream)
    })
    client.once('close', () => upstream.destroy())
  }
  tryOne(0)
}

/** pipe() waits for the slower side and passes the end of one direction on while the other goes on. */
function join(client: Socket, upstream: Socket): void {
  upstream.on('error', () => client.destroy())
  upstream.once('close', failed => (failed || !upstream.readableEnded ? client.destroy() : undefined))
  client.pipe(upstream)
  upstream.pipe(client)
}
