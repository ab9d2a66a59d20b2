/**
 * Reading and showing tags. A member of a replication group shows the group's tags under its own: tags on a group count
 * for all of its nodes.
 */
import { type Arn, requireTags, type Store, type Tag } from '@hotshelf/domain'

interface GivenTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** The tags of a request for something new. AWS takes a tag without a value as one with an empty value. */
export const readTags = (given: readonly GivenTag[] | undefined, present: readonly Tag[] = []): readonly Tag[] =>
  requireTags(
    (given ?? []).map(({ Key: key = '', Value: value = '' }) => ({ key, value })),
    present,
  )

/** Where the tags of something are kept. */
export interface Tagged {
  readonly arn: Arn
  /** The replication group's ARN, for a member. */
  readonly inheritedFrom: Arn | undefined
}

export async function tagsOf(store: Store, { arn, inheritedFrom }: Tagged): Promise<readonly Tag[]> {
  const own = await store.tags.of(arn)
  if (inheritedFrom === undefined) return own
  const inherited = await store.tags.of(inheritedFrom)
  return [...new Map([...inherited, ...own].map(tag => [tag.key, tag])).values()]
}

export const renderTags = (tags: readonly Tag[]): { Key: string; Value: string }[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }))
