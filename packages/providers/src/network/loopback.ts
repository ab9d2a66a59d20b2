/**
 * Addresses mode: a data directory owns one loopback network 127.A.0.0/16 (A in 64..254), chosen by its path and
 * remembered in `network.json`. Nodes live in 127.A.0-191.x, endpoints in 127.A.192-255.x: neither can ever be handed
 * the other's address, and people can tell them apart.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Unavailable } from '@hotshelf/domain'
import { openDirectory, readIfThere, writeWhole } from '../durable-file.ts'
import { type Log, silent } from '../log.ts'
import { type Claims, openClaims } from './claims.ts'
import { isFree, type Network, type NodeAddress } from './network.ts'

export interface LoopbackOptions {
  /** Absolute path. */
  readonly dataDir: string
  /** `127.77`; default: chosen by the data directory's path. */
  readonly network?: string
  /** Default: a directory shared by all servers of the machine. */
  readonly claimsDirectory?: string
  readonly log?: Log
}

const firstSecondByte = 64
const lastSecondByte = 254
const hostsPerBlock = 254
const strangersPassedOver = 3
const refreshMs = 6 * 3600_000

/** Throws Unavailable when the network asked for belongs to another server, or none is left. */
export async function loopbackNetwork(asked: LoopbackOptions): Promise<Network> {
  const options = { ...asked, dataDir: await openDirectory(asked.dataDir) }
  const claims = openClaims(options.dataDir, options.claimsDirectory)
  const prefix = await claimPrefix(options, claims)
  const nodes = addressPool(prefix, 0, 191)
  const endpoints = addressPool(prefix, 192, 255)
  const refreshing = setInterval(() => claims.refresh(claimName(prefix)), refreshMs).unref()
  return {
    mode: 'addresses',
    prefix,
    takeNode: async port => ({ address: await nodes.take(port), port, ...besidePort(port) }),
    holdNode: ({ address }) => nodes.hold(address),
    freeNode: ({ address }) => nodes.free(address),
    takeEndpoint: async port => ({ address: await endpoints.take(port), port }),
    holdEndpoint: ({ address }) => endpoints.hold(address),
    freeEndpoint: ({ address }) => endpoints.free(address),
    close: () => clearInterval(refreshing),
  }
}

/** On an address of its own a node meets nobody: the cluster bus stands 10000 higher where that exists, else at the usual 16379. */
export function besidePort(port: number): Pick<NodeAddress, 'tlsPort' | 'busPort'> {
  return { tlsPort: port < 65_535 ? port + 1 : port - 1, busPort: port + 10_000 <= 65_535 ? port + 10_000 : 16_379 }
}

const claimName = (prefix: string) => `network-${prefix}`

async function claimPrefix(options: LoopbackOptions, claims: Claims): Promise<string> {
  const memory = join(options.dataDir, 'network.json')
  const remembered = readPrefix(await readIfThere(memory))
  if (options.network !== undefined) requirePrefix(options.network)
  const wanted = options.network ?? remembered
  if (wanted !== undefined && claims.claim(claimName(wanted))) {
    if (wanted !== remembered) await writeWhole(memory, `${JSON.stringify({ prefix: wanted })}\n`, { durable: true })
    return wanted
  }
  if (options.network !== undefined) {
    const owner = claims.ownerOf(claimName(options.network))
    throw new Unavailable(
      `The loopback network ${options.network} belongs to the server with data in ${owner}: choose another.`,
    )
  }
  const chosen = candidates(options.dataDir).find(prefix => claims.claim(claimName(prefix)))
  if (chosen === undefined)
    throw new Unavailable('Every loopback network 127.64 to 127.254 is claimed by another server.')
  if (remembered !== undefined) {
    const log = options.log ?? silent
    log.warn(
      { remembered, chosen },
      'another server took our loopback network over; new nodes get addresses of the chosen one',
    )
  }
  await writeWhole(memory, `${JSON.stringify({ prefix: chosen })}\n`, { durable: true })
  return chosen
}

/** All networks, beginning with the one that the path hashes to. */
export function candidates(dataDir: string): readonly string[] {
  const count = lastSecondByte - firstSecondByte + 1
  const start = createHash('sha256').update(dataDir).digest().readUInt32BE(0) % count
  return Array.from({ length: count }, (_, step) => `127.${firstSecondByte + ((start + step) % count)}`)
}

function readPrefix(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const parsed: unknown = JSON.parse(text)
  if (parsed === null || typeof parsed !== 'object' || !('prefix' in parsed)) return undefined
  return typeof parsed.prefix === 'string' ? parsed.prefix : undefined
}

function requirePrefix(text: string): void {
  const second = /^127\.(\d{1,3})$/.exec(text)?.[1]
  if (second === undefined || Number(second) > 254) {
    throw new Unavailable(`"${text}" is not a loopback network: write the first two numbers, such as 127.77.`)
  }
}

/**
 * Goes round, so that a freed address is not given to somebody else while clients may still remember it. An address that a
 * stranger listens on is passed over; when the first few are all taken, somebody listens on every address of the machine,
 * and the node's own start tells who.
 */
function addressPool(prefix: string, firstBlock: number, lastBlock: number) {
  const held = new Set<string>()
  const size = (lastBlock - firstBlock + 1) * hostsPerBlock
  const at = (position: number) =>
    `${prefix}.${firstBlock + Math.floor(position / hostsPerBlock)}.${1 + (position % hostsPerBlock)}`
  let next = 0
  const takeAny = (): string => {
    for (let tried = 0; tried < size; tried++) {
      const address = at(next)
      next = (next + 1) % size
      if (held.has(address)) continue
      held.add(address)
      return address
    }
    throw new Unavailable(`Every address of ${prefix}.${firstBlock}.1 to ${prefix}.${lastBlock}.254 is in use.`)
  }
  return {
    async take(port: number): Promise<string> {
      const passedOver: string[] = []
      let address = takeAny()
      while (passedOver.length < strangersPassedOver && !(await isFree(address, port))) {
        passedOver.push(address)
        address = takeAny()
      }
      for (const other of passedOver) held.delete(other)
      return address
    },
    hold: (address: string) => void held.add(address),
    free: (address: string) => void held.delete(address),
  }
}
