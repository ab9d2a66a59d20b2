/** Removes tags by key; keys that are not there are no error. */
import type { Operation } from '../operation.ts'
import { requireTagged } from './tags.ts'

export const untagResource: Operation<'UntagResource'> = async (input, call) => {
  await call.store.tags.unset(await requireTagged(input.resourceArn, call), input.tagKeys ?? [])
  return {}
}
