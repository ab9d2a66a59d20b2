/**
 * Takes a user out of every user group and, through them, out of every cache, where his connections end. The row stays,
 * `deleting`, until no node accepts him any more: whoever waits for the end may rely on it.
 */
import { Bug, fault, type Store, type UserRow } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { userGroupsIn } from '../user-group/find.ts'
import { tellUser } from './events.ts'
import { requireUser, usersIn } from './find.ts'
import { requireChangeable } from './modify-user.ts'
import { cachesOfUser, groupsOf, modifyCaches, type Reach, readReach } from './reach.ts'
import { renderUser } from './render.ts'

export const deleteUser: Operation<'DeleteUser'> = async (input, call) => {
  const scope = scopeOf(call)
  const { answer, woken } = await call.store.transaction(async store => {
    const row = await requireUser(store, scope, input.UserId)
    const reach = await readReach(store, scope)
    requireChangeable(row, reach)
    requireNoDefaultOf(row, reach)
    const marked = await usersIn(store).requestDelete(row.arn, call.now())
    if (!marked) throw new Bug(`user ${row.name} vanished while its deletion was asked for`)
    await leaveGroups(store, row, reach)
    const caches = cachesOfUser(reach, row.name)
    const modified = await modifyCaches(store, caches)
    await tellUser(store, marked, `User ${row.name} deleted`, call.now())
    if (caches.length === 0) await usersIn(store).remove(row.arn)
    return { answer: renderUser(marked, { groups: [], caches: [] }), woken: [...modified, row.arn] }
  })
  for (const arn of woken) call.wake(arn)
  return answer
}

/** A group of engine redis is never without one; another can be swapped in first. */
function requireNoDefaultOf({ desired }: UserRow, reach: Reach): void {
  if (desired.name !== 'default') return
  const group = groupsOf(reach, desired.id).find(found => found.desired.engine === 'redis')
  if (group)
    throw fault(
      'DefaultUserAssociatedToUserGroupFault',
      `User ${desired.id} is the default user of user group ${group.desired.id} and cannot be deleted.`,
    )
}

async function leaveGroups(store: Store, { desired }: UserRow, reach: Reach): Promise<void> {
  for (const group of groupsOf(reach, desired.id)) {
    await userGroupsIn(store).change(group.arn, present => ({
      ...present,
      userIds: present.userIds.filter(id => id !== desired.id),
    }))
  }
}
