/** What control saw, beside the row it saw it of. Seeing something of a resource that is gone is no error: it is late. */
import type { Observations } from '@hotshelf/domain'
import { readConditions, readDocument, writeDocument } from './documents.ts'
import { newRevision } from './remembered-rows.ts'
import type { Session } from './session.ts'

export const observationsOf = ({ queries, terms }: Session): Observations => ({
  async put(arn, { generation, observed, conditions, seenAt }) {
    await queries
      .insertInto('observations')
      .columns(['arn', 'generation', 'revision', 'observed', 'conditions', 'seen_at'])
      .expression(from =>
        from
          .selectFrom('resources')
          .select(({ val, cast }) => [
            'resources.arn',
            cast<number>(val(generation), 'bigint').as('generation'),
            cast<number>(val(newRevision()), 'bigint').as('revision'),
            terms.json(writeDocument(observed)).as('observed'),
            terms.json(writeDocument(conditions)).as('conditions'),
            cast<number>(val(seenAt.getTime()), 'bigint').as('seen_at'),
          ])
          .where('resources.arn', '=', arn),
      )
      .onConflict(conflict =>
        conflict.column('arn').doUpdateSet(({ ref }) => ({
          generation: ref('excluded.generation'),
          revision: ref('excluded.revision'),
          observed: ref('excluded.observed'),
          conditions: ref('excluded.conditions'),
          seen_at: ref('excluded.seen_at'),
        })),
      )
      .execute()
  },

  async get<Observed>(arn: string) {
    const seen = await queries.selectFrom('observations').selectAll().where('arn', '=', arn).executeTakeFirst()
    return (
      seen && {
        generation: seen.generation,
        observed: readDocument<Observed>(seen.observed),
        conditions: readConditions(seen.conditions),
        seenAt: new Date(seen.seen_at),
      }
    )
  },
})
