/** Every tag of every thing, by filter. */
import type { Tag } from '@hotshelf/domain'
import { applyFilters, type FilterTable } from '../filters.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { networkScope } from '../vpc/vpc.ts'
import { tagsIn } from '../with-tags.ts'
import { listTagged, type Tagged } from './find-tagged.ts'

interface OneTag {
  readonly tagged: Tagged
  readonly tag: Tag
  readonly tags: readonly Tag[]
}

export const describeTags: Operation<'DescribeTags'> = async (input, call) => {
  const scope = await networkScope(call)
  const all = await listTagged(call.store, scope)
  const tags = await call.store.tags.ofMany(all.map(tagged => tagged.arn))
  const single = all.flatMap(tagged => tagsIn(tags, tagged.arn).map(tag => ({ tagged, tag, tags: [tag] })))
  const found = applyFilters(single, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeTags', ({ tagged, tag }) => `${tagged.id} ${tag.key}`)
  return {
    Tags: items.map(({ tagged, tag }) => ({
      Key: tag.key,
      Value: tag.value,
      ResourceId: tagged.id,
      ResourceType: tagged.type,
    })),
    NextToken,
  }
}

const filters: FilterTable<OneTag> = {
  key: ({ tag }) => [tag.key],
  'resource-id': ({ tagged }) => [tagged.id],
  'resource-type': ({ tagged }) => [tagged.type],
  value: ({ tag }) => [tag.value],
}
