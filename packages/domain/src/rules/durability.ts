/**
 * What a group promises about acknowledged writes, and how an engine is told. Every node keeps an append-only log of its
 * own: flushed each second (async), or before a write is acknowledged (sync). Engines: redis.conf, `appendfsync`.
 */
import type { Directive } from '../ports/cache-engine.ts'
import type { ReplicationGroupDesired } from '../resources/replication-group.ts'

export type Durability = 'disabled' | 'async' | 'sync'

export const durabilityOf = ({ durability }: Pick<ReplicationGroupDesired, 'durability'>): Durability =>
  durability ?? 'disabled'

export const keepsLog = (desired: Pick<ReplicationGroupDesired, 'durability'>): boolean =>
  durabilityOf(desired) !== 'disabled'

export const durabilityDirectives = (durability: Durability): readonly Directive[] => [
  { name: 'appendfsync', value: durability === 'sync' ? 'always' : 'everysec' },
  { name: 'appendonly', value: durability === 'disabled' ? 'no' : 'yes' },
]

/** Where a node's log lies in its directory, and the file without which there is no log (Redis 7.0 and every Valkey). */
export const logDirectory = 'appendonlydir'
export const logManifest = `${logDirectory}/appendonly.aof.manifest`
