/** Forgets a subnet group that no cache uses. */
import { fault, requireIdentifier } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { defaultSubnetGroup } from './find.ts'
import { usersOfSubnetGroup } from './users.ts'

export const deleteCacheSubnetGroup: Operation<'DeleteCacheSubnetGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireIdentifier('CacheSubnetGroupName', input.CacheSubnetGroupName)
  if (name === defaultSubnetGroup)
    throw fault('InvalidParameterValueException', 'The default cache subnet group cannot be deleted.')
  await call.store.transaction(async store => {
    const group = await store.subnetGroups.find(scope, name)
    if (!group) throw fault('CacheSubnetGroupNotFoundFault', `Cache Subnet Group ${name} does not exist.`)
    if ((await usersOfSubnetGroup(store, scope, name)).length > 0)
      throw fault('CacheSubnetGroupInUse', `Cache subnet group ${name} is currently in use by a cache cluster.`)
    await store.subnetGroups.remove(group.arn)
  })
  return {}
}
