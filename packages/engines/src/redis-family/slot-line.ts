/**
 * Connections for moving slots: keys and functions are bytes, not text, and hundreds of commands are on their way at once,
 * so they have a small client of their own. Valkey 8 holds a client that sets a slot's state until the replicas have it,
 * so one node is spoken to over several lines.
 * Invariants: every command ends within its deadline; a line that missed one is closed and nothing is read from it again.
 */
import { createConnection, type Socket } from 'node:net'
import { type ControlTarget, Unavailable } from '@hotshelf/domain'
import { controlUser } from './acl.ts'

export type Word = string | Buffer
export type SlotReply = string | number | null | Buffer | readonly SlotReply[] | Error

export interface SlotLines {
  readonly target: ControlTarget
  /** One command on the line that has least to do. */
  ask(...command: readonly Word[]): Promise<SlotReply>
  /** Side by side over all lines; replies in the order of the commands. */
  all(commands: readonly (readonly Word[])[]): Promise<readonly SlotReply[]>
  /** What waits for an answer fails, and so does what is asked later. */
  close(): void
}

const lineCount = 16
/** Longer than MIGRATE's own time limit: its answer says more than our closing the line would. */
const deadlineMs = 15_000

export function slotLines(target: ControlTarget): SlotLines {
  const lines: Line[] = []
  let closed = false
  function pick(): Line {
    if (closed) throw new Unavailable(`${target.place.node}: given up`)
    for (let i = lines.length - 1; i >= 0; i--) if (lines[i]?.closed) lines.splice(i, 1)
    const least = lines.toSorted((a, b) => a.waiting - b.waiting)[0]
    if (least && (least.waiting === 0 || lines.length >= lineCount)) return least
    const fresh = new Line(target)
    lines.push(fresh)
    return fresh
  }
  return {
    target,
    ask: async (...command) => pick().send(command),
    all: async commands => Promise.all(commands.map(command => pick().send(command))),
    close: () => {
      closed = true
      for (const line of lines.splice(0)) line.end('given up')
    },
  }
}

interface Waiting {
  resolve(reply: SlotReply): void
  reject(error: Error): void
  readonly until: number
}

class Line {
  readonly #socket: Socket
  readonly #node: string
  readonly #waiting: Waiting[] = []
  readonly #watch: NodeJS.Timeout
  #received: Buffer = Buffer.alloc(0)
  closed = false

  constructor({ place, password }: ControlTarget) {
    this.#node = place.node
    this.#socket = createConnection(place.controlSocket)
    this.#socket.on('data', chunk => this.#read(chunk))
    this.#socket.on('error', error => this.end(error.message))
    this.#socket.on('close', () => this.end('connection closed'))
    this.#watch = setInterval(() => {
      if (this.#waiting[0] && this.#waiting[0].until < performance.now()) this.end(`no answer within ${deadlineMs} ms`)
    }, 250)
    this.#watch.unref()
    this.send(['AUTH', controlUser, password]).then(
      reply => reply instanceof Error && this.end(`login: ${reply.message}`),
      () => {},
    )
  }

  get waiting(): number {
    return this.#waiting.length
  }

  send(command: readonly Word[]): Promise<SlotReply> {
    if (this.closed) return Promise.reject(this.#lost('connection closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, until: performance.now() + deadlineMs })
      this.#socket.write(encode(command))
    })
  }

  end(why: string): void {
    if (this.closed) return
    this.closed = true
    clearInterval(this.#watch)
    this.#socket.destroy()
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost(why))
  }

  #lost(why: string): Unavailable {
    return new Unavailable(`${this.#node}: ${why}`)
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    let at = 0
    for (;;) {
      const parsed = parse(this.#received, at)
      if (!parsed) break
      at = parsed.next
      this.#waiting.shift()?.resolve(parsed.reply)
      if (this.closed) return
    }
    this.#received = this.#received.subarray(at)
  }
}

function encode(command: readonly Word[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${command.length}\r\n`)]
  for (const word of command) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, lineEnd)
  }
  return Buffer.concat(parts)
}

const lineEnd = Buffer.from('\r\n')

interface Parsed {
  readonly reply: SlotReply
  readonly next: number
}

/** Undefined while the reply is not there in full. */
function parse(bytes: Buffer, at: number): Parsed | undefined {
  const end = bytes.indexOf('\r\n', at)
  if (end < 0) return undefined
  const text = bytes.toString('latin1', at + 1, end)
  const next = end + 2
  switch (bytes[at]) {
    case 0x2b:
      return { reply: text, next }
    case 0x2d:
      return { reply: new Error(text), next }
    case 0x3a:
      return { reply: Number(text), next }
    case 0x24:
      return parseBulk(bytes, Number(text), next)
    default:
      return parseList(bytes, Number(text), next)
  }
}

function parseBulk(bytes: Buffer, length: number, at: number): Parsed | undefined {
  if (length < 0) return { reply: null, next: at }
  if (bytes.length < at + length + 2) return undefined
  return { reply: Buffer.from(bytes.subarray(at, at + length)), next: at + length + 2 }
}

function parseList(bytes: Buffer, length: number, at: number): Parsed | undefined {
  const items: SlotReply[] = []
  let next = at
  for (let i = 0; i < length; i++) {
    const item = parse(bytes, next)
    if (!item) return undefined
    items.push(item.reply)
    next = item.next
  }
  return { reply: items, next }
}
