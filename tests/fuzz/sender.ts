/**
 * Sends bytes to a server and waits for what it makes of them: an answer, or the end of the connection. A connection
 * that was answered well is used again, as clients do.
 */
import { connect, type Socket } from 'node:net'
import type { FuzzRequest } from './requests.ts'

export type Outcome =
  | { readonly answered: number; readonly body: string }
  /** Without an answer, which is an answer to what is no HTTP. */
  | { readonly cut: true }
  | { readonly hung: true }

const patienceMs = 20_000

export class Sender {
  readonly #port: number
  #socket: Socket | undefined

  constructor(port: number) {
    this.#port = port
  }

  send({ bytes, half }: FuzzRequest): Promise<Outcome> {
    const socket = (this.#socket ??= connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true }))
    return new Promise(resolve => {
      let received = Buffer.alloc(0)
      // The answer to HEAD says how long a body would be, and has none.
      const headless = bytes.subarray(0, 5).toString('latin1') === 'HEAD '
      const finish = (outcome: Outcome, again: boolean): void => {
        clearTimeout(timer)
        socket.removeAllListeners()
        socket.on('error', () => undefined)
        if (!again) {
          socket.destroy()
          this.#socket = undefined
        }
        resolve(outcome)
      }
      const timer = setTimeout(() => finish({ hung: true }, false), patienceMs)
      const ended = (): void => {
        const answer = answerIn(received, true, headless)
        finish(answer ? { answered: answer.status, body: answer.body } : { cut: true }, false)
      }
      socket.on('data', chunk => {
        received = Buffer.concat([received, chunk])
        const answer = answerIn(received, false, headless)
        if (answer) finish({ answered: answer.status, body: answer.body }, !half && answer.keeps)
      })
      socket.on('end', ended)
      socket.on('close', ended)
      socket.on('error', ended)
      socket.write(bytes)
      if (half) socket.end()
    })
  }

  close(): void {
    this.#socket?.destroy()
  }
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly keeps: boolean
}

/** The final answer once it is there whole. */
function answerIn(received: Buffer, over: boolean, headless: boolean): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = received.subarray(0, end).toString('latin1')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
  if (status >= 100 && status < 200) return answerIn(received.subarray(end + 4), over, headless)
  const length = headless ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  const body = received.subarray(end + 4)
  if (body.length < length && !over) return undefined
  return { status, body: body.toString('utf8'), keeps: !/\r\nconnection: *close/i.test(head) && body.length === length }
}
