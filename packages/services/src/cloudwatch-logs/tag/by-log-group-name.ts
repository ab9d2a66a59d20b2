/** The older tag calls, which name a log group instead of an ARN. AWS keeps them; so do older tools. */
import { requireLogGroup } from '../log-group/log-group.ts'
import type { Operation } from '../operation.ts'
import { addTags, readTags, renderTags } from './tags.ts'

export const listTagsLogGroup: Operation<'ListTagsLogGroup'> = async (input, call) => ({
  tags: renderTags(await call.store.tags.of((await requireLogGroup(input.logGroupName, call)).arn)),
})

export const tagLogGroup: Operation<'TagLogGroup'> = async (input, call) => {
  await addTags(call.store, (await requireLogGroup(input.logGroupName, call)).arn, readTags(input.tags))
  return {}
}

export const untagLogGroup: Operation<'UntagLogGroup'> = async (input, call) => {
  await call.store.tags.unset((await requireLogGroup(input.logGroupName, call)).arn, input.tags ?? [])
  return {}
}
