/**
 * Rows as they were last read, so that a list only fetches and parses what changed since.
 * Every write gives its row a revision that is never used again; the same two revisions mean the same row, whoever
 * wrote it, also inside a transaction and after one that was undone. Nothing here is ever out of date: it is only asked
 * for by revisions that were just read.
 */
import { randomInt } from 'node:crypto'
import type { Arn, Row } from '@hotshelf/domain'

/** Text of the documents in memory, in characters: some hundred kilobytes hold a hundred replication groups. */
const mostCharacters = 32_000_000

export interface Revisions {
  readonly arn: string
  readonly revision: number
  /** Null while nothing was observed. */
  readonly seen_revision: number | null
}

type AnyRow = Row<unknown, unknown>

interface Remembered {
  readonly revisions: Revisions
  readonly row: AnyRow
  readonly characters: number
}

/** By chance alone two revisions of one row would meet once in 2^48 writes. */
export const newRevision = (): number => randomInt(2 ** 48 - 1)

export class RememberedRows {
  readonly #rows = new Map<string, Remembered>()
  #characters = 0

  recall({ arn, revision, seen_revision }: Revisions): AnyRow | undefined {
    const known = this.#rows.get(arn)
    if (known?.revisions.revision !== revision || known.revisions.seen_revision !== seen_revision) return undefined
    return known.row
  }

  /** Frozen, because everybody who lists it from now on gets this one. */
  keep(revisions: Revisions, row: AnyRow, characters: number): void {
    this.#forget(revisions.arn)
    this.#rows.set(revisions.arn, { revisions, row: deepFreeze(row), characters })
    this.#characters += characters
    for (const oldest of this.#rows.keys()) {
      if (this.#characters <= mostCharacters) break
      this.#forget(oldest as Arn)
    }
  }

  #forget(arn: string): void {
    this.#characters -= this.#rows.get(arn)?.characters ?? 0
    this.#rows.delete(arn)
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
  return value
}
