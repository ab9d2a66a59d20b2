/**
 * The queries that run now, and how a piece of work becomes all-or-nothing.
 * Inside a transaction every part of the store holds a session of that transaction; nested work joins it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Bug } from '@hotshelf/domain'
import type { Database, Queries, Terms } from './database.ts'
import { Conflict } from './errors.ts'
import { RememberedRows } from './remembered-rows.ts'

export interface Session {
  readonly queries: Queries
  readonly terms: Terms
  readonly remembered: RememberedRows
  /** All or nothing. Work that lost against another transaction runs again, so it acts on nothing but the session. */
  atomically<T>(work: (session: Session) => Promise<T>): Promise<T>
}

/** Each loss means that another transaction won, so losing this often in a row is next to impossible. */
const attempts = 30

export function sessionOf({ queries, terms }: Database): Session {
  const remembered = new RememberedRows()
  return {
    queries,
    terms,
    remembered,
    async atomically(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await queries
            .transaction()
            .setIsolationLevel('serializable')
            .execute(transaction => work(joined({ queries: transaction, terms, remembered })))
        } catch (error) {
          if (!(error instanceof Conflict) || attempt === attempts) throw error
          await sleep(Math.random() * 10 * attempt)
        }
      }
    },
  }
}

function joined(parts: Omit<Session, 'atomically'>): Session {
  const session: Session = { ...parts, atomically: work => work(session) }
  return session
}

/** For statements that always answer one row. */
export function only<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Bug('A statement that always answers one row answered none.')
  return row
}
