/**
 * The thin HTTP front of a wire: collects the bytes of a request, up to a limit, and writes the answer.
 * Slow or silent clients are cut off; idle connections are kept well past five seconds, because SDKs and Terraform
 * re-use them and see a reset as a failed call. Never throws into the server: a failing answer ends one connection.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DEFAULT_FRONT_LIMITS, DEFAULT_LIMITS, type FrontLimits } from './limits.ts'
import type { WireRequest, WireResponse } from './message.ts'

export interface ListenOptions {
  readonly handle: (request: WireRequest) => Promise<WireResponse>
  /** Sees each request first, unread; true when it answers by itself, for example with a stream. */
  readonly before?: (message: IncomingMessage, response: ServerResponse) => boolean
  /** Default 127.0.0.1: a server that believes any credentials is nobody else's business. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Bytes of a body to read before giving up on it; the wire's own limit then refuses it. Default 1 MiB. */
  readonly bodyBytes?: number
  readonly limits?: Partial<FrontLimits>
}

export interface Listening {
  readonly server: Server
  readonly host: string
  readonly port: number
  readonly url: string
  /** Stops accepting, lets requests under way finish for `graceMs` (default 5 s), then cuts them. */
  close(graceMs?: number): Promise<void>
}

const MAX_HEADERS_MS = 15_000
const CHECK_EVERY_MS = 1_000
const SWEEP_EVERY_MS = 25

export async function listen(options: ListenOptions): Promise<Listening> {
  const { handle, host = '127.0.0.1', port = 0, bodyBytes = DEFAULT_LIMITS.bodyBytes } = options
  const limits = { ...DEFAULT_FRONT_LIMITS, ...options.limits }
  const answerAws = nodeListener(handle, bodyBytes, limits.receivingBytes)
  const server = createServer(
    {
      requestTimeout: limits.requestMs,
      headersTimeout: Math.min(MAX_HEADERS_MS, limits.requestMs),
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.requestMs),
      noDelay: true,
    },
    (message, response) => {
      if (!options.before?.(message, response)) answerAws(message, response)
    },
  )
  server.maxConnections = limits.connections
  server.on('drop', () => server.closeIdleConnections())
  server.timeout = limits.silenceMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  const bound = (server.address() as AddressInfo).port
  const named = host.includes(':') ? `[${host}]` : host
  return { server, host, port: bound, url: `http://${named}:${bound}`, close: graceMs => closeServer(server, graceMs) }
}

/** For a server that already exists, https among them. */
export function nodeListener(
  handle: ListenOptions['handle'],
  bodyBytes: number = DEFAULT_LIMITS.bodyBytes,
  receivingBytes: number = DEFAULT_FRONT_LIMITS.receivingBytes,
): (message: IncomingMessage, response: ServerResponse) => void {
  const receiving = { left: receivingBytes }
  return (message, response) => {
    answer(message, response, { handle, bodyBytes, receiving }).catch(() => response.destroy())
  }
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  options: { readonly handle: ListenOptions['handle']; readonly bodyBytes: number; readonly receiving: Budget },
): Promise<void> {
  const collected = await collect(message, options)
  if (!collected) return // the client went away in the middle of its request
  const { url = '/' } = message
  const at = url.indexOf('?')
  const answered = await options.handle({
    method: message.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers: message.headers,
    ...(message.socket.remoteAddress !== undefined && { remoteAddress: message.socket.remoteAddress }),
    ...collected,
  })
  const body = typeof answered.body === 'string' ? Buffer.from(answered.body) : answered.body
  // What was not read of a body that is too long must not be taken for the next request.
  const ending = collected.truncated ? { connection: 'close' } : {}
  const length = answered.status === 204 ? {} : { 'content-length': String(body.byteLength) }
  response.writeHead(answered.status, { ...answered.headers, ...length, ...ending })
  response.end(body)
}

type Collected = Pick<WireRequest, 'body' | 'truncated'>

/** What all requests share while their bodies come in. */
interface Budget {
  left: number
}

interface Room {
  readonly bodyBytes: number
  readonly receiving: Budget
}

/** Undefined when the connection ended before the request did, or was cut for want of room. */
function collect(message: IncomingMessage, { bodyBytes, receiving }: Room): Promise<Collected | undefined> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    const done = (collected: Collected | undefined): void => {
      receiving.left += length
      length = 0
      resolve(collected)
    }
    message.on('data', (chunk: Buffer) => {
      if (length + chunk.byteLength > bodyBytes) {
        // Go on reading, without keeping it, so that the client gets to its end and sees the answer.
        message.removeAllListeners('data').resume()
        return done({ body: new Uint8Array(), truncated: true })
      }
      if (chunk.byteLength > receiving.left) return void message.destroy()
      length += chunk.byteLength
      receiving.left -= chunk.byteLength
      chunks.push(chunk)
    })
    message.on('end', () => done({ body: Buffer.concat(chunks) }))
    message.on('close', () => done(undefined))
    message.on('error', () => done(undefined))
  })
}

/**
 * Stops a server: no new connections, requests under way get `graceMs` (default 5 s) to finish, then all is cut.
 * A connection kept alive would hold the server open long after its last answer, so idle ones are swept as they come.
 */
export async function closeServer(server: HttpServer, graceMs = 5_000): Promise<void> {
  const closed = new Promise<void>(resolve => {
    server.close(() => resolve())
  })
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}

/** What http and https servers have in common here. */
type HttpServer = Pick<Server, 'close' | 'closeIdleConnections' | 'closeAllConnections'>
