/**
 * Ports mode: everything lives on 127.0.0.1, so every node and endpoint has ports of its own, claimed machine-wide
 * because a port that looks free may be remembered by a server that is not running now.
 * All ranges end below the systems' ephemeral ports (Linux 32768, macOS 49152), so no outgoing connection sits on one.
 */
import { createHash } from 'node:crypto'
import { Unavailable } from '@hotshelf/domain'
import { openDirectory } from '../durable-file.ts'
import { readEndpoints } from '../endpoints/records.ts'
import { readNodes } from '../process/directories.ts'
import { type Claims, openClaims } from './claims.ts'
import { isFree, type Network } from './network.ts'

export interface PortsOptions {
  /** Absolute path. */
  readonly dataDir: string
  /** What endpoints' listeners bind; default 127.0.0.1. `0.0.0.0` inside a container whose ports are published. */
  readonly listen?: string
  /** Default: a directory shared by all servers of the machine. */
  readonly claimsDirectory?: string
}

interface PortRange {
  readonly first: number
  readonly last: number
}

const host = '127.0.0.1'
/** Nodes take pairs (port, TLS port) here, and the cluster bus 10000 above. */
const nodePorts = { first: 20_000, last: 22_767 }
const endpointPorts = { first: 23_000, last: 29_999 }

export async function portsNetwork(options: PortsOptions): Promise<Network> {
  const dataDir = await openDirectory(options.dataDir)
  const claims = openClaims(dataDir, options.claimsDirectory)
  await releaseForgotten(dataDir, claims)
  const ledger = portLedger(claims)
  const listen = options.listen ?? host
  const seed = createHash('sha256').update(dataDir).digest().readUInt32BE(0)
  return {
    mode: 'ports',
    prefix: host,
    takeNode: async () => {
      for (const port of spread(nodePorts, 2, seed)) {
        const at = { address: host, port, tlsPort: port + 1, busPort: port + 10_000 }
        if (await ledger.take(portsOfNode(port), host)) return at
      }
      throw noneLeft(nodePorts)
    },
    holdNode: ({ port }) => ledger.hold(portsOfNode(port)),
    freeNode: ({ port }) => ledger.free(portsOfNode(port)),
    takeEndpoint: async asked => {
      for (const port of [asked, ...spread(endpointPorts, 1, seed)]) {
        if (await ledger.take([port], listen)) return { address: host, port }
      }
      throw noneLeft(endpointPorts)
    },
    holdEndpoint: ({ port }) => ledger.hold([port]),
    freeEndpoint: ({ port }) => ledger.free([port]),
    close: () => {},
  }
}

/** Which ports are ours: known here, claimed machine-wide. Several together are all taken, or none. */
function portLedger(claims: Claims) {
  const held = new Set<number>()
  const free = (ports: readonly number[]): void => {
    for (const port of ports) {
      held.delete(port)
      claims.release(claimName(port))
    }
  }
  return {
    free,
    hold: (ports: readonly number[]): void => {
      for (const port of ports) {
        held.add(port)
        claims.claim(claimName(port))
      }
    },
    take: async (ports: readonly number[], address: string): Promise<boolean> => {
      if (ports.some(port => held.has(port))) return false
      for (const port of ports) held.add(port)
      const mine = ports.every(port => claims.claim(claimName(port)))
      if (mine && (await allFree(address, ports))) return true
      free(ports)
      return false
    },
  }
}

const noneLeft = ({ first, last }: PortRange): Unavailable =>
  new Unavailable(`Every port of 127.0.0.1 from ${first} to ${last} is in use.`)

/** Claims of a server that died before it could remember what it had claimed them for. */
async function releaseForgotten(dataDir: string, claims: Claims): Promise<void> {
  const nodes = (await readNodes(dataDir)).flatMap(({ place }) => portsOfNode(place.at.port))
  const endpoints = (await readEndpoints(dataDir)).map(({ at }) => at.port)
  const remembered = new Set([...nodes, ...endpoints].map(claimName))
  for (const name of claims.mine()) {
    if (name.startsWith(claimPrefix) && !remembered.has(name)) claims.release(name)
  }
}

const claimPrefix = 'port-'
const claimName = (port: number) => `${claimPrefix}${port}`
const portsOfNode = (port: number) => [port, port + 1, port + 10_000]

async function allFree(address: string, ports: readonly number[]): Promise<boolean> {
  for (const port of ports) {
    if (!(await isFree(address, port))) return false
  }
  return true
}

/** Every port of the range once, from a place that differs between data directories. */
function* spread({ first, last }: PortRange, stride: number, seed: number): Generator<number> {
  const count = Math.floor((last - first) / stride) + 1
  for (let step = 0; step < count; step++) yield first + ((seed + step) % count) * stride
}
