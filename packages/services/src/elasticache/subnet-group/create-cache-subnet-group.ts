/** Names subnets of one VPC, so that caches can be placed in their availability zones. */
import { AlreadyExists, elasticacheArn, fault, requireIdentifier, requireWithinQuota } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { defaultSubnetGroup } from './find.ts'
import { renderSubnetGroup } from './render.ts'
import { readSubnets } from './subnets.ts'

export const createCacheSubnetGroup: Operation<'CreateCacheSubnetGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireIdentifier('CacheSubnetGroupName', input.CacheSubnetGroupName)
  if (name === defaultSubnetGroup) throw alreadyExists(name)
  const tags = readTags(input.Tags)
  const placed = await readSubnets(input.SubnetIds, call)
  return call.store.transaction(async store => {
    requireWithinQuota('subnetGroups', (await store.subnetGroups.list(scope)).length + 1)
    const arn = elasticacheArn(scope, 'subnetgroup', name)
    const desired = { name, description: input.CacheSubnetGroupDescription ?? '', ...placed }
    const row = await store.subnetGroups
      .insert({ ...scope, arn, name, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists(name) : error
      })
    await store.tags.set(arn, tags)
    return { CacheSubnetGroup: renderSubnetGroup(row) }
  })
}

const alreadyExists = (name: string) =>
  fault('CacheSubnetGroupAlreadyExistsFault', `Cache subnet group ${name} already exists.`)
