/** The selection flow of the practitioner guide, section 2: three questions, the first yes decides. Pure. */
import { type Needs, survives } from './needs.ts'

export interface EngineAdvice {
  readonly name: 'redis' | 'valkey' | 'memcached'
  readonly reason: string
}

export function adviseEngine(needs: Needs): EngineAdvice {
  const because = reasonForRedis(needs)
  if (because === undefined)
    return {
      name: 'memcached',
      reason: 'Strings by key, nothing to keep, no replicas: the simple cache, with all processors of a node at work.',
    }
  const other = needs.engine === 'redis' ? 'valkey' : 'redis'
  return { name: needs.engine, reason: `${because} (${other} serves the same clients: --engine ${other}.)` }
}

function reasonForRedis(needs: Needs): string | undefined {
  if (needs.structures) return 'Data structures beyond strings, which Memcached does not have.'
  if (survives(needs)) return 'The data must survive a restart, which it does not in Memcached.'
  if (needs.failover) return 'A replica must take over when a node is lost; Memcached has no replication.'
  return undefined
}
