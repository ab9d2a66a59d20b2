/** A family's defaults under a name of the customer's, to be changed afterwards. */
import {
  AlreadyExists,
  elasticacheArn,
  fault,
  isParameterFamily,
  requireIdentifier,
  requireWithinQuota,
} from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { renderParameterGroup } from './render.ts'

export const createCacheParameterGroup: Operation<'CreateCacheParameterGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireIdentifier('CacheParameterGroupName', input.CacheParameterGroupName)
  const family = input.CacheParameterGroupFamily ?? ''
  if (!isParameterFamily(family))
    throw fault(
      'InvalidParameterValueException',
      `CacheParameterGroupFamily ${family} is not a valid parameter group family.`,
    )
  const tags = readTags(input.Tags)
  return call.store.transaction(async store => {
    requireWithinQuota('parameterGroups', (await store.parameterGroups.list(scope)).length + 1)
    const arn = elasticacheArn(scope, 'parametergroup', name)
    const desired = { name, family, description: input.Description ?? '', values: {} }
    const row = await store.parameterGroups
      .insert({ ...scope, arn, name, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        if (!(error instanceof AlreadyExists)) throw error
        throw fault('CacheParameterGroupAlreadyExistsFault', `Parameter group ${name} already exists`)
      })
    await store.tags.set(arn, tags)
    return { CacheParameterGroup: renderParameterGroup(row) }
  })
}
