/** The tags of a log group, by ARN. */
import type { Operation } from '../operation.ts'
import { renderTags, requireTagged } from './tags.ts'

export const listTagsForResource: Operation<'ListTagsForResource'> = async (input, call) => ({
  tags: renderTags(await call.store.tags.of(await requireTagged(input.resourceArn, call))),
})
