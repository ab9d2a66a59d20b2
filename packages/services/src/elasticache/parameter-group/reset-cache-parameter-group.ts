/** Gives parameters back to their family's defaults: those that are named, or all. */
import { Bug, fault, type ParameterGroupDesired, requireParameterResets } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { requireChangeable } from './find.ts'
import { usersOfParameterGroup } from './users.ts'

export const resetCacheParameterGroup: Operation<'ResetCacheParameterGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const group = await requireChangeable(call.store, scope, input.CacheParameterGroupName ?? '')
  const users = await usersOfParameterGroup(call.store, scope, group.desired.name)
  const names = namesToReset(input, group.desired, users.length > 0)
  await call.store.transaction(async store => {
    const changed = await store.parameterGroups.change(group.arn, desired => without(desired, names))
    if (!changed) throw new Bug(`parameter group ${group.desired.name} vanished while it was reset`)
    await store.events.append(scope, {
      sourceType: 'cache-parameter-group',
      sourceId: group.desired.name,
      arn: group.arn,
      message: `Reset parameters to their defaults: ${names.join(', ') || 'none was set'}`,
      at: call.now(),
    })
  })
  for (const user of users) call.wake(user.arn)
  return { CacheParameterGroupName: group.desired.name }
}

function namesToReset(
  input: Input<'ResetCacheParameterGroup'>,
  group: ParameterGroupDesired,
  inUse: boolean,
): readonly string[] {
  const names = (input.ParameterNameValues ?? []).map(({ ParameterName: name = '' }) => name)
  if (!input.ResetAllParameters) return requireParameterResets(names, { family: group.family, inUse })
  if (names.length > 0)
    throw fault(
      'InvalidParameterCombinationException',
      'Cannot specify ParameterNameValues when ResetAllParameters is true.',
    )
  return Object.keys(group.values)
}

function without(desired: ParameterGroupDesired, names: readonly string[]): ParameterGroupDesired {
  const values = Object.entries(desired.values).filter(([name]) => !names.includes(name))
  return { ...desired, values: Object.fromEntries(values) }
}
