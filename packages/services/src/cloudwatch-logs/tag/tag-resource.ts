/** Adds tags to a log group, or replaces the values of keys that are there already. */
import type { Operation } from '../operation.ts'
import { addTags, readTags, requireTagged } from './tags.ts'

export const tagResource: Operation<'TagResource'> = async (input, call) => {
  await addTags(call.store, await requireTagged(input.resourceArn, call), readTags(input.tags))
  return {}
}
