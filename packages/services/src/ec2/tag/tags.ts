/** Tags as EC2 carries them: with the call that makes a resource, by resource type, or later by id. */
import { type Arn, membersTag, parseMembers, type Store, type Tag } from '@hotshelf/domain'
import { type WireFault, wireFault } from '@hotshelf/wire'
import { invalidValue } from '../refusals.ts'

export interface GivenTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

export interface GivenSpecification {
  readonly ResourceType?: string | undefined
  readonly Tags?: readonly GivenTag[] | undefined
}

const most = 50

export function readTags(given: readonly GivenTag[] | undefined): readonly Tag[] {
  const tags = (given ?? []).map(({ Key: key = '', Value: value = '' }) => ({ key, value }))
  for (const { key, value } of tags) {
    if (key.length < 1 || key.length > 128) throw invalidValue('Tag key must have between 1 and 128 characters.')
    if (value.length > 256) throw invalidValue('Tag value exceeds the maximum length of 256 characters.')
    if (key === membersTag && !parseMembers(value))
      throw invalidValue(`Tag ${membersTag} must be IPv4 CIDR blocks, apart by spaces or commas.`)
    if (key.startsWith('aws:')) throw invalidValue("Tag keys starting with 'aws:' are reserved for internal use")
  }
  if (new Set(tags.map(tag => tag.key)).size < tags.length) throw invalidValue('Duplicate tag keys are not allowed.')
  if (tags.length > most) throw tooMany()
  return tags
}

/** The tags for a resource of one type. A specification of a type that the call does not make is refused. */
export function readSpecifications(given: readonly GivenSpecification[] | undefined, type: string): readonly Tag[] {
  for (const { ResourceType: other } of given ?? []) {
    if (other !== type) throw invalidValue(`'${other ?? ''}' is not a valid taggable resource type for this operation.`)
  }
  return readTags((given ?? []).flatMap(({ Tags: tags }) => tags ?? []))
}

/** All or none, and what is there already counts against the limit. */
export const addTags = (store: Store, arn: Arn, tags: readonly Tag[]): Promise<void> =>
  store.transaction(async inside => {
    await inside.tags.set(arn, tags)
    if ((await inside.tags.of(arn)).length > most) throw tooMany()
  })

/** For what has tags but no row of its own, such as a rule: nothing else takes them away with it. */
export async function forgetTags(store: Store, arns: readonly Arn[]): Promise<void> {
  for (const [arn, tags] of await store.tags.ofMany(arns)) {
    if (tags.length > 0)
      await store.tags.unset(
        arn,
        tags.map(tag => tag.key),
      )
  }
}

export const renderTags = (tags: readonly Tag[]): { Key: string; Value: string }[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }))

const tooMany = (): WireFault => wireFault('TagLimitExceeded', `The maximum number of Tags for a resource is ${most}.`)
