/**
 * Forgets a parameter group that no cache uses. The name is judged first, as AWS does: the dot in `default.redis7` makes
 * it no identifier, and that is why default groups cannot be deleted.
 */
import { fault, requireIdentifier } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { usersOfParameterGroup } from './users.ts'

export const deleteCacheParameterGroup: Operation<'DeleteCacheParameterGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireIdentifier('CacheParameterGroupName', input.CacheParameterGroupName)
  await call.store.transaction(async store => {
    const group = await store.parameterGroups.find(scope, name)
    // AWS leaves the space out here, and only here.
    if (!group) throw fault('CacheParameterGroupNotFoundFault', `CacheParameterGroupnot found: ${name}`)
    if ((await usersOfParameterGroup(store, scope, name)).length > 0)
      throw fault(
        'InvalidCacheParameterGroupStateFault',
        `One or more cache clusters are still members of this parameter group ${name}, so the group cannot be deleted.`,
      )
    await store.parameterGroups.remove(group.arn)
  })
  return {}
}
