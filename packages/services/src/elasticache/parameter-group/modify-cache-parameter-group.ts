/** Sets up to twenty parameters, all or none. The caches that use the group are woken to take them over. */
import { Bug, requireParameterChanges } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { requireChangeable } from './find.ts'
import { usersOfParameterGroup } from './users.ts'

export const modifyCacheParameterGroup: Operation<'ModifyCacheParameterGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const group = await requireChangeable(call.store, scope, input.CacheParameterGroupName ?? '')
  const users = await usersOfParameterGroup(call.store, scope, group.desired.name)
  const values = requireParameterChanges(
    (input.ParameterNameValues ?? []).map(({ ParameterName: name = '', ParameterValue: value }) => ({ name, value })),
    { family: group.desired.family, inUse: users.length > 0 },
  )
  await call.store.transaction(async store => {
    const changed = await store.parameterGroups.change(group.arn, desired => ({
      ...desired,
      values: { ...desired.values, ...values },
    }))
    if (!changed) throw new Bug(`parameter group ${group.desired.name} vanished while it was changed`)
    for (const [name, value] of Object.entries(values))
      await store.events.append(scope, {
        sourceType: 'cache-parameter-group',
        sourceId: group.desired.name,
        arn: group.arn,
        message: `Updated parameter ${name} to ${value}`,
        at: call.now(),
      })
  })
  for (const user of users) call.wake(user.arn)
  return { CacheParameterGroupName: group.desired.name }
}
