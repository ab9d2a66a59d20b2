// What the parts of one cache share. Made once by `Cache`; the parts know each other only through it.
import type { Connection } from '../connection/connection.ts'
import type { Listeners } from '../client/listeners.ts'
import type { Encoding } from '../codec/encoding.ts'
import type { CacheEvent } from '../observe/events.ts'
import type { CacheStats } from '../observe/stats.ts'
import type { Clock } from '../time/clock.ts'
import type { Coherence } from '../two-level/coherence.ts'
import type { Memory } from '../two-level/memory.ts'
import type { Keys } from './keys.ts'
import type { EntryOptions } from './options.ts'
import type { ReadBatch } from './read-batch.ts'
import type { Tags } from './tags.ts'

export interface Core {
  readonly connection: Connection
  readonly keys: Keys
  readonly encoding: Encoding
  readonly clock: Clock
  readonly defaults: EntryOptions
  readonly chunkBytes: number
  readonly warnBytes: number
  readonly stats: CacheStats
  readonly events: Listeners<CacheEvent>
  readonly reads: ReadBatch
  readonly tags: Tags
  readonly memory: Memory | undefined
  readonly coherence: Coherence | undefined
}

/** Something went wrong that the call survives. */
export function report(core: Core, operation: string, key: string, error: unknown): void {
  core.stats.errors += 1
  const known = error instanceof Error ? error : new Error(String(error))
  core.events.emit({ type: 'error', operation, key, error: known })
}

/** This process is about to change these names: its memory forgets now, the others are told. */
export function changing(core: Core, names: readonly string[]): void {
  if (!core.memory) return
  for (const name of names) {
    const key = core.keys.keyOf(name)
    if (key !== undefined) core.memory.forget(key)
  }
}
