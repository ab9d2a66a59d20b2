/** A customer's socket with an end to its patience: whatever takes too long is given up, and the connection with it. */
import { RespClient, RespError, type RespReply } from '@hotshelf/testkit'

export interface At {
  readonly host: string
  readonly port: number
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function within<T>(ms: number, work: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp()
      reject(new Error(`no answer within ${ms} ms`))
    }, ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

export function connect(at: At, ms: number): Promise<RespClient> {
  const opening = RespClient.connect(at)
  return within(ms, opening, () => void opening.then(client => client.close()).catch(() => {}))
}

export const ask = (client: RespClient, ms: number, ...command: readonly string[]): Promise<RespReply> =>
  within(ms, client.send(...command), () => client.close())

/** One question on a connection of its own; undefined where nobody answers it. */
export async function askOnce(at: At, ms: number, ...command: readonly string[]): Promise<string | undefined> {
  try {
    const client = await connect(at, ms)
    try {
      const reply = await ask(client, ms, ...command)
      return reply instanceof RespError ? undefined : String(reply)
    } finally {
      client.close()
    }
  } catch {
    return undefined
  }
}
