/**
 * Which engine a running group may become. Upwards always, from Redis to any Valkey, never down — except that
 * Valkey 7.2 may be rolled back to Redis 7.1, the one way back that AWS documents.
 */
import { fault } from '../faults.ts'
import { compareVersions, type EngineKind, type EngineVersion } from './engine-versions.ts'

export interface EngineChange {
  readonly from: EngineVersion
  readonly to: EngineVersion
  /** A group whose clients must use TLS may not move to a version without it. */
  readonly transitEncryption: boolean
}

/** Throws when AWS would refuse; returns when nothing changes. The wording is ours unless a comment says otherwise. */
export function requireEngineChange({ from, to, transitEncryption }: EngineChange): void {
  if (from.engine === to.engine) requireNotOlder(from, to)
  else requireEngineSwitch(from, to)
  if (transitEncryption && to.engine === 'redis' && to.version === '3.2.10') {
    throw fault(
      'InvalidParameterCombinationException',
      'Cannot change to an engine version that does not support encryption in-transit while it is enabled.',
    )
  }
}

/** The words are AWS's. */
function requireNotOlder(from: EngineVersion, to: EngineVersion): void {
  if (compareVersions(to.version, from.version) >= 0) return
  throw fault(
    'InvalidParameterCombinationException',
    `Cannot modify ${from.engine} from ${from.version} to ${to.version}`,
  )
}

function requireEngineSwitch(from: EngineVersion, to: EngineVersion): void {
  if (from.engine === 'redis' && to.engine === 'valkey') return
  if (from.engine === 'valkey' && to.engine === 'redis' && from.version === '7.2' && to.version === '7.1') return
  throw fault(
    'InvalidParameterCombinationException',
    from.engine === 'valkey' && to.engine === 'redis'
      ? `Cannot change from valkey ${from.version} to redis ${to.version}; only valkey 7.2 can be rolled back, to redis 7.1.`
      : `Cannot change the engine from ${from.engine} to ${to.engine}.`,
  )
}

/** Memcached keeps nothing over an upgrade; the others keep their data. */
export const losesDataOnUpgrade = (engine: EngineKind): boolean => engine === 'memcached'
