/** Tags of keys. */
import { fault, type Tag } from '@hotshelf/domain'
import { requireKey } from '../key/key.ts'
import type { Operation } from '../operation.ts'
import { pageFrom } from '../page.ts'

interface GivenTag {
  readonly TagKey?: string | undefined
  readonly TagValue?: string | undefined
}

const most = 50

export function readTags(given: readonly GivenTag[] | undefined): readonly Tag[] {
  const tags = (given ?? []).map(({ TagKey: key = '', TagValue: value = '' }) => ({ key, value }))
  if (tags.some(({ key }) => key.startsWith('aws:')))
    throw fault('TagException', 'Tag keys beginning with aws: are reserved.')
  if (tags.some(({ key, value }) => key.length < 1 || key.length > 128 || value.length > 256))
    throw fault('TagException', 'A tag has a key of 1 to 128 and a value of at most 256 characters.')
  if (new Set(tags.map(({ key }) => key)).size < tags.length) throw fault('TagException', 'Duplicate tag keys.')
  if (tags.length > most) throw tooMany()
  return tags
}

const tooMany = () => fault('LimitExceededException', `A key has at most ${most} tags.`)

export const tagResource: Operation<'TagResource'> = async (input, call) => {
  const { arn } = await requireKey(input.KeyId, call)
  const tags = readTags(input.Tags)
  await call.store.transaction(async store => {
    await store.tags.set(arn, tags)
    if ((await store.tags.of(arn)).length > most) throw tooMany()
  })
  return {}
}

export const untagResource: Operation<'UntagResource'> = async (input, call) => {
  const { arn } = await requireKey(input.KeyId, call)
  await call.store.tags.unset(arn, input.TagKeys ?? [])
  return {}
}

export const listResourceTags: Operation<'ListResourceTags'> = async (input, call) => {
  const { arn } = await requireKey(input.KeyId, call)
  const tags = (await call.store.tags.of(arn)).map(({ key, value }) => ({ TagKey: key, TagValue: value }))
  const { items, ...rest } = pageFrom(tags, input, ({ TagKey }) => TagKey)
  return { Tags: items, ...rest }
}
