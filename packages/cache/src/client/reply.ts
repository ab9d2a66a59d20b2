// Reading replies. Commands differ between RESP2 and RESP3 in shape (scores flat or nested, numbers as text or doubles);
// the patterns read them through these, so no pattern asks which protocol the client speaks.
import { EngineError } from '../errors.ts'
import type { Reply } from './port.ts'

export function text(reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply
  if (Buffer.isBuffer(reply)) return reply.toString()
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply)
  throw new EngineError(`expected text in the reply, got ${describe(reply)}`)
}

export function optionalText(reply: Reply | undefined): string | undefined {
  return reply === null || reply === undefined ? undefined : text(reply)
}

export function number(reply: Reply | undefined): number {
  if (typeof reply === 'number') return reply
  if (typeof reply === 'boolean') return reply ? 1 : 0
  const value = Number(text(reply))
  if (Number.isNaN(value)) throw new EngineError(`expected a number in the reply, got ${describe(reply)}`)
  return value
}

export function bytes(reply: Reply | undefined): Buffer | undefined {
  if (reply === null || reply === undefined) return undefined
  return Buffer.isBuffer(reply) ? reply : Buffer.from(text(reply))
}

export function list(reply: Reply | undefined): readonly Reply[] {
  if (reply === null || reply === undefined) return []
  if (Array.isArray(reply)) return reply as readonly Reply[]
  throw new EngineError(`expected a list in the reply, got ${describe(reply)}`)
}

/** Pairs, whether the reply is flat (RESP2: m, s, m, s) or nested (RESP3: [m, s], [m, s]). */
export function pairs(reply: Reply | undefined): readonly (readonly [Reply, Reply])[] {
  const items = list(reply)
  if (items.length > 0 && Array.isArray(items[0])) return items as readonly (readonly [Reply, Reply])[]
  const result: [Reply, Reply][] = []
  for (let i = 0; i + 1 < items.length; i += 2) result.push([items[i]!, items[i + 1]!])
  return result
}

function describe(reply: Reply | undefined): string {
  return reply === null ? 'nil' : Array.isArray(reply) ? `a list of ${reply.length}` : typeof reply
}
