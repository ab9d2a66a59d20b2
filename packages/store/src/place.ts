/**
 * Where a store's data lives, read from its URL.
 * `shown` is the only form that may reach a message or a log: it never holds a password.
 */
import { resolve } from 'node:path'
import { StoreUnusable } from './errors.ts'

export type Place =
  | { readonly kind: 'sqlite'; readonly path: string; readonly shown: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly shown: string }

export const inMemory = ':memory:'

/** `postgres://…`, `sqlite:<path>`, `:memory:` or a plain path. */
export function parsePlace(url: string): Place {
  if (/^postgres(ql)?:\/\//i.test(url)) return { kind: 'postgres', url, shown: withoutPassword(url) }
  const path = url.replace(/^sqlite:(\/\/(?=\/))?/i, '')
  if (path === '' || /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new StoreUnusable(
      `A store is kept at sqlite:<path>, a plain path or postgres://user@host/database, not at "${withoutPassword(url)}".`,
    )
  }
  if (path === inMemory) return { kind: 'sqlite', path, shown: 'the in-memory database' }
  return { kind: 'sqlite', path: resolve(path), shown: resolve(path) }
}

/**
 * A password may hold any character, so everything from the user's colon to the last "@" goes, and with it sometimes a
 * little more than the password. It may also stand in the query.
 */
function withoutPassword(url: string): string {
  const [address = '', query] = url.replace(/^([a-z0-9+.-]+:\/\/[^:/@]*):.*@/is, '$1@').split(/\?(.*)/s)
  const kept = (query ?? '').split('&').filter(part => part !== '' && !/^(ssl)?password=/i.test(part))
  return kept.length > 0 ? `${address}?${kept.join('&')}` : address
}
