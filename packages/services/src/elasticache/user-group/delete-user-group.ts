/** Forgets a user group that no cache has. Its users stay. */
import { fault } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { tellUserGroup } from '../user/events.ts'
import { listUsers } from '../user/find.ts'
import { cachesOfGroup, readReach } from '../user/reach.ts'
import { requireUserGroup, userGroupsIn } from './find.ts'
import { requireActive } from './modify-user-group.ts'
import { renderUserGroup } from './render.ts'

export const deleteUserGroup: Operation<'DeleteUserGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  return call.store.transaction(async store => {
    const row = await requireUserGroup(store, scope, input.UserGroupId)
    const [users, reach] = [await listUsers(store, scope), await readReach(store, scope)]
    requireActive(row, reach, users)
    const cache = cachesOfGroup(reach, row.name)[0]
    if (cache)
      throw fault(
        'InvalidUserGroupStateFault',
        `User group ${row.name} is associated with replication group ${cache.name} and cannot be deleted.`,
      )
    await userGroupsIn(store).remove(row.arn)
    await tellUserGroup(store, row, `User group ${row.name} deleted`, call.now())
    return renderUserGroup({ ...row, deleteRequestedAt: call.now() }, reach, users)
  })
}
