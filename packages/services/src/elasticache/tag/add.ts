/** Adds tags, or replaces the values of keys that are there already. */
import type { Operation } from '../operation.ts'
import { findTagged } from './find-tagged.ts'
import { readTags, renderTags, tagsOf } from './tags.ts'

export const addTagsToResource: Operation<'AddTagsToResource'> = async (input, call) => {
  const tagged = await findTagged(input.ResourceName ?? '', call)
  return call.store.transaction(async store => {
    // The quota counts what there would be.
    readTags(input.Tags, await tagsOf(store, tagged))
    await store.tags.set(tagged.arn, readTags(input.Tags))
    return { TagList: renderTags(await tagsOf(store, tagged)) }
  })
}
