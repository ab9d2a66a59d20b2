/**
 * What was accepted and is not in force yet: the overlay that waits for the maintenance window, as a group and as its
 * members show it.
 */
import type { PendingModifiedValues, ReplicationGroupPendingModifiedValues } from '@aws-sdk/client-elasticache'
import { type ReplicationGroupRow, slotMigration, usesClusterProtocol } from '@hotshelf/domain'

export function renderPending(row: ReplicationGroupRow): ReplicationGroupPendingModifiedValues {
  const { pending } = row
  return {
    ...renderPromotion(row),
    ...renderResharding(row),
    ...(pending?.automaticFailover !== undefined && {
      AutomaticFailoverStatus: pending.automaticFailover ? 'enabled' : 'disabled',
    }),
    ...renderPendingEncryption(pending),
    ...(pending?.clusterMode !== undefined && { ClusterMode: pending.clusterMode }),
    ...renderAuthToken(row),
    ...renderUserGroups(row),
  }
}

/** Until every node takes the token, or both of them while it is rotated. */
function renderAuthToken({
  desired: { authTokenUpdate: update },
  observation,
}: ReplicationGroupRow): Pick<ReplicationGroupPendingModifiedValues, 'AuthTokenStatus'> {
  const pending = update !== undefined && (observation?.generation ?? 0) < update.askedAt
  return pending ? { AuthTokenStatus: update.status } : {}
}

/** Until no node accepts users of a group that goes, and every node those of one that comes. */
function renderUserGroups({
  desired,
  observation,
}: ReplicationGroupRow): Pick<ReplicationGroupPendingModifiedValues, 'UserGroups'> {
  if (!observation?.observed.everAvailable) return {}
  const present = Object.keys(observation.observed.userAccess?.groups ?? {})
  const add = desired.userGroupIds.filter(id => !present.includes(id))
  const remove = present.filter(id => !desired.userGroupIds.includes(id))
  if (add.length + remove.length === 0) return {}
  return { UserGroups: { UserGroupIdsToAdd: add, UserGroupIdsToRemove: remove } }
}

/** Shown until the chosen replica is primary, whether the promotion waits for the window or is under way. */
function renderPromotion({
  pending,
  desired,
  observation,
}: ReplicationGroupRow): Pick<ReplicationGroupPendingModifiedValues, 'PrimaryClusterId'> {
  const [shard] = desired.shards
  if (!shard || desired.automaticFailover || usesClusterProtocol(desired)) return {}
  const chosen = pending?.targetPrimary?.[shard.id] ?? desired.targetPrimary[shard.id]
  const primary = observation?.observed.primaryOf[shard.id]
  if (chosen === undefined || chosen === primary || !shard.nodes.some(node => node.id === chosen)) return {}
  return { PrimaryClusterId: chosen }
}

/** Under way rather than waiting, but it is here that AWS shows how far it is. */
function renderResharding(row: ReplicationGroupRow): Pick<ReplicationGroupPendingModifiedValues, 'Resharding'> {
  const migration = slotMigration(row)
  if (!migration) return {}
  const part = migration.total === 0 ? 100 : (100 * migration.moved) / migration.total
  return { Resharding: { SlotMigration: { ProgressPercentage: Math.round(part * 10) / 10 } } }
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
