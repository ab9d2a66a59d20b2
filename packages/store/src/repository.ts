/**
 * One kind of resource: rows of `resources` with what control saw beside them.
 * A generation guards every change of `desired`; two writers never overwrite each other, the later one reads again.
 */
import { AlreadyExists, type Arn, type Repository, type ResourceKind, type Row, Unavailable } from '@hotshelf/domain'
import { sql } from 'kysely'
import { readConditions, readDocument, writeDocument } from './documents.ts'
import { newRevision, type Revisions } from './remembered-rows.ts'
import type { Session } from './session.ts'
import type { ObservationsTable, ResourcesTable } from './tables.ts'

/** Every loss is another writer's gain, so a change that loses this often meets something broken. */
const changeAttempts = 200

type Seen = Pick<ObservationsTable, 'observed' | 'conditions' | 'seen_at'> & { readonly seen_generation: number }
type Joined = ResourcesTable & Revisions & { readonly [Column in keyof Seen]: Seen[Column] | null }

export const repositoryOf = <Desired, Observed = never>(
  session: Session,
  kind: ResourceKind,
): Repository<Desired, Observed> => ({
  async insert({ arn, account, region, name, desired, createdAt }) {
    const record: ResourcesTable = {
      arn,
      account,
      region,
      kind,
      name,
      generation: 1,
      revision: newRevision(),
      desired: writeDocument(desired),
      pending: null,
      delete_requested_at: null,
      created_at: createdAt.getTime(),
    }
    // Not by catching a violation: on PostgreSQL that would end the transaction this may be part of.
    const inserted = await session.queries
      .insertInto('resources')
      .values(record)
      .onConflict(conflict => conflict.doNothing())
      .returning('arn')
      .execute()
    if (inserted.length === 0) throw new AlreadyExists(`${kind} ${name} already exists.`)
    return rowOf(record, undefined)
  },

  async get(arn) {
    const [record] = await joined(session, kind).where('resources.arn', '=', arn).execute()
    return record && readRow(record)
  },

  async find({ account, region }, name) {
    const [record] = await joined(session, kind)
      .where('account', '=', account)
      .where('region', '=', region)
      .where('name', '=', name)
      .execute()
    return record && readRow(record)
  },

  async list({ account, region }, page) {
    let query = revisions(session, kind).where('account', '=', account).where('region', '=', region).orderBy('name')
    if (page?.after !== undefined) query = query.where('name', '>', page.after)
    if (page?.limit !== undefined) query = query.limit(page.limit)
    return listed<Desired, Observed>(session, kind, () => query.execute())
  },

  listEverywhere: () =>
    listed<Desired, Observed>(session, kind, () =>
      revisions(session, kind).orderBy('account').orderBy('region').orderBy('name').execute(),
    ),

  async change(arn, change) {
    for (let attempt = 0; attempt < changeAttempts; attempt++) {
      const row = await this.get(arn)
      if (!row) return undefined
      const desired = change(row.desired, row)
      if (desired === row.desired) return row
      const changed = await write(session, row, { desired, name: row.name })
      if (changed) return changed
    }
    throw tooOften(arn)
  },

  async rename(arn, name, change) {
    for (let attempt = 0; attempt < changeAttempts; attempt++) {
      const row = await this.get(arn)
      if (!row) return undefined
      const holder = await this.find(row, name)
      if (holder && holder.arn !== arn) throw new AlreadyExists(`${kind} ${name} already exists.`)
      const changed = await write(session, row, { desired: change(row.desired, row), name })
      if (changed) return changed
    }
    throw tooOften(arn)
  },

  async setPending(arn, pending) {
    await session.queries
      .updateTable('resources')
      .set({ pending: pending === undefined ? null : writeDocument(pending), revision: newRevision() })
      .where('arn', '=', arn)
      .where('kind', '=', kind)
      .execute()
  },

  async requestDelete(arn, at) {
    await session.queries
      .updateTable('resources')
      .set(({ ref }) => ({
        delete_requested_at: at.getTime(),
        generation: sql<number>`${ref('generation')} + 1`,
        revision: newRevision(),
      }))
      .where('arn', '=', arn)
      .where('kind', '=', kind)
      .where('delete_requested_at', 'is', null)
      .execute()
    return this.get(arn)
  },

  remove: arn => session.atomically(inner => removeAll(inner, kind, arn)),
})

