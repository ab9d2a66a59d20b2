// A store for express-session and @fastify/session, which share one contract of callbacks. Neither is imported: give the
// base class, `httpSessionStore(connection, session.Store)`, where the framework wants its stores to extend it.
//
// The cookie decides how long a session lives: until `cookie.expires`, else for `ttl` after each request.
import { EventEmitter } from 'node:events'
import { bytes, list, text } from '../client/reply.ts'
import type { Connection } from '../connection/connection.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

export interface HttpSessionStoreOptions {
  /** Prefix of the keys. Default `'sess'`. */
  readonly name?: string
  /** For cookies that end with the browser. Default `'1d'`. */
  readonly ttl?: Duration
}

interface SessionData {
  readonly cookie?: { readonly expires?: Date | string | null | undefined }
}

type Done<T = void> = (error?: unknown, result?: T) => void

export interface HttpSessionStore {
  get(id: string, done: (error: unknown, session?: never) => void): void
  set(id: string, session: object, done?: Done): void
  touch(id: string, session: object, done?: Done): void
  destroy(id: string, done?: Done): void
  /** Every session there is, each with its id. */
  all(done: (error: unknown, sessions?: readonly (object & { id: string })[]) => void): void
  clear(done?: Done): void
  length(done: (error: unknown, length?: number) => void): void
}

export function httpSessionStore<Base extends object = EventEmitter>(
  connection: Connection,
  Base: new () => Base = EventEmitter as never,
  options: HttpSessionStoreOptions = {},
): Base & HttpSessionStore {
  const prefix = `${options.name ?? 'sess'}:`
  const ttl = milliseconds(options.ttl ?? '1d', 'ttl')
  const lifetime = ({ cookie }: SessionData) =>
    cookie?.expires ? new Date(cookie.expires).getTime() - Date.now() : ttl
  const keyed = (id: string, ...args: string[]) => {
    const key = prefix + id
    return { args: [args[0]!, key, ...args.slice(1)], key, idempotent: true }
  }

  const keep = (id: string, session: SessionData, ...store: string[]): Promise<unknown> => {
    const left = Math.floor(lifetime(session))
    if (left <= 0) return connection.send(keyed(id, 'UNLINK'))
    return store.length > 0
      ? connection.send(keyed(id, 'SET', ...store, 'PX', String(left)))
      : connection.send(keyed(id, 'PEXPIRE', String(left)))
  }

  const methods: HttpSessionStore = {
    get: (id, done) =>
      answer(async () => {
        const data = bytes(await connection.send({ args: ['GET', prefix + id], key: prefix + id }))
        return data === undefined ? undefined : (JSON.parse(data.toString()) as never)
      }, done),
    set: (id, session, done) => answer(() => keep(id, session, JSON.stringify(session)).then(() => undefined), done),
    touch: (id, session, done) => answer(() => keep(id, session).then(() => undefined), done),
    destroy: (id, done) => answer(() => connection.send(keyed(id, 'UNLINK')).then(() => undefined), done),
    all: done =>
      answer(async () => {
        const ids: string[] = []
        await walk(connection, prefix, async names => void ids.push(...names.map(name => name.slice(prefix.length))))
        const replies = await connection.pipeline(
          ids.map(id => ({ args: ['GET', prefix + id], key: prefix + id, readonly: true })),
        )
        // One that ended meanwhile is not there any more; SCAN may name one twice.
        const found = new Map<string, object & { id: string }>()
        replies.forEach((reply, i) => {
          if (reply instanceof Error) throw reply
          const data = bytes(reply)
          if (data) found.set(ids[i]!, { ...(JSON.parse(data.toString()) as object), id: ids[i]! })
        })
        return [...found.values()]
      }, done),
    clear: done =>
      answer(
        () =>
          walk(connection, prefix, names =>
            connection.pipeline(names.map(name => ({ args: ['UNLINK', name], key: name }))),
          ).then(() => undefined),
        done,
      ),
    length: done => answer(() => walk(connection, prefix), done),
  }
  return Object.assign(new Base(), methods)
}

/** Callbacks run outside the promise, so what they throw is not swallowed by it. */
function answer<T>(work: () => Promise<T>, done: ((error: unknown, result?: T) => void) | undefined): void {
  work().then(
    result => process.nextTick(() => done?.(null, result)),
    (error: unknown) => process.nextTick(() => done?.(error)),
  )
}

async function walk(
  connection: Connection,
  prefix: string,
  each?: (names: string[]) => Promise<unknown>,
): Promise<number> {
  const counts = await Promise.all(
    (await connection.primaries()).map(async node => {
      let [cursor, count] = ['0', 0]
      do {
        const [next, page] = list(await node.send(['SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', '500']))
        const names = list(page).map(text)
        count += names.length
        await each?.(names)
        cursor = text(next)
      } while (cursor !== '0')
      return count
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
