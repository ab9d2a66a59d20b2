/**
 * What was accepted and is not in force yet: the overlay that waits for the maintenance window, as a group and as its
 * members show it.
 */
import type { PendingModifiedValues, ReplicationGroupPendingModifiedValues } from '@aws-sdk/client-elasticache'
import type { ReplicationGroupRow } from '@hotshelf/domain'

export function renderPending({ pending }: ReplicationGroupRow): ReplicationGroupPendingModifiedValues {
  return {
    ...(pending?.automaticFailover !== undefined && {
      AutomaticFailoverStatus: pending.automaticFailover ? 'enabled' : 'disabled',
    }),
    ...renderPendingEncryption(pending),
    ...(pending?.clusterMode !== undefined && { ClusterMode: pending.clusterMode }),
  }
}

/** Versions and node types wait at the members: the group's shape has no place for them. */
export const renderMemberPending = ({ pending }: ReplicationGroupRow): PendingModifiedValues => ({
  ...(pending?.engineVersion !== undefined && { EngineVersion: pending.engineVersion }),
  ...(pending?.nodeType !== undefined && { CacheNodeType: pending.nodeType }),
  ...renderPendingEncryption(pending),
})

function renderPendingEncryption(
  pending: ReplicationGroupRow['pending'],
): Pick<PendingModifiedValues, 'TransitEncryptionEnabled' | 'TransitEncryptionMode'> {
  const mode = pending?.transitEncryption
  if (mode === undefined) return {}
  return { TransitEncryptionEnabled: mode !== 'off', ...(mode !== 'off' && { TransitEncryptionMode: mode }) }
}
