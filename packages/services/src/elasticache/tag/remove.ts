/** Removes tags by key. A key that a member has from its group is removed from the group, not from the member. */
import { fault } from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { findTagged } from './find-tagged.ts'
import { renderTags, tagsOf } from './tags.ts'

export const removeTagsFromResource: Operation<'RemoveTagsFromResource'> = async (input, call) => {
  const tagged = await findTagged(input.ResourceName ?? '', call)
  const keys = input.TagKeys ?? []
  return call.store.transaction(async store => {
    const present = new Set((await store.tags.of(tagged.arn)).map(tag => tag.key))
    const absent = keys.filter(key => !present.has(key))
    if (absent.length > 0) throw fault('TagNotFoundFault', `Tags not found on the resource: ${absent.join(', ')}`)
    await store.tags.unset(tagged.arn, keys)
    return { TagList: renderTags(await tagsOf(store, tagged)) }
  })
}
