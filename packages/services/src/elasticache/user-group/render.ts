/** A user group as AWS shows it: while its caches follow a change, the members they have, with the change beside. */
import type { UserGroup } from '@aws-sdk/client-elasticache'
import { presentMembers, type UserGroupRow, type UserRow } from '@hotshelf/domain'
import { cachesOfGroup, type Reach, statusOfGroup } from '../user/reach.ts'
import { minimumEngineVersion } from '../user/render.ts'

export function renderUserGroup(row: UserGroupRow, reach: Reach, users: readonly UserRow[]): UserGroup {
  const { id, engine, userIds } = row.desired
  const present = presentMembers(row, reach.caches) ?? userIds
  return {
    UserGroupId: id,
    Status: row.deleteRequestedAt ? 'deleting' : statusOfGroup(row, reach, users),
    Engine: engine,
    UserIds: [...present],
    MinimumEngineVersion: minimumEngineVersion,
    ...pendingChanges(present, userIds),
    ReplicationGroups: cachesOfGroup(reach, id).map(cache => cache.name),
    ServerlessCaches: [],
    ARN: row.arn,
  }
}

function pendingChanges(present: readonly string[], wanted: readonly string[]): Pick<UserGroup, 'PendingChanges'> {
  const without = (from: readonly string[], others: readonly string[]) => from.filter(id => !others.includes(id))
  const [add, remove] = [without(wanted, present), without(present, wanted)]
  if (add.length + remove.length === 0) return {}
  return {
    PendingChanges: {
      ...(add.length > 0 && { UserIdsToAdd: add }),
      ...(remove.length > 0 && { UserIdsToRemove: remove }),
    },
  }
}
