// Counters of three kinds: exact numbers, unique visitors (HyperLogLog: 12 KB for any number of them, 0.81 % off), and
// days on which somebody was active (bitmaps: one bit per numbered user).
import { number, optionalText } from '../client/reply.ts'
import { script } from '../client/script.ts'
import type { Connection } from '../connection/connection.ts'
import { InvalidOption } from '../errors.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

/** KEYS scratch, periods… · ARGV AND or OR · Answers the number of bits; the scratch key does not stay. */
const COMBINE = script(`
redis.call('BITOP', ARGV[1], unpack(KEYS))
local count = redis.call('BITCOUNT', KEYS[1])
redis.call('UNLINK', KEYS[1])
return count
`)

/** KEYS counter · ARGV by, ttl ms or 0 · The ttl starts when the counter does. Answers the number. */
const ADD = script(`
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if ARGV[2] ~= '0' and redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return count
`)

export interface CounterOptions {
  readonly name: string
  /** How long after its first count it is forgotten. Default: never. */
  readonly ttl?: Duration
}

/** Exact counters, one per subject. */
export class Counter {
  readonly #connection: Connection
  readonly #name: string
  readonly #ttl: string

  constructor(connection: Connection, { name, ttl }: CounterOptions) {
    this.#connection = connection
    this.#name = name
    this.#ttl = ttl === undefined ? '0' : String(milliseconds(ttl))
  }

  /** Not repeated when the server is away: it might count twice. */
  async add(subject: string, by = 1): Promise<number> {
    if (!Number.isSafeInteger(by)) throw new InvalidOption(`add: ${by} is not a whole number`)
    return number(await this.#connection.run(ADD, { keys: [this.#key(subject)], args: [String(by), this.#ttl] }))
  }

  async get(subject: string): Promise<number> {
    const key = this.#key(subject)
    return Number(optionalText(await this.#connection.send({ args: ['GET', key], key, readonly: true })) ?? 0)
  }

  /** The number it had, and begin at 0 again, in one step: what was read is counted nowhere else. */
  async take(subject: string): Promise<number> {
    const key = this.#key(subject)
    return Number(optionalText(await this.#connection.send({ args: ['GETDEL', key], key })) ?? 0)
  }

  #key(subject: string): string {
    return `count:${this.#name}:${subject}`
  }
}

/** How many different ones: visitors of a page, addresses of an account. Counted per period, and over several. */
export class UniqueCounter {
  readonly #connection: Connection
  readonly #name: string
  readonly #ttl: number | undefined

  constructor(connection: Connection, { name, ttl }: CounterOptions) {
    this.#connection = connection
    this.#name = name
    this.#ttl = ttl === undefined ? undefined : milliseconds(ttl)
  }

  /** Adding twice counts once, so it is safe to repeat. */
  async add(period: string, ...members: string[]): Promise<void> {
    const key = this.#key(period)
    const expire =
      this.#ttl === undefined
        ? []
        : [this.#connection.send({ args: ['PEXPIRE', key, String(this.#ttl)], key, idempotent: true })]
    await Promise.all([this.#connection.send({ args: ['PFADD', key, ...members], key, idempotent: true }), ...expire])
  }

  /** Those of any of the periods, each once. */
  async count(...periods: string[]): Promise<number> {
    const keys = periods.map(period => this.#key(period))
    return number(await this.#connection.send({ args: ['PFCOUNT', ...keys], key: keys[0]!, readonly: true }))
  }

  /** Periods share a slot, so that they can be counted together in a cluster. */
  #key(period: string): string {
    return `unique:{${this.#name}}:${period}`
  }
}

/** Who, by number, was active in a period. Numbers should be dense: the highest decides the size, an eighth of it in bytes. */
export class ActiveUsers {
  readonly #connection: Connection
  readonly #name: string

  constructor(connection: Connection, { name }: Pick<CounterOptions, 'name'>) {
    this.#connection = connection
    this.#name = name
  }

  async mark(period: string, user: number): Promise<void> {
    const key = this.#key(period)
    if (!(Number.isInteger(user) && user >= 0 && user < 2 ** 32))
      throw new InvalidOption(`mark: ${user} is not a bit's number`)
    await this.#connection.send({ args: ['SETBIT', key, String(user), '1'], key, idempotent: true })
  }

  async wasActive(period: string, user: number): Promise<boolean> {
    const key = this.#key(period)
    return number(await this.#connection.send({ args: ['GETBIT', key, String(user)], key, readonly: true })) === 1
  }

  async count(period: string): Promise<number> {
    const key = this.#key(period)
    return number(await this.#connection.send({ args: ['BITCOUNT', key], key, readonly: true }))
  }

  /** How many were active in all of the periods, or in any. */
  async countOf(how: 'all' | 'any', ...periods: string[]): Promise<number> {
    const keys = periods.map(period => this.#key(period))
    const scratch = this.#key(`:${how}:${periods.join(',')}`)
    const args = [how === 'all' ? 'AND' : 'OR']
    return number(await this.#connection.run(COMBINE, { keys: [scratch, ...keys], args, idempotent: true }))
  }

  #key(period: string): string {
    return `active:{${this.#name}}:${period}`
  }
}
