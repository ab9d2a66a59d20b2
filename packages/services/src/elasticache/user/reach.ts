/**
 * Where users and user groups reach: which groups have a user, which caches have a group. A change of a user is a change of
 * every cache that he reaches, which shows it as `modifying` until its nodes have it.
 */
import {
  acceptsUser,
  type Arn,
  type ReplicationGroupRow,
  type Scope,
  type Store,
  type UserGroupRow,
  userGroupStatus,
  type UserRow,
  userStatus,
  type UserStatus,
} from '@hotshelf/domain'
import { userGroupsIn } from '../user-group/find.ts'

/** Everything that statuses and changes are worked out from, read once. */
export interface Reach {
  readonly groups: readonly UserGroupRow[]
  readonly caches: readonly ReplicationGroupRow[]
}

export async function readReach(store: Store, scope: Scope): Promise<Reach> {
  const [groups, all] = await Promise.all([userGroupsIn(store).list(scope), store.replicationGroups.list(scope)])
  return { groups, caches: all.filter(cache => cache.deleteRequestedAt === undefined) }
}

export const groupsOf = ({ groups }: Reach, userId: string): readonly UserGroupRow[] =>
  groups.filter(group => group.desired.userIds.includes(userId))

/** Those that are to accept the user, and those that do still. */
export function cachesOfUser(reach: Reach, userId: string): readonly ReplicationGroupRow[] {
  const groups = new Set(groupsOf(reach, userId).map(group => group.desired.id))
  return reach.caches.filter(
    cache => cache.desired.userGroupIds.some(id => groups.has(id)) || acceptsUser(cache, userId),
  )
}

export const cachesOfGroup = ({ caches }: Reach, groupId: string): readonly ReplicationGroupRow[] =>
  caches.filter(cache => cache.desired.userGroupIds.includes(groupId))

export const statusOfUser = (row: UserRow, reach: Reach): UserStatus =>
  userStatus(row, cachesOfUser(reach, row.desired.id))

/** A group is modified with each of its users. */
export function statusOfGroup(row: UserGroupRow, reach: Reach, users: readonly UserRow[]): 'active' | 'modifying' {
  if (userGroupStatus(row, reach.caches) === 'modifying') return 'modifying'
  const caches = cachesOfGroup(reach, row.desired.id)
  const members = users.filter(user => row.desired.userIds.includes(user.desired.id))
  return members.some(user => userStatus(user, caches) === 'modifying') ? 'modifying' : 'active'
}

/** Makes the caches `modifying`; to be called in the transaction of the change. Answers whom to wake after it. */
export async function modifyCaches(store: Store, caches: readonly ReplicationGroupRow[]): Promise<readonly Arn[]> {
  for (const { arn } of caches) {
    await store.replicationGroups.change(arn, desired => ({
      ...desired,
      userAccessVersion: (desired.userAccessVersion ?? 0) + 1,
    }))
  }
  return caches.map(cache => cache.arn)
}
