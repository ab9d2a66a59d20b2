/**
 * Removes tags by key. A tag given with a value goes only if it has that value; without any tag, all of them go.
 */
import type { Tag } from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { wakeCaches } from '../security-group/wake-caches.ts'
import { networkScope } from '../vpc/vpc.ts'
import { requireTagged } from './find-tagged.ts'
import type { GivenTag } from './tags.ts'

export const deleteTags: Operation<'DeleteTags'> = async (input, call) => {
  const scope = await networkScope(call)
  await call.store.transaction(async store => {
    for (const { arn } of await requireTagged(store, scope, input.Resources ?? [])) {
      const present = await store.tags.of(arn)
      await store.tags.unset(
        arn,
        present.filter(tag => isMeant(tag, input.Tags)).map(tag => tag.key),
      )
    }
  })
  await wakeCaches(call, scope)
  return {}
}

const isMeant = ({ key, value }: Tag, given: readonly GivenTag[] | undefined): boolean =>
  !given?.length || given.some(tag => tag.Key === key && (tag.Value === undefined || tag.Value === value))
