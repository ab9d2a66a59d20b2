/** Opens the front door: this server's own pages first, then the AWS API. A door that cannot be opened is explained. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen as listenForWire, type Listening, type Wire } from '@hotshelf/wire'
import type { Insight } from './admin/insight.ts'
import { CannotStart } from './cannot-start.ts'
import { ownPages } from './chain.ts'
import { type Config, flagOf } from './config.ts'

type Before = (message: IncomingMessage, response: ServerResponse) => boolean

export async function listen(config: Config, wire: Wire, insight: Insight, buckets?: Before): Promise<Listening> {
  const { host, port } = config
  try {
    return await listenForWire({ handle: wire, before: firstOf(ownPages(insight), buckets), host, port })
  } catch (error) {
    throw await explained(error, config)
  }
}

const firstOf =
  (pages: Before, buckets: Before | undefined): Before =>
  (message, response) =>
    pages(message, response) || (buckets?.(message, response) ?? false)

async function explained(error: unknown, { host, port }: Config): Promise<unknown> {
  const code = (error as NodeJS.ErrnoException).code
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (code === 'EADDRINUSE') {
    const who = (await isHotshelf(where)) ? 'another Hotshelf' : 'another program'
    return new CannotStart(`${where} is taken by ${who}. Stop it, or start this one with another ${flagOf('port')}.`)
  }
  if (code === 'EACCES') {
    return new CannotStart(`${where} may not be used by this user. Choose a ${flagOf('port')} of 1024 or more.`)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new CannotStart(`${host} is no address of this machine (${code}). Choose another ${flagOf('host')}.`)
  }
  return error
}

async function isHotshelf(where: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${where}/_hotshelf/health`, { signal: AbortSignal.timeout(1000) })
    return typeof ((await answer.json()) as { readonly addressMode?: unknown }).addressMode === 'string'
  } catch {
    return false
  }
}
