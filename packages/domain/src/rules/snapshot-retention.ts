/** Daily snapshots are kept for 0 (none are taken) to 35 days. Memcached and t1 nodes have none. */
import type { EngineKind } from '../catalog/engine-versions.ts'
import type { NodeType } from '../catalog/node-types.ts'
import { fault } from '../faults.ts'

export const longestSnapshotRetentionDays = 35

/** The wording is ours. */
export function requireSnapshotRetention(days: number): void {
  if (Number.isInteger(days) && days >= 0 && days <= longestSnapshotRetentionDays) return
  throw fault(
    'InvalidParameterValueException',
    `The parameter SnapshotRetentionLimit must be between 0 and ${longestSnapshotRetentionDays}.`,
  )
}

export function requireSnapshotsSupported(engine: EngineKind, type: NodeType): void {
  if (engine !== 'memcached' && type.family !== 't1') return
  const what = engine === 'memcached' ? 'Memcached' : `cache node type ${type.name}`
  throw fault('SnapshotFeatureNotSupportedFault', `Snapshots are not supported for ${what}.`)
}
