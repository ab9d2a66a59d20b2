/**
 * Leases by one conditional statement each, so no two holders can both be told yes.
 * The number grows whenever the right passes on or had run out, and is never given out twice, not even to a
 * resource made again under its old ARN. Whose clock `until` is read by is the database's affair (`Terms.now`).
 */
import type { Leases } from '@hotshelf/domain'
import { sql } from 'kysely'
import type { Session } from './session.ts'

export const leasesOf = ({ queries, terms }: Session): Leases => ({
  async take(arn, holder, ttlMs) {
    const now = terms.now()
    const until = sql<number>`${now} + ${Math.ceil(ttlMs)}`
    const taken = await queries
      .insertInto('leases')
      .values({ arn, holder, number: 1, until })
      .onConflict(conflict =>
        conflict
          .column('arn')
          .doUpdateSet({
            holder: sql<string>`excluded.holder`,
            until: sql<number>`excluded.until`,
            number: sql<number>`leases.number + case when leases.holder = excluded.holder and leases.until >= ${now} then 0 else 1 end`,
          })
          .where(({ eb, or }) =>
            or([eb('leases.until', '<', now), eb('leases.holder', '=', sql<string>`excluded.holder`)]),
          ),
      )
      .returning('number')
      .executeTakeFirst()
    return taken?.number
  },

  async release(arn, holder) {
    await queries
      .updateTable('leases')
      .set({ holder: '', until: 0 })
      .where('arn', '=', arn)
      .where('holder', '=', holder)
      .execute()
  },

  async holds(arn, number) {
    const held = await queries
      .selectFrom('leases')
      .select('number')
      .where('arn', '=', arn)
      .where('number', '=', number)
      .where('until', '>=', terms.now())
      .executeTakeFirst()
    return held !== undefined
  },
})
