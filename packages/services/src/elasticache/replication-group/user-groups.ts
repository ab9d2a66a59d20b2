/**
 * Access control by user groups: which group a cache has, from when on. Taken over at once, as on AWS, and shown as pending
 * until every node has it. What a comment calls AWS's was read in answers of theirs; other words are ours.
 */
import {
  fault,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
  requireFeature,
  type Store,
  type UserGroupRow,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { listUsers } from '../user/find.ts'
import { readReach, statusOfGroup } from '../user/reach.ts'
import { requireUserGroup } from '../user-group/find.ts'
import { readIds } from '../user-group/members.ts'
import type { Modification } from './modification.ts'

type Cache = Pick<ReplicationGroupDesired, 'engine' | 'engineVersion' | 'transitEncryption'>

/** The groups that a new cache names, checked against what it is to be. */
export async function chooseUserGroups(
  ids: readonly string[] | undefined,
  cache: Cache,
  call: Call,
): Promise<readonly string[]> {
  const wanted = readIds(ids)
  if (wanted.length > 0) await requireUsable(wanted, cache, call)
  return wanted
}

export const changeUserGroups: Modification = async (input, { desired }, call) => {
  const present = desired.userGroupIds
  const add = readIds(input.UserGroupIdsToAdd)
  const remove = input.RemoveUserGroups ? present : readIds(input.UserGroupIdsToRemove)
  if (add.length + remove.length === 0) return undefined
  const stranger = remove.find(id => !present.includes(id))
  if (stranger !== undefined)
    throw invalid(`User group ${stranger} is not associated with replication group ${desired.id}.`)
  if (input.RemoveUserGroups && add.length > 0)
    throw combination('RemoveUserGroups cannot be given together with UserGroupIdsToAdd.')
  const left = present.filter(id => !remove.includes(id))
  const added = add.filter(id => !left.includes(id))
  const userGroupIds = [...left, ...added]
  if (userGroupIds.length > 1)
    throw combination(
      'Only one user group can be associated with a replication group. Remove the present one in the same request.',
    )
  if (added.length > 0) {
    // AWS's words.
    if (desired.authToken && input.AuthTokenUpdateStrategy !== 'DELETE')
      throw combination("User group can't be associated with auth token enabled. Pass AuthStrategy delete to proceed")
    await requireUsable(added, desired, call)
  }
  return { desired: { userGroupIds, userAccessVersion: (desired.userAccessVersion ?? 0) + 1 } }
}

async function requireUsable(ids: readonly string[], cache: Cache, call: Call): Promise<void> {
  requireFeature(cache, 'rbac', 'User group based access control')
  // AWS's words.
  if (cache.transitEncryption === 'off')
    throw combination(
      'User group based access control requires encryption-in-transit to be enabled on the replication group.',
    )
  if (cache.transitEncryption === 'preferred')
    throw combination('Transit encryption preferred is not supported with redis access control.')
  for (const id of ids) await requireActiveGroup(call.store, id, cache, call)
}

async function requireActiveGroup(store: Store, id: string, cache: Cache, call: Call): Promise<UserGroupRow> {
  const scope = scopeOf(call)
  const group = await requireUserGroup(store, scope, id)
  if (cache.engine === 'redis' && group.desired.engine === 'valkey')
    throw combination('A replication group of engine redis cannot use a user group of engine valkey.')
  const users = await listUsers(store, scope)
  if (statusOfGroup(group, await readReach(store, scope), users) !== 'active')
    throw fault('InvalidUserGroupStateFault', `User group ${id} is not in active state.`)
  if (users.some(user => group.desired.userIds.includes(user.desired.id) && user.desired.authentication === 'iam'))
    requireFeature(cache, 'iamAuthentication', 'IAM authentication')
  return group
}

/** In the transaction that writes: the groups may be gone by now. */
export async function requireStillUsable(
  store: Store,
  { desired }: Pick<ReplicationGroupRow, 'desired'>,
  call: Call,
): Promise<void> {
  for (const id of desired.userGroupIds) await requireUserGroup(store, scopeOf(call), id)
}

const invalid = (message: string) => fault('InvalidParameterValueException', message)
const combination = (message: string) => fault('InvalidParameterCombinationException', message)
