/**
 * A small authoritative name server for the cache zone, over UDP and TCP, so that endpoints can have names as on AWS.
 * Every packet may be anything: what cannot be read is answered with FORMERR or dropped, and never ends the server.
 */
import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import { decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet'
import { Unavailable } from '@hotshelf/domain'
import { isCode } from '../durable-file.ts'
import type { NameService } from './names.ts'
import { createZone, rcodes, reply, type Zone } from './zone.ts'

export interface NameServerOptions {
  /** Names end in `cache.<zone>`. */
  readonly zone: string
  /** UDP and TCP; 0 chooses a free one. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly address?: string
  /** Default 5 s. */
  readonly ttlSeconds?: number
}

export interface NameServer extends NameService {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

const headerBytes = 12
/** RFC 1035 4.2.1, for clients that do not say that they take more. */
const plainUdpBytes = 512
const idleMs = 10_000
const mostConnections = 100

/** Throws Unavailable when the port is taken, or needs more rights. */
export async function serveNames(options: NameServerOptions): Promise<NameServer> {
  const address = options.address ?? '127.0.0.1'
  const zone = createZone(options.zone, options.ttlSeconds ?? 5)
  try {
    // TCP first: a free TCP port is nearly always free for UDP too, so port 0 can mean one number for both.
    const tcp = await serveTcp(zone, address, options.port)
    const udp = await serveUdp(zone, address, tcp.port).catch(async (error: unknown) => {
      await tcp.close()
      throw error
    })
    zone.set(`ns.${options.zone}`, [address])
    return {
      zone: options.zone,
      address,
      port: tcp.port,
      publish: zone.set,
      withdraw: zone.remove,
      close: async () => void (await Promise.all([tcp.close(), udp.close()])),
    }
  } catch (error) {
    throw cannotListen(error, `${address}:${options.port}`)
  }
}

/** Undefined: say nothing. */
export function answerBytes(zone: Zone, bytes: Buffer, largest: number): Buffer | undefined {
  const isQuery = bytes.length >= headerBytes && (bytes.readUInt8(2) & 0x80) === 0
  if (!isQuery) return undefined
  const query = read(bytes)
  if (!query) return encode(reply({ id: bytes.readUInt16BE(0) }, rcodes.formatError))
  const answer = zone.answer(query)
  const written = encode(answer)
  if (written.length <= largest) return written
  return encode({ ...answer, flags: (answer.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] })
}

/** What fits into one datagram to this client. */
export function datagramLimit(bytes: Buffer): number {
  for (const record of read(bytes)?.additionals ?? []) {
    if (record.type === 'OPT') return Math.min(Math.max(record.udpPayloadSize, plainUdpBytes), 1232)
  }
  return plainUdpBytes
}

function read(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

/** encode() throws on what decode() let through (a label that is too long, say). */
function safely(zone: Zone, bytes: Buffer, largest: number): Buffer | undefined {
  try {
    return answerBytes(zone, bytes, largest)
  } catch {
    return undefined
  }
}

function serveUdp(zone: Zone, address: string, port: number): Promise<{ close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.on('message', (bytes, from) => {
      const answer = safely(zone, bytes, datagramLimit(bytes))
      // Nobody may be there any more to take it.
      if (answer) socket.send(answer, from.port, from.address, () => {})
    })
    socket.once('error', reject)
    socket.bind({ address, port }, () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      socket.unref()
      resolve({ close: () => new Promise(closed => socket.close(() => closed())) })
    })
  })
}

function serveTcp(
  zone: Zone,
  address: string,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const clients = new Set<Socket>()
    const server = createServer({ noDelay: true }, client => {
      clients.add(client)
      client.once('close', () => clients.delete(client))
      converse(zone, client)
    })
    server.maxConnections = mostConnections
    server.once('error', reject)
    server.listen({ host: address, port }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      server.unref()
      const bound = server.address()
      const close = (): Promise<void> => {
        for (const client of clients) client.destroy()
        return new Promise(closed => server.close(() => closed()))
      }
      resolve({ port: bound !== null && typeof bound === 'object' ? bound.port : port, close })
    })
  })
}

/** RFC 1035 4.2.2: every message has its length in two bytes before it. */
function converse(zone: Zone, client: Socket): void {
  let unread = Buffer.alloc(0)
  client.on('error', () => client.destroy())
  client.setTimeout(idleMs, () => client.destroy())
  client.on('data', chunk => {
    unread = Buffer.concat([unread, chunk])
    while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE(0)) {
      const end = 2 + unread.readUInt16BE(0)
      const answer = safely(zone, unread.subarray(2, end), 65_535)
      unread = unread.subarray(end)
      if (!answer) {
        client.destroy()
        return
      }
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      client.write(Buffer.concat([length, answer]))
    }
  })
}

function cannotListen(error: unknown, where: string): unknown {
  if (isCode(error, 'EADDRINUSE'))
    return new Unavailable(`The name server's ${where} is taken: choose another port.`, 1000, { cause: error })
  if (isCode(error, 'EACCES')) {
    return new Unavailable(
      `The name server may not listen on ${where}: ports below 1024 need more rights. Choose a higher one.`,
      1000,
      { cause: error },
    )
  }
  return error
}
