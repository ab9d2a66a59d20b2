/** Rows with their tags, in one question each, for whatever is filtered by both. */
import type { Arn, Repository, Row, Scope, Store, Tag } from '@hotshelf/domain'

export interface WithTags<Desired> {
  readonly row: Row<Desired>
  readonly tags: readonly Tag[]
}

export async function listWithTags<Desired>(
  repository: Repository<Desired>,
  store: Store,
  scope: Scope,
): Promise<readonly WithTags<Desired>[]> {
  const rows = await repository.list(scope)
  const tags = await store.tags.ofMany(rows.map(row => row.arn))
  return rows.map(row => ({ row, tags: tagsIn(tags, row.arn) }))
}

export const tagsIn = (tags: ReadonlyMap<Arn, readonly Tag[]>, arn: Arn): readonly Tag[] => tags.get(arn) ?? []
