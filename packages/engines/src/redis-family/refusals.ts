/**
 * What an engine's "no" means for the loop that asked: look again later (Unavailable), or somebody broke an invariant (Bug).
 * A refusal whose post-condition holds already is a success; only the command itself knows that, so it is decided there.
 */
import { Bug, Unavailable } from '@hotshelf/domain'
import type { Refusal, Reply } from '../control-connection.ts'
import { isRefusal } from '../control-connection.ts'

/** The engine is alive and cannot answer now: starting, running somebody's long script, out of replicas, changing its role. */
const transient =
  /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|UNBLOCKED|READONLY|ERR max number of clients)\b/

/** The engine repeats a command that it does not know, and names of restricted commands are nobody's business. */
const secretName = /\b([a-z]+)-[0-9a-f]{16}\b/g

export function failure(what: string, refused: string): Unavailable | Bug {
  const message = `${what}: ${refused.replaceAll(secretName, '$1')}`
  return transient.test(refused) ? new Unavailable(message) : new Bug(message)
}

/** For commands that another look may make possible whatever was said: memory is freed, a replica returns, roles change. */
export const unavailable = (what: string, refused: string): Unavailable =>
  new Unavailable(`${what}: ${refused.replaceAll(secretName, '$1')}`)

/** The text of a reply that has to be one; throws what its refusal means. */
export function textOf(what: string, reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply
  if (reply !== undefined && isRefusal(reply)) throw failure(what, reply.refused)
  throw new Bug(`${what}: expected text, received ${JSON.stringify(reply)}`)
}

export const refusalOf = (reply: Reply | undefined): Refusal | undefined =>
  reply !== undefined && isRefusal(reply) ? reply : undefined
