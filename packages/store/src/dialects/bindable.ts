/**
 * What may be bound to a statement, the same on both databases.
 * libsql aborts the whole process on a boolean, and no database keeps a NUL in a text (PostgreSQL refuses it,
 * SQLite cuts the text there), so neither gets as far as a driver.
 */
import { Bug } from '@hotshelf/domain'

export type Bindable = string | number | Uint8Array | null

export function bindable(value: unknown): Bindable {
  if (value === null || typeof value === 'number' || value instanceof Uint8Array) return value
  if (typeof value !== 'string') throw new Bug(`The store binds texts, numbers, bytes and null, not ${typeof value}.`)
  if (value.includes('\0')) throw new Bug('A text with a NUL character reached the store; no database keeps it.')
  return value
}
