/**
 * Users in and out, in one step: that is how one `default` user is swapped for another. Connections of a user who leaves
 * are ended, on every node of every cache that has the group.
 */
import {
  Bug,
  fault,
  requireUserEngine,
  requireUserGroupMembers,
  requireWithinQuota,
  type Scope,
  type Store,
  type UserGroupDesired,
  type UserGroupRow,
  type UserRow,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { tellUserGroup } from '../user/events.ts'
import { listUsers } from '../user/find.ts'
import { cachesOfGroup, modifyCaches, readReach, statusOfGroup, type Reach } from '../user/reach.ts'
import { requireUserGroup, userGroupsIn } from './find.ts'
import { membersOf, readIds } from './members.ts'
import { renderUserGroup } from './render.ts'

type Modify = Input<'ModifyUserGroup'>

export const modifyUserGroup: Operation<'ModifyUserGroup'> = async (input, call) => {
  if (!input.UserIdsToAdd?.length && !input.UserIdsToRemove?.length && input.Engine === undefined)
    throw fault('InvalidParameterCombinationException', 'No modifications were requested')
  const { answer, woken } = await call.store.transaction(store => change(store, scopeOf(call), input, call))
  for (const arn of woken) call.wake(arn)
  return answer
}

async function change(store: Store, scope: Scope, input: Modify, call: Call) {
  const row = await requireUserGroup(store, scope, input.UserGroupId)
  const [users, before] = [await listUsers(store, scope), await readReach(store, scope)]
  requireActive(row, before, users)
  const desired = changed(row.desired, input)
  requireWithinQuota('usersPerGroup', desired.userIds.length)
  const members = await membersOf(store, scope, desired.userIds)
  requireUserGroupMembers(
    desired.engine,
    members.map(member => member.desired),
  )
  const caches = cachesOfGroup(before, row.name)
  if (desired.engine === 'valkey' && caches.some(cache => cache.desired.engine === 'redis'))
    throw fault(
      'InvalidParameterCombinationException',
      'A replication group of engine redis cannot use a user group of engine valkey.',
    )
  const written = await userGroupsIn(store).change(row.arn, () => desired)
  if (!written) throw new Bug(`user group ${row.name} vanished while it was changed`)
  const woken = await modifyCaches(store, caches)
  await tellUserGroup(store, written, `User group ${row.name} modified`, call.now())
  return { answer: renderUserGroup(written, await readReach(store, scope), users), woken }
}

export function requireActive(row: UserGroupRow, reach: Reach, users: readonly UserRow[]): void {
  if (statusOfGroup(row, reach, users) !== 'active')
    throw fault('InvalidUserGroupStateFault', `User group ${row.name} is not in active state.`)
}

function changed(desired: UserGroupDesired, input: Modify): UserGroupDesired {
  const [add, remove] = [readIds(input.UserIdsToAdd), readIds(input.UserIdsToRemove)]
  const stranger = remove.find(id => !desired.userIds.includes(id))
  // Infrastructure tools look for `not a member` and take it for done.
  if (stranger !== undefined)
    throw fault('InvalidParameterValueException', `User ${stranger} is not a member of user group ${desired.id}.`)
  const present = add.find(id => desired.userIds.includes(id))
  if (present !== undefined)
    throw fault('InvalidParameterValueException', `User ${present} is already a member of user group ${desired.id}.`)
  return {
    ...desired,
    engine: input.Engine === undefined ? desired.engine : requireUserEngine(input.Engine),
    userIds: [...desired.userIds.filter(id => !remove.includes(id)), ...add],
  }
}
