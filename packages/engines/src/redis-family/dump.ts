/**
 * A node's data as one stream: the full copy that a replica gets, asked for over the control socket by somebody who only
 * wants the file (REPLCONF rdb-only, Redis 7.0 and every Valkey). The engine forks and sends straight to the socket, so its
 * disk is not touched, and whoever reads slowly slows only the child down.
 * Danger: the end is a mark of 40 random bytes that the engine announces first. A connection that closes before it has lost
 * the rest: never take that for the end.
 */
import { createConnection, type Socket } from 'node:net'
import { type ControlTarget, Unavailable } from '@hotshelf/domain'
import { controlUser } from './acl.ts'

/** The fork of a large process takes seconds, and a copy for somebody else may have to end first. */
const longestSilenceMs = 60_000

export async function* dump({ place, password }: ControlTarget): AsyncGenerator<Uint8Array> {
  const socket = createConnection(place.controlSocket)
  const lost = (why: string): Unavailable => new Unavailable(`${place.node}: ${why}`)
  socket.setTimeout(longestSilenceMs, () => socket.destroy(lost(`sent nothing for ${longestSilenceMs / 1000} s`)))
  try {
    socket.write(greeting(password).join(''))
    yield* copyIn(socket, lost)
  } catch (error) {
    throw error instanceof Unavailable ? error : lost(error instanceof Error ? error.message : String(error))
  } finally {
    socket.destroy()
  }
}

const greeting = (password: string): readonly string[] => [
  encoded('AUTH', controlUser, password),
  // Without it the engine writes a file on its own disk first.
  encoded('REPLCONF', 'capa', 'eof'),
  encoded('REPLCONF', 'rdb-only', '1'),
]

const answersBefore = 3

async function* copyIn(socket: Socket, lost: (why: string) => Unavailable): AsyncGenerator<Uint8Array> {
  let received: Buffer = Buffer.alloc(0)
  let answers = 0
  let payload: Payload | undefined
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    while (!payload) {
      const line = firstLine(received)
      if (!line) break
      if (line.text.startsWith('-')) throw lost(`refused the copy: ${line.text.slice(1)}`)
      received = line.rest
      answers += 1
      // Only now: the engine takes no SYNC from a client that it still owes an answer.
      if (answers === answersBefore) socket.write(encoded('SYNC'))
      if (answers > answersBefore) payload = payloadOf(line.text, lost)
    }
    if (!payload) continue
    yield* payload.take(received)
    received = Buffer.alloc(0)
    if (payload.done) return
  }
  throw lost('the connection closed before the whole copy was sent')
}

/** While the child is being made the engine sends empty lines, so that nobody takes it for dead. */
function firstLine(bytes: Buffer): { readonly text: string; readonly rest: Buffer } | undefined {
  let from = 0
  while (bytes[from] === newline) from += 1
  const end = bytes.indexOf('\r\n', from)
  return end < 0 ? undefined : { text: bytes.toString('latin1', from, end), rest: bytes.subarray(end + 2) }
}

const newline = 0x0a

interface Payload {
  readonly done: boolean
  take(chunk: Buffer): Iterable<Uint8Array>
}

function payloadOf(announcement: string, lost: (why: string) => Unavailable): Payload {
  if (announcement.startsWith('$EOF:')) return markedPayload(Buffer.from(announcement.slice(5), 'latin1'))
  const length = Number(announcement.slice(1))
  if (!announcement.startsWith('$') || !Number.isSafeInteger(length)) throw lost(`announced "${announcement}"`)
  return countedPayload(length)
}

/** The last bytes may be the mark, so as many as it has are kept back until more came. */
function markedPayload(mark: Buffer): Payload {
  let tail: Buffer = Buffer.alloc(0)
  let done = false
  return {
    get done() {
      return done
    },
    *take(chunk) {
      const all = tail.length === 0 ? chunk : Buffer.concat([tail, chunk])
      done = all.length >= mark.length && all.subarray(all.length - mark.length).equals(mark)
      const certain = Math.max(0, all.length - mark.length)
      tail = all.subarray(certain)
      if (certain > 0) yield all.subarray(0, certain)
    },
  }
}

function countedPayload(length: number): Payload {
  let left = length
  return {
    get done() {
      return left === 0
    },
    *take(chunk) {
      const part = chunk.subarray(0, left)
      left -= part.length
      if (part.length > 0) yield part
    },
  }
}

const encoded = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
