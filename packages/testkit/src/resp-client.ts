/**
 * A customer's client reduced to the wire: one socket, RESP2, no reconnecting, no retries, no topology. What the engine says
 * is what the test sees; errors come back as values, so a test can compare their text.
 */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** An engine's error reply, without the leading minus. */
export class RespError {
  constructor(readonly text: string) {}
}

export type RespReply = string | number | null | RespError | readonly RespReply[]

export interface RespAddress {
  readonly host: string
  readonly port: number
  /** PEM of the authority to trust; plain text without it. */
  readonly authority?: string | Buffer | undefined
}

export class RespClient {
  readonly #socket: Socket
  readonly #waiting: { resolve(reply: RespReply): void; reject(error: Error): void }[] = []
  #received = Buffer.alloc(0)
  closed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', chunk => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('connection closed'))
    })
  }

  static connect({ host, port, authority }: RespAddress): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = authority
        ? connectTls({ host, port, ca: authority, checkServerIdentity: () => undefined })
        : connectPlain({ host, port })
      socket.once(authority ? 'secureConnect' : 'connect', () => resolve(new RespClient(socket)))
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('connection closed')))
    })
  }

  send(...command: readonly string[]): Promise<RespReply> {
    if (this.closed) return Promise.reject(new Error('connection closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      const parts = command.map(part => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
      this.#socket.write(`*${command.length}\r\n${parts.join('')}`)
    })
  }

  /** The reply as one text: an error's words, or the value. */
  async text(...command: readonly string[]): Promise<string> {
    const reply = await this.send(...command)
    return reply instanceof RespError ? reply.text : String(reply)
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const parsed = parse(this.#received, 0)
      if (!parsed) return
      this.#received = this.#received.subarray(parsed.next)
      this.#waiting.shift()?.resolve(parsed.reply)
    }
  }
}

interface Parsed {
  readonly reply: RespReply
  readonly next: number
}

/** One reply from `at`, or undefined while it is incomplete. */
function parse(bytes: Buffer, at: number): Parsed | undefined {
  const end = bytes.indexOf('\r\n', at)
  if (end < 0) return undefined
  const head = bytes.toString('utf8', at + 1, end)
  const next = end + 2
  switch (String.fromCharCode(bytes[at] as number)) {
    case '+':
      return { reply: head, next }
    case '-':
      return { reply: new RespError(head), next }
    case ':':
      return { reply: Number(head), next }
    case '$':
      return parseBulk(bytes, next, Number(head))
    case '*':
      return parseArray(bytes, next, Number(head))
    default:
      throw new Error(`not a RESP2 reply: ${bytes.toString('utf8', at, end)}`)
  }
}

function parseBulk(bytes: Buffer, at: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, next: at }
  if (bytes.length < at + length + 2) return undefined
  return { reply: bytes.toString('utf8', at, at + length), next: at + length + 2 }
}

function parseArray(bytes: Buffer, at: number, length: number): Parsed | undefined {
  const replies: RespReply[] = []
  let next = at
  for (let i = 0; i < length; i++) {
    const item = parse(bytes, next)
    if (!item) return undefined
    replies.push(item.reply)
    next = item.next
  }
  return { reply: replies, next }
}
