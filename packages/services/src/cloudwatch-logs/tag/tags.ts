/** Tags as this service carries them: a map. Their limits are those of every AWS resource. */
import { type Arn, fault, type Fault, type Store, type Tag } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { logGroupArn, logGroups } from '../log-group/log-group.ts'
import { noSuchLogGroup } from '../refusals.ts'

const most = 50

export function readTags(given: Readonly<Record<string, string>> | undefined): readonly Tag[] {
  const tags = Object.entries(given ?? {}).map(([key, value]) => ({ key, value }))
  for (const { key, value } of tags) {
    if (key.length < 1 || key.length > 128) throw invalid('A tag key has 1 to 128 characters.')
    if (value.length > 256) throw invalid('A tag value has at most 256 characters.')
    if (key.toLowerCase().startsWith('aws:')) throw invalid('Tag keys starting with aws: are reserved for AWS.')
  }
  if (tags.length > most) throw tooMany()
  return tags
}

export const renderTags = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]))

/** The ARN of a log group of the caller's account and region. AWS takes it with or without the trailing `:*`. */
export async function requireTagged(given: string | undefined, call: Call): Promise<Arn> {
  const scope = scopeOf(call)
  const text = (given ?? '').replace(/:\*$/, '')
  const beginning = logGroupArn(scope, '')
  if (!text.startsWith(beginning)) throw noSuchLogGroup()
  const row = await logGroups(call.store).find(scope, text.slice(beginning.length))
  if (!row) throw noSuchLogGroup()
  return row.arn
}

/** All or none; what is there already counts against the limit. */
export const addTags = (store: Store, arn: Arn, tags: readonly Tag[]): Promise<void> =>
  store.transaction(async inside => {
    await inside.tags.set(arn, tags)
    if ((await inside.tags.of(arn)).length > most) throw tooMany()
  })

const invalid = (message: string): Fault => fault('InvalidParameterException', message)

const tooMany = (): Fault => fault('TooManyTagsException', `A resource has at most ${most} tags.`)
