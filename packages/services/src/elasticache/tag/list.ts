/** The tags of one resource, by ARN. */
import type { Operation } from '../operation.ts'
import { findTagged } from './find-tagged.ts'
import { renderTags, tagsOf } from './tags.ts'

export const listTagsForResource: Operation<'ListTagsForResource'> = async (input, call) => ({
  TagList: renderTags(await tagsOf(call.store, await findTagged(input.ResourceName ?? '', call))),
})
