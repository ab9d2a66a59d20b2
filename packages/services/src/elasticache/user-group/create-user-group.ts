/** Names users who may log in to the caches that will have the group. */
import {
  AlreadyExists,
  elasticacheArn,
  fault,
  requireIdentifier,
  requireUserEngine,
  requireUserGroupMembers,
  requireWithinQuota,
} from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { tellUserGroup } from '../user/events.ts'
import { readReach } from '../user/reach.ts'
import { userGroupsIn } from './find.ts'
import { membersOf, readIds } from './members.ts'
import { renderUserGroup } from './render.ts'

export const createUserGroup: Operation<'CreateUserGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const id = requireIdentifier('UserGroupId', input.UserGroupId)
  const engine = requireUserEngine(input.Engine)
  const userIds = readIds(input.UserIds)
  const tags = readTags(input.Tags)
  return call.store.transaction(async store => {
    const groups = userGroupsIn(store)
    requireWithinQuota('userGroups', (await groups.list(scope)).length + 1)
    requireWithinQuota('usersPerGroup', userIds.length)
    const members = await membersOf(store, scope, userIds)
    requireUserGroupMembers(
      engine,
      members.map(member => member.desired),
    )
    const arn = elasticacheArn(scope, 'usergroup', id)
    const desired = { id, engine, userIds }
    const row = await groups
      .insert({ ...scope, arn, name: id, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        if (!(error instanceof AlreadyExists)) throw error
        throw fault('UserGroupAlreadyExistsFault', `User Group ${id} already exists.`)
      })
    await store.tags.set(arn, tags)
    await tellUserGroup(store, row, `User group ${id} created`, call.now())
    return renderUserGroup(row, await readReach(store, scope), members)
  })
}