/** Undefined when somebody else wrote since the row was read, or has the name. */
async function write<Desired, Observed>(
  session: Session,
  row: Row<Desired, Observed>,
  { desired, name }: { readonly desired: Desired; readonly name: string },
): Promise<Row<Desired, Observed> | undefined> {
  const { account, region, kind, arn, generation } = row
  const text = writeDocument(desired)
  // Looked for in the same statement: a violation would end the transaction that this may be part of.
  const namesakes = session.queries
    .selectFrom('resources as other')
    .select('other.arn')
    .where('other.account', '=', account)
    .where('other.region', '=', region)
    .where('other.kind', '=', kind)
    .where('other.name', '=', name)
    .where('other.arn', '!=', arn)
  const update = session.queries
    .updateTable('resources')
    .set({ desired: text, name, generation: generation + 1, revision: newRevision() })
    .where('arn', '=', arn)
    .where('generation', '=', generation)
  const guarded = name === row.name ? update : update.where(({ not, exists }) => not(exists(namesakes)))
  const [written] = await guarded.returning('arn').execute()
  return written && { ...row, name, desired: readDocument<Desired>(text), generation: generation + 1 }
}

const tooOften = (arn: Arn) => new Unavailable(`${arn} is being changed too often to be changed.`)

/** The observation goes with its row by the foreign key. Leases stay: their numbers must never start again. */
async function removeAll({ queries }: Session, kind: ResourceKind, arn: Arn): Promise<void> {
  await queries.deleteFrom('resources').where('arn', '=', arn).where('kind', '=', kind).execute()
  await queries.deleteFrom('tags').where('arn', '=', arn).execute()
  await queries.deleteFrom('secrets').where('arn', '=', arn).execute()
}

/**
 * One question for the revisions; a second only where something changed since it was last read.
 * A row that goes away between the two makes it ask again, so that a page is never shorter than it has to be.
 */
async function listed<Desired, Observed>(
  session: Session,
  kind: ResourceKind,
  find: () => Promise<readonly Revisions[]>,
): Promise<readonly Row<Desired, Observed>[]> {
  for (;;) {
    const found = await find()
    const rows = new Map<string, unknown>()
    for (const revisions of found) rows.set(revisions.arn, session.remembered.recall(revisions))
    const changed = found.filter(({ arn }) => rows.get(arn) === undefined).map(({ arn }) => arn)
    const read = changed.length > 0 ? await fresh(session, kind, changed) : []
    for (const row of read) rows.set(row.arn, row)
    if (read.length === changed.length) return [...rows.values()] as Row<Desired, Observed>[]
  }
}

async function fresh(session: Session, kind: ResourceKind, arns: readonly string[]): Promise<readonly Row<unknown>[]> {
  const records = await joined(session, kind).where('resources.arn', 'in', session.terms.textRows(arns)).execute()
  return records.map(record => {
    const row = readRow<unknown, never>(record)
    session.remembered.keep(record, row, record.desired.length + (record.observed?.length ?? 0))
    return row
  })
}

const revisions = ({ queries }: Session, kind: ResourceKind) =>
  queries
    .selectFrom('resources')
    .leftJoin('observations', 'observations.arn', 'resources.arn')
    .select(['resources.arn as arn', 'resources.revision as revision', 'observations.revision as seen_revision'])
    .where('kind', '=', kind)

const joined = ({ queries }: Session, kind: ResourceKind) =>
  queries
    .selectFrom('resources')
    .leftJoin('observations', 'observations.arn', 'resources.arn')
    .selectAll('resources')
    .select([
      'observations.generation as seen_generation',
      'observations.revision as seen_revision',
      'observations.observed as observed',
      'observations.conditions as conditions',
      'observations.seen_at as seen_at',
    ])
    .where('kind', '=', kind)

const readRow = <Desired, Observed>(record: Joined): Row<Desired, Observed> => rowOf(record, seenIn(record))

function seenIn({ observed, conditions, seen_generation, seen_at }: Joined): Seen | undefined {
  if (observed === null || conditions === null || seen_generation === null || seen_at === null) return undefined
  return { observed, conditions, seen_generation, seen_at }
}

function rowOf<Desired, Observed>(record: ResourcesTable, seen: Seen | undefined): Row<Desired, Observed> {
  return {
    arn: record.arn as Arn,
    kind: record.kind as ResourceKind,
    account: record.account,
    region: record.region,
    name: record.name,
    generation: record.generation,
    desired: readDocument<Desired>(record.desired),
    pending: record.pending === null ? undefined : readDocument<Partial<Desired>>(record.pending),
    createdAt: new Date(record.created_at),
    deleteRequestedAt: record.delete_requested_at === null ? undefined : new Date(record.delete_requested_at),
    observation: seen && {
      generation: seen.seen_generation,
      observed: readDocument<Observed>(seen.observed),
      conditions: readConditions(seen.conditions),
      seenAt: new Date(seen.seen_at),
    },
  }
}
