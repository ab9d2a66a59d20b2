/**
 * The thin HTTP front of a wire: collects the bytes of a request, up to a limit, and writes the answer.
 * Slow or silent clients are cut off; idle connections are kept well past five seconds, because SDKs and Terraform
 * re-use them and see a reset as a failed call. Never throws into the server: a failing answer ends one connection.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DEFAULT_LIMITS } from './limits.ts'
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
  /** A whole request must arrive within this. Default 30 s. */
  readonly requestTimeoutMs?: number
  /** An idle connection is closed after this. Default 75 s. */
  readonly keepAliveTimeoutMs?: number
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
  const requestTimeout = options.requestTimeoutMs ?? 30_000
  const answerAws = nodeListener(handle, bodyBytes)
  const server = createServer(
    {
      requestTimeout,
      headersTimeout: Math.min(MAX_HEADERS_MS, requestTimeout),
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 75_000,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, requestTimeout),
      noDelay: true,
    },
    (message, response) => {
      if (!options.before?.(message, response)) answerAws(message, response)
    },
  )
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
): (message: IncomingMessage, response: ServerResponse) => void {
  return (message, response) => {
    answer(message, response, { handle, bodyBytes }).catch(() => response.destroy())
  }
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  options: { readonly handle: ListenOptions['handle']; readonly bodyBytes: number },
): Promise<void> {
  const collected = await collect(message, options.bodyBytes)
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

/** Undefined when the connection ended before the request did. */
function collect(message: IncomingMessage, bodyBytes: number): Promise<Collected | undefined> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    message.on('data', (chunk: Buffer) => {
      length += chunk.byteLength
      if (length <= bodyBytes) chunks.push(chunk)
      else {
        // Go on reading, without keeping it, so that the client gets to its end and sees the answer.
        message.removeAllListeners('data').resume()
        resolve({ body: new Uint8Array(), truncated: true })
      }
    })
    message.on('end', () => resolve({ body: Buffer.concat(chunks) }))
    message.on('close', () => resolve(undefined))
    message.on('error', () => resolve(undefined))
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
