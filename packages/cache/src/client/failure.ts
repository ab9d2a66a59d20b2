// Tells an answer of the engine from the lack of one. Clients throw dozens of classes, renamed by every major; the
// protocol is steadier: an error reply begins with a word in capitals, a client's own message does not.
import { CacheUnavailable, EngineError } from '../errors.ts'

const ERROR_REPLY = /^-?([A-Z][A-Z0-9_]*):?(?: |$)/

/** The port's error for whatever a client rejected with. */
export function failureOf(cause: unknown): EngineError | CacheUnavailable {
  if (cause instanceof EngineError || cause instanceof CacheUnavailable) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const reply = ERROR_REPLY.exec(message)
  // GLIDE writes `WRONGTYPE: Operation …` where the wire says `WRONGTYPE Operation …`.
  if (reply) return new EngineError(message.replace(`${reply[1]}:`, reply[1]!), { cause })
  return new CacheUnavailable('DISCONNECTED', message, { cause })
}

/** The engine refused without running anything, because roles or slots are moving: safe to ask again, writes included. */
export function refusedUnrun(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false
  return ['READONLY', 'LOADING', 'CLUSTERDOWN', 'TRYAGAIN', 'MASTERDOWN', 'MOVED', 'ASK'].includes(error.code)
}
