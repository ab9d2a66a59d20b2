/** Tags by resource, in the order they were given; a tag that gets a new value keeps its place. */
import type { Arn, Tag, Tags } from '@hotshelf/domain'
import { sql } from 'kysely'
import type { Session } from './session.ts'

export const tagsOf = ({ queries, terms }: Session): Tags => ({
  async of(arn) {
    return queries
      .selectFrom('tags')
      .select(['key', 'value'])
      .where('arn', '=', arn)
      .orderBy('position')
      .orderBy('key')
      .execute()
  },

  async ofMany(arns) {
    const found = await queries
      .selectFrom('tags')
      .select(['arn', 'key', 'value'])
      .where('arn', 'in', terms.textRows(arns))
      .orderBy('arn')
      .orderBy('position')
      .orderBy('key')
      .execute()
    const byArn = new Map<Arn, Tag[]>(arns.map(arn => [arn, []]))
    for (const { arn, key, value } of found) byArn.get(arn as Arn)?.push({ key, value })
    return byArn
  },

  async set(arn, tags) {
    // One statement cannot touch a row twice; the last value of a key is the one that counts.
    const wanted = [...new Map(tags.map(tag => [tag.key, tag.value]))]
    if (wanted.length === 0) return
    const last = sql<number>`(select coalesce(max(position), 0) from tags where arn = ${arn})`
    await queries
      .insertInto('tags')
      .values(
        wanted.map(([key, value], i) => ({ arn, key, value, position: sql<number>`${last} + ${sql.lit(i + 1)}` })),
      )
      .onConflict(conflict =>
        conflict.columns(['arn', 'key']).doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })),
      )
      .execute()
  },

  async unset(arn, keys) {
    await queries.deleteFrom('tags').where('arn', '=', arn).where('key', 'in', terms.textRows(keys)).execute()
  },
})
