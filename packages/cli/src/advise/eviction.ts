/** What goes first when memory is full: the guide's recommendations, section 5. Pure. */
import type { EngineAdvice } from './engine.ts'
import type { Needs, Use } from './needs.ts'

export interface EvictionAdvice {
  /** The value of `maxmemory-policy`; `lru` for Memcached, which has no other. */
  readonly policy: string
  readonly reason: string
}

const byUse: Readonly<Record<Exclude<Use, 'cache'>, EvictionAdvice>> = {
  sessions: { policy: 'volatile-lru', reason: 'Sessions have a TTL: those unused for longest go first.' },
  mixed: { policy: 'volatile-lru', reason: 'Only keys with a TTL may go; what has none is data, and stays.' },
  'no-loss': {
    policy: 'noeviction',
    reason: 'Nothing may be lost: writes fail when memory is full, so watch it (alarm at 75 percent).',
  },
}

export function adviseEviction(needs: Needs, engine: EngineAdvice): EvictionAdvice {
  if (engine.name === 'memcached')
    return { policy: 'lru', reason: 'Memcached evicts what was unused for longest; there is nothing to set.' }
  if (needs.use !== 'cache') return byUse[needs.use]
  return needs.popularity === 'frequent'
    ? { policy: 'allkeys-lfu', reason: 'A cache whose favourites stay the same: what is used least often goes first.' }
    : { policy: 'allkeys-lru', reason: 'A cache: any key may go, that unused for longest first.' }
}
