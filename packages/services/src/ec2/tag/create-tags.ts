/** Adds tags to things, or replaces the values of keys that are there already. */
import { membersTag } from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { missing } from '../refusals.ts'
import { wakeCaches } from '../security-group/wake-caches.ts'
import { networkScope } from '../vpc/vpc.ts'
import { requireTagged } from './find-tagged.ts'
import { addTags, readTags } from './tags.ts'

export const createTags: Operation<'CreateTags'> = async (input, call) => {
  const scope = await networkScope(call)
  const tags = readTags(input.Tags)
  if (tags.length === 0) throw missing('Tag')
  await call.store.transaction(async store => {
    for (const { arn } of await requireTagged(store, scope, input.Resources ?? [])) await addTags(store, arn, tags)
  })
  if (tags.some(({ key }) => key === membersTag)) await wakeCaches(call, scope)
  return {}
}
