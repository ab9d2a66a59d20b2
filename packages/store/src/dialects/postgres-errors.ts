/**
 * PostgreSQL's SQLSTATE codes and the network's errors in our words.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { Bug, Unavailable } from '@hotshelf/domain'
import { Conflict, StoreUnusable } from '../errors.ts'

/** What pg says about its own connection; these errors carry no code. */
const lostWords = /^(connection terminated|client (has encountered|was closed)|query read timeout|timeout exceeded)/i

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The connection is gone or was never made: another one may work. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error)
  if (code === '') return error instanceof Error && lostWords.test(error.message)
  return /^(E[A-Z_]+|08...|57P0[123])$/.test(code)
}

/** Undone by PostgreSQL because another transaction won: a serialization failure or a deadlock. */
export const isConflict = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error))

const noTables = 'does not let this user make or use tables: make it the owner of its database.'

/** What has to be done by a person, by SQLSTATE. */
const remedies: Readonly<Record<string, string>> = {
  '28P01': 'refuses the password: correct it in the store URL.',
  '28000': 'does not let this user in: correct the user in the store URL, or allow it in pg_hba.conf.',
  '3D000': 'has no such database: create it (createdb), or correct its name in the store URL.',
  '42501': noTables,
  '3F000': noTables,
}

/** What passes by itself, or as soon as somebody makes room. */
const passing: Readonly<Record<string, string>> = {
  '53100': 'has a full disk: make room on it. Nothing acknowledged is lost.',
  '53200': 'is out of memory.',
  '53300': 'has no connection left: raise max_connections, or close other clients.',
  '25006': 'is read-only now: it may be a standby; the store URL must name the primary.',
  '25P03': 'ended a transaction that stood still for too long.',
  '55P03': 'kept a lock for too long.',
  '57014': 'took too long over a statement and stopped it.',
}

/** What the driver threw, as something a person or a loop can act on. The URL in `shown` has no password. */
export function postgresTrouble(error: unknown, shown: string): Error {
  const cause = { cause: error }
  const code = codeOf(error)
  const said = error instanceof Error ? error.message : String(error)
  if (isConflict(error)) return new Conflict(`${shown} undid this transaction in favour of another.`, cause)
  const remedy = remedies[code]
  if (remedy !== undefined) return new StoreUnusable(`PostgreSQL at ${shown} ${remedy} (${said})`, cause)
  const passes = passing[code]
  if (passes !== undefined) return new Unavailable(`PostgreSQL at ${shown} ${passes}`, 1000, cause)
  if (isLost(error)) {
    const reason = code === '' ? said : code
    return new Unavailable(
      `PostgreSQL at ${shown} does not answer (${reason}): start it, or correct the store URL.`,
      1000,
      cause,
    )
  }
  return new Bug(`PostgreSQL at ${shown}: ${said}`, cause)
}
