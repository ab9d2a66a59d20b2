// Sessions that slide: reading one begins its ttl anew in the same round trip, but never past its longest life. Sessions
// of a user are indexed, so that one can log out everywhere. When the server is away every method throws
// CacheUnavailable: guessing who is logged in is not an option.
import { randomBytes } from 'node:crypto'
import { bytes, list, number, text } from '../client/reply.ts'
import { Encoding, type EncodingOptions } from '../codec/encoding.ts'
import type { Connection } from '../connection/connection.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { CREATE, READ, UPDATE } from './scripts.ts'

export interface SessionOptions extends EncodingOptions {
  /** Prefix of the keys. Default `'session'`. */
  readonly name?: string
  /** A session not read for this long ends. Default `'30m'`. */
  readonly ttl?: Duration
  /** It ends after this in any case. Default `'12h'`. */
  readonly maxAge?: Duration
}

const FRAME = { staleAt: 0, loadMs: 0, schemaVersion: 0, tags: [] }

export class Sessions<T> {
  readonly #connection: Connection
  readonly #name: string
  readonly #ttl: string
  readonly #maxAge: number
  readonly #encoding: Encoding

  constructor(connection: Connection, options: SessionOptions = {}) {
    this.#connection = connection
    this.#name = options.name ?? 'session'
    this.#ttl = String(milliseconds(options.ttl ?? '30m', 'ttl'))
    this.#maxAge = milliseconds(options.maxAge ?? '12h', 'maxAge')
    this.#encoding = new Encoding(options)
  }

  /** A new session; its id is 256 random bits. With a user it can be ended by `destroyAll`. */
  async create(
    data: T,
    { user = '', id = randomBytes(32).toString('base64url') }: { user?: string; id?: string } = {},
  ): Promise<string> {
    const args = [this.#encoding.encode(data, FRAME), this.#ttl, String(this.#maxAge), user]
    // Indexed first: a session nobody can find by its user must not exist.
    if (user !== '') await this.#index(user, id)
    await this.#connection.run(CREATE, { keys: [this.#key(id)], args, idempotent: true })
    return id
  }

  /** The data, and the session lives on; undefined when it has ended. */
  async read(id: string): Promise<T | undefined> {
    const data = bytes(await this.#connection.run(READ, { keys: [this.#key(id)], args: [this.#ttl], idempotent: true }))
    return data === undefined ? undefined : (this.#encoding.decode(data) as T)
  }

  /** False when the session has ended, which it then stays. */
  async update(id: string, data: T): Promise<boolean> {
    const args = [this.#encoding.encode(data, FRAME), this.#ttl]
    return number(await this.#connection.run(UPDATE, { keys: [this.#key(id)], args, idempotent: true })) === 1
  }

  /** False when there was none. */
  async destroy(id: string): Promise<boolean> {
    const key = this.#key(id)
    return number(await this.#connection.send({ args: ['UNLINK', key], key, idempotent: true })) === 1
  }

  /** Log a user out everywhere; the number of sessions that ended. */
  async destroyAll(user: string): Promise<number> {
    const ids = await this.list(user)
    const ended = await Promise.all(ids.map(id => this.destroy(id)))
    const key = this.#userKey(user)
    if (ids.length > 0) await this.#connection.send({ args: ['ZREM', key, ...ids], key, idempotent: true })
    return ended.filter(Boolean).length
  }

  /** Ids of a user's sessions; some may have ended by not being read. */
  async list(user: string): Promise<readonly string[]> {
    const key = this.#userKey(user)
    return list(await this.#connection.send({ args: ['ZRANGE', key, '0', '-1'], key })).map(text)
  }

  async #index(user: string, id: string): Promise<void> {
    const key = this.#userKey(user)
    const now = Date.now()
    await Promise.all([
      this.#connection.send({ args: ['ZREMRANGEBYSCORE', key, '-inf', String(now)], key, idempotent: true }),
      this.#connection.send({ args: ['ZADD', key, String(now + this.#maxAge), id], key, idempotent: true }),
      this.#connection.send({ args: ['PEXPIRE', key, String(this.#maxAge)], key, idempotent: true }),
    ])
  }

  #key(id: string): string {
    return `${this.#name}:${id}`
  }

  #userKey(user: string): string {
    return `${this.#name}#user:${user}`
  }
}
