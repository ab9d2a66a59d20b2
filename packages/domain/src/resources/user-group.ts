/** A user group: the users who may log in to a cache. A cache has at most one; a group may serve many caches. */
import type { EngineName, ReplicationGroupRow } from './replication-group.ts'
import type { Row } from './resource.ts'

export interface UserGroupDesired {
  readonly id: string
  readonly engine: EngineName
  readonly userIds: readonly string[]
}

export type UserGroupRow = Row<UserGroupDesired>
export type UserGroupStatus = 'active' | 'modifying'

/** Computed as a user's is: `caches` are those that have this group, or had it when they were last heard of. */
export const userGroupStatus = (row: UserGroupRow, caches: readonly ReplicationGroupRow[]): UserGroupStatus =>
  behindOf(row, caches).length > 0 ? 'modifying' : 'active'

/** The members that the caches accept so far, where they differ from those asked for; undefined where they do not. */
export function presentMembers(
  row: UserGroupRow,
  caches: readonly ReplicationGroupRow[],
): readonly string[] | undefined {
  const [behind] = behindOf(row, caches)
  return behind?.observation?.observed.userAccess?.groups[row.desired.id]?.userIds
}

function behindOf(row: UserGroupRow, caches: readonly ReplicationGroupRow[]): readonly ReplicationGroupRow[] {
  return caches.filter(({ desired, observation, deleteRequestedAt }) => {
    if (!observation?.observed.everAvailable || deleteRequestedAt) return false
    const applied = observation.observed.userAccess?.groups[row.desired.id]
    return desired.userGroupIds.includes(row.desired.id)
      ? applied?.generation !== row.generation
      : applied !== undefined
  })
}
