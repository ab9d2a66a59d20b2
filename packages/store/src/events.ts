/** The outbox. Sequence numbers become visible in their order, so a follower that remembers one number misses nothing. */
import type { Arn, EventEntry, EventLog, EventSourceType } from '@hotshelf/domain'
import type { Selectable } from 'kysely'
import type { Session } from './session.ts'
import type { EventsTable } from './tables.ts'

export const eventsOf = (session: Session): EventLog => ({
  append: ({ account, region }, { arn, sourceType, sourceId, message, at }) =>
    session.atomically(async ({ queries, terms }) => {
      await terms.lockEvents(queries)
      await queries
        .insertInto('events')
        .values({ account, region, arn, source_type: sourceType, source_id: sourceId, message, at: at.getTime() })
        .execute()
    }),

  async list({ account, region }, { sourceType, sourceId, from, to, afterSeq, limit }) {
    let query = session.queries
      .selectFrom('events')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .where('at', '>=', from.getTime())
      .where('at', '<=', to.getTime())
    if (sourceType !== undefined) query = query.where('source_type', '=', sourceType)
    if (sourceId !== undefined) query = query.where('source_id', '=', sourceId)
    if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq)
    return (await query.orderBy('seq').limit(limit).execute()).map(entryOf)
  },

  async since(seq, limit) {
    const query = session.queries.selectFrom('events').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit)
    return (await query.execute()).map(entryOf)
  },

  async prune(before) {
    await session.queries.deleteFrom('events').where('at', '<', before.getTime()).execute()
  },
})

const entryOf = (event: Selectable<EventsTable>): EventEntry => ({
  seq: event.seq,
  account: event.account,
  region: event.region,
  arn: event.arn as Arn,
  sourceType: event.source_type as EventSourceType,
  sourceId: event.source_id,
  message: event.message,
  at: new Date(event.at),
})
