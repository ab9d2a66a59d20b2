/** Walks over one value by its type. Types and their layouts: `rdb.h` and `rdb.c` of Redis 7.0, 7.2 and Valkey 7.2 to 9. */
import { BadData } from '@hotshelf/domain'
import type { Cursor } from './cursor.ts'

export const isValueType = (type: number): boolean => walks[type] !== undefined

export function skipValue(cursor: Cursor, type: number): void {
  const walk = walks[type]
  if (!walk) throw new BadData(`values of type ${type} are not known`)
  walk(cursor)
}

type Walk = (cursor: Cursor) => void

const text: Walk = cursor => cursor.skipText()

const texts =
  (each: number): Walk =>
  cursor => {
    for (let left = cursor.length() * each; left > 0; left--) cursor.skipText()
  }

/** A score as text: its length in one byte, of which the highest three are words of their own. */
const oldScores: Walk = cursor => {
  for (let left = cursor.length(); left > 0; left--) {
    cursor.skipText()
    const length = cursor.byte()
    if (length < 253) cursor.skip(length)
  }
}

const scores: Walk = cursor => {
  for (let left = cursor.length(); left > 0; left--) {
    cursor.skipText()
    cursor.skip(8)
  }
}

const quicklist2: Walk = cursor => {
  for (let left = cursor.length(); left > 0; left--) {
    cursor.length()
    cursor.skipText()
  }
}

/** Fields with times to live of their own (Valkey 9): field, value, and when it ends. */
const expiringFields: Walk = cursor => {
  for (let left = cursor.length(); left > 0; left--) {
    cursor.skipText()
    cursor.skipText()
    cursor.skip(8)
  }
}

const lengths = (cursor: Cursor, count: number): void => {
  for (let left = count; left > 0; left--) cursor.length()
}

/** An entry's id is 16 bytes of its own, a time 8. */
const stream =
  (edition: 1 | 2 | 3): Walk =>
  cursor => {
    texts(2)(cursor)
    // Length and last id; from the second edition on the first id, the highest deleted one, and how many were ever added.
    lengths(cursor, edition === 1 ? 3 : 8)
    for (let groups = cursor.length(); groups > 0; groups--) {
      cursor.skipText()
      lengths(cursor, edition === 1 ? 2 : 3)
      for (let pending = cursor.length(); pending > 0; pending--) {
        cursor.skip(24)
        cursor.length()
      }
      for (let consumers = cursor.length(); consumers > 0; consumers--) {
        cursor.skipText()
        cursor.skip(edition === 3 ? 16 : 8)
        cursor.skip(cursor.length() * 16)
      }
    }
  }

/** What a module wrote, piece by piece until the mark of its end. */
export function skipModule(cursor: Cursor): void {
  for (;;) {
    const kind = cursor.length()
    if (kind === 0) return
    if (kind === 1 || kind === 2) cursor.length()
    else if (kind === 3) cursor.skip(4)
    else if (kind === 4) cursor.skip(8)
    else if (kind === 5) cursor.skipText()
    else throw new BadData(`a module's data is written in an unknown way (${kind})`)
  }
}

const walks: Readonly<Partial<Record<number, Walk>>> = {
  0: text,
  1: texts(1),
  2: texts(1),
  3: oldScores,
  4: texts(2),
  5: scores,
  7: cursor => {
    cursor.length()
    skipModule(cursor)
  },
  9: text,
  10: text,
  11: text,
  12: text,
  13: text,
  14: texts(1),
  15: stream(1),
  16: text,
  17: text,
  18: quicklist2,
  19: stream(2),
  20: text,
  21: stream(3),
  22: expiringFields,
}
