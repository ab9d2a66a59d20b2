/**
 * The audit trail. What a record can be found by lies in a table of its own, so that every way to look it up reads one
 * index from its newest end, and never the records that do not match.
 */
import { randomUUID } from 'node:crypto'
import { type AuditEntry, type AuditLog, auditAttributes, auditKinds, type AuditRecord } from '@hotshelf/domain'
import type { Selectable } from 'kysely'
import { readDocument, writeDocument } from './documents.ts'
import type { Queries } from './database.ts'
import type { Session } from './session.ts'
import type { AuditTable } from './tables.ts'

/** Parameters of one statement are bounded, and a batch may be long. */
const rowsAtOnce = 500

export const auditOf = (session: Session): AuditLog => ({
  append: records =>
    session.atomically(async ({ queries }) => {
      for (const batch of batches(records)) await appendBatch(queries, batch)
    }),

  async lookup({ account, region }, { attribute, from, to, beforeSeq, limit }) {
    let query = session.queries
      .selectFrom('audit')
      .selectAll('audit')
      .where('account', '=', account)
      .where('region', '=', region)
      .where('at', '>=', from.getTime())
      .where('at', '<=', to.getTime())
    if (attribute) {
      query = query
        .innerJoin('audit_attributes', 'audit_attributes.seq', 'audit.seq')
        .where('audit_attributes.attribute', '=', attribute.name)
        .where('audit_attributes.value', '=', attribute.value)
    }
    if (beforeSeq !== undefined) query = query.where('audit.seq', '<', beforeSeq)
    return (await query.orderBy('audit.seq', 'desc').limit(limit).execute()).map(entryOf)
  },

  async prune({ before, most }) {
    await session.queries.deleteFrom('audit').where('at', '<', before.getTime()).execute()
    for (const kind of auditKinds) {
      const last = await session.queries
        .selectFrom('audit')
        .select('seq')
        .where('kind', '=', kind)
        .orderBy('seq', 'desc')
        .limit(1)
        .offset(most)
        .executeTakeFirst()
      if (!last) continue
      await session.queries.deleteFrom('audit').where('kind', '=', kind).where('seq', '<=', last.seq).execute()
    }
  },
})

async function appendBatch(queries: Queries, records: readonly AuditRecord[]): Promise<void> {
  // The rows come back in no promised order; this tells which is whose.
  const keyed = records.map(record => ({ key: randomUUID(), record }))
  const inserted = await queries
    .insertInto('audit')
    .values(
      keyed.map(({ key, record }) => ({
        key,
        account: record.account,
        region: record.region,
        kind: record.kind,
        at: record.at.getTime(),
        record: writeDocument(record),
      })),
    )
    .returning(['seq', 'key'])
    .execute()
  const seqOf = new Map(inserted.map(({ seq, key }) => [key, seq]))
  const attributes = keyed.flatMap(({ key, record }) =>
    auditAttributes(record).map(([attribute, value]) => ({ attribute, value, seq: seqOf.get(key) as number })),
  )
  for (const batch of batches(attributes)) await queries.insertInto('audit_attributes').values(batch).execute()
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += rowsAtOnce) yield items.slice(at, at + rowsAtOnce)
}

const entryOf = ({ seq, at, record }: Selectable<AuditTable>): AuditEntry => ({
  ...readDocument<AuditRecord>(record),
  at: new Date(at),
  seq,
})
