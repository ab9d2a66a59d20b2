/** Members have no rows that would take their tags along: whoever removes members forgets their tags. */
import { elasticacheArn, type Scope, type Store } from '@hotshelf/domain'

export async function forgetTagsOf(store: Store, scope: Scope, members: readonly string[]): Promise<void> {
  for (const id of members) {
    const arn = elasticacheArn(scope, 'cluster', id)
    const tags = await store.tags.of(arn)
    if (tags.length > 0)
      await store.tags.unset(
        arn,
        tags.map(tag => tag.key),
      )
  }
}
