/**
 * A connection to one node, as any customer has it. Invariants: every exchange has a deadline, at most
 * `mostInOnePipeline` commands go out in one write, and every command is counted.
 */
import { ErrorReply, RedisClient, RESP_TYPES } from '@redis/client'
import { mostInOnePipeline, pauseAfter } from './pace.ts'
import { setTimeout as sleep } from 'node:timers/promises'

export type Word = string | Buffer
export type Command = readonly [name: string, ...parameters: readonly Word[]]

/** A refusal is an answer. Strings come as bytes: keys are not always text. */
export type Reply = Buffer | string | number | null | readonly Reply[] | Refusal

export interface Refusal {
  readonly refused: string
}

export const isRefusal = (reply: unknown): reply is Refusal =>
  typeof reply === 'object' && reply !== null && 'refused' in reply

export interface NodeTalk {
  /** In one write or several, each bounded, with pauses between them that adapt to how fast the node answers. */
  ask(commands: readonly Command[]): Promise<readonly Reply[]>
  close(): void
}

export interface NodeAddress {
  readonly host: string
  readonly port: number
  /** The authority's certificate, where the group talks TLS. */
  readonly authority: string | undefined
  readonly token: string | undefined
}

const deadlineMs = 5000
const protocol = { RESP: 2 } as const
const connect = RedisClient.factory(protocol)

export async function talkTo(address: NodeAddress, onSent: (commands: number) => void): Promise<NodeTalk> {
  const { host, port, authority, token } = address
  const plain = { host, port, connectTimeout: deadlineMs, reconnectStrategy: false as const }
  const client = connect({
    ...protocol,
    socket: authority === undefined ? plain : { ...plain, tls: true as const, ca: authority },
    ...(token === undefined ? {} : { password: token }),
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  })
  client.on('error', () => undefined)
  await within(deadlineMs, client.connect(), () => client.destroy())
  const asBytes = { [RESP_TYPES.BLOB_STRING]: Buffer }
  let bestMs = Number.POSITIVE_INFINITY

  /** What is sent in one turn of the event loop goes out in one write. */
  const exchange = (commands: readonly Command[]): Promise<readonly Reply[]> =>
    Promise.all(
      commands.map(async command => {
        try {
          return (await client.sendCommand(command, { typeMapping: asBytes })) as Reply
        } catch (error) {
          if (error instanceof ErrorReply) return { refused: error.message }
          throw error
        }
      }),
    )

  return {
    async ask(commands) {
      const replies: Reply[] = []
      for (let from = 0; from < commands.length; from += mostInOnePipeline) {
        const part = commands.slice(from, from + mostInOnePipeline)
        const before = performance.now()
        onSent(part.length)
        replies.push(...(await within(deadlineMs, exchange(part), () => client.destroy())))
        const took = performance.now() - before
        bestMs = Math.min(bestMs, took)
        await sleep(pauseAfter(took, bestMs))
      }
      return replies
    },
    close: () => client.destroy(),
  }
}

/** After a deadline the connection is given up: a late answer would be taken for the next command's. */
async function within<T>(ms: number, work: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp()
      reject(new Error(`no answer within ${ms / 1000} s`))
    }, ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
