/**
 * One long-lived connection of control's to a node or a configuration endpoint, in the text protocol. Invariants: every
 * exchange ends within its deadline; after one that did not, nothing is read from that socket again, so a late answer is
 * never taken for the next one's. It connects when somebody asks.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Unavailable } from '@hotshelf/domain'

export interface TextConnectionOptions {
  readonly at: { readonly path: string } | { readonly host: string; readonly port: number }
  readonly tls: boolean
  readonly onLost: () => void
}

interface Session {
  readonly socket: Socket
  readonly connected: Promise<void>
  established: boolean
  over: boolean
}

export interface TextConnection {
  /** Sends, and resolves with everything up to and including one of the ends. */
  ask(request: string, ends: readonly string[], deadlineMs: number): Promise<string>
  close(): void
}

export function textConnection(options: TextConnectionOptions): TextConnection {
  let session: Session | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function open(): Session {
    if (session && !session.over) return session
    const socket = options.tls
      ? connectTls({ ...(options.at as { host: string; port: number }), rejectUnauthorized: false })
      : connect({ ...options.at, noDelay: true })
    const connected = new Promise<void>((resolve, reject) => {
      socket.once(options.tls ? 'secureConnect' : 'connect', () => {
        made.established = true
        resolve()
      })
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the connection was closed')))
    })
    connected.catch(() => {})
    const made: Session = { socket, connected, established: false, over: false }
    socket.on('error', () => {})
    socket.once('close', () => {
      const told = made.established && !made.over
      made.over = true
      if (told) options.onLost()
    })
    // Control's connections keep no process alive.
    socket.unref()
    session = made
    return made
  }

  async function exchange(request: string, ends: readonly string[], deadlineMs: number): Promise<string> {
    const now = open()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs)
    })
    try {
      return await Promise.race([late, now.connected.then(() => read(now.socket, request, ends))])
    } catch (error) {
      // Ours: whoever hears of a loss looks again at once, and this caller knows already.
      now.over = true
      now.socket.destroy()
      throw new Unavailable(error instanceof Error ? error.message : String(error))
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    ask(request, ends, deadlineMs) {
      const answer = turn.then(() => exchange(request, ends, deadlineMs))
      turn = answer.catch(() => {})
      return answer
    },
    close() {
      if (!session) return
      session.over = true
      session.socket.destroy()
    },
  }
}

function read(socket: Socket, request: string, ends: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const stop = (): void => {
      socket.off('data', onData)
      socket.off('close', onClose)
    }
    const onData = (bytes: Buffer): void => {
      text += bytes.toString('latin1')
      if (!ends.some(end => text.endsWith(end))) return
      stop()
      resolve(text)
    }
    const onClose = (): void => {
      stop()
      reject(new Error('the connection was closed'))
    }
    socket.on('data', onData)
    socket.once('close', onClose)
    socket.write(request, 'latin1')
  })
}
