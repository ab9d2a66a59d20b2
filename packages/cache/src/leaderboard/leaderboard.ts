// Leaderboards on sorted sets: highest score first. Ranks begin at 1. Equal scores are a tie: `rank` counts those with a
// higher score (1, 2, 2, 4), `position` is the place in the list, where ties are ordered by member, later names first.
import { list, number, optionalText, text } from '../client/reply.ts'
import type { Reply } from '../client/port.ts'
import { script } from '../client/script.ts'
import type { Connection } from '../connection/connection.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { type Clock, systemClock } from '../time/clock.ts'

export interface LeaderboardOptions {
  readonly name: string
  /** A board per UTC day, ISO week or month, each kept for `keep` after its last score. Default: one for ever. */
  readonly window?: 'day' | 'week' | 'month'
  /** Default `'60d'`. */
  readonly keep?: Duration
  readonly clock?: Clock
}

export interface Standing {
  readonly member: string
  readonly score: number
  readonly rank: number
  readonly position: number
}

/**
 * KEYS board · ARGV  member ('' for a page), first or how many around, count
 * Answers nil when the member is not on the board, else {first position, member, score, number above, …}.
 */
const PAGE = script(`
local first, count = tonumber(ARGV[2]), tonumber(ARGV[3])
if ARGV[1] ~= '' then
  local at = redis.call('ZREVRANK', KEYS[1], ARGV[1])
  if not at then return false end
  count = first * 2 + 1
  if at < first then count = at + first + 1 end
  first = math.max(0, at - first)
end
local found = redis.call('ZREVRANGE', KEYS[1], first, first + count - 1, 'WITHSCORES')
local reply = {first}
for i = 1, #found, 2 do
  reply[#reply + 1] = found[i]
  reply[#reply + 1] = found[i + 1]
  reply[#reply + 1] = redis.call('ZCOUNT', KEYS[1], '(' .. found[i + 1], '+inf')
end
return reply
`)

export class Leaderboard {
  readonly #connection: Connection
  readonly #options: LeaderboardOptions
  readonly #clock: Clock

  constructor(connection: Connection, options: LeaderboardOptions) {
    this.#connection = connection
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Set a score. `only: 'better'` keeps the higher of the two. */
  async set(member: string, score: number, { only }: { only?: 'better' } = {}): Promise<void> {
    await this.#write(['ZADD', ...(only ? ['GT'] : []), String(score), member])
  }

  /** Add to a score; the new one. Not repeated when the server is away: it might count twice. */
  async add(member: string, points: number): Promise<number> {
    const key = this.#key()
    const score = number(await this.#connection.send({ args: ['ZINCRBY', key, String(points), member], key }))
    await this.#keep(key)
    return score
  }

  async remove(...members: string[]): Promise<number> {
    return number(await this.#send(['ZREM', ...members]))
  }

  /** The first `count`, from `offset` on. */
  async top(count = 10, offset = 0): Promise<readonly Standing[]> {
    const reply = await this.#connection.run(PAGE, {
      keys: [this.#key()],
      args: ['', String(offset), String(count)],
      idempotent: true,
    })
    return standings(reply)
  }

  /** A member and `count` on either side; undefined when not on the board. */
  async around(member: string, count = 5): Promise<readonly Standing[] | undefined> {
    const reply = await this.#connection.run(PAGE, {
      keys: [this.#key()],
      args: [member, String(count), '0'],
      idempotent: true,
    })
    return reply === null ? undefined : standings(reply)
  }

  async standing(member: string): Promise<Standing | undefined> {
    return (await this.around(member, 0))?.[0]
  }

  async score(member: string): Promise<number | undefined> {
    const score = optionalText(await this.#send(['ZSCORE', member]))
    return score === undefined ? undefined : Number(score)
  }

  async size(): Promise<number> {
    return number(await this.#send(['ZCARD']))
  }

  #send([command, ...args]: string[]): Promise<Reply> {
    const key = this.#key()
    return this.#connection.send({ args: [command!, key, ...args], key, idempotent: true })
  }

  async #write(args: string[]): Promise<void> {
    await this.#send(args)
    await this.#keep(this.#key())
  }

  async #keep(key: string): Promise<void> {
    if (this.#options.window === undefined) return
    const px = String(milliseconds(this.#options.keep ?? '60d', 'keep'))
    await this.#connection.send({ args: ['PEXPIRE', key, px], key, idempotent: true })
  }

  #key(): string {
    const { name, window } = this.#options
    return window === undefined ? `board:${name}` : `board:${name}:${periodOf(window, new Date(this.#clock.now()))}`
  }
}

function standings(reply: Reply): readonly Standing[] {
  const [first, ...rest] = list(reply)
  const result: Standing[] = []
  for (let i = 0; i < rest.length; i += 3) {
    const position = number(first) + result.length + 1
    result.push({ member: text(rest[i]), score: number(rest[i + 1]), rank: number(rest[i + 2]) + 1, position })
  }
  return result
}

function periodOf(window: 'day' | 'week' | 'month', at: Date): string {
  if (window !== 'week') return at.toISOString().slice(0, window === 'day' ? 10 : 7)
  // The week a date belongs to is the one of its Thursday, and so is the year.
  const thursday = new Date(
    Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 4 - (at.getUTCDay() || 7)),
  )
  const days = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000
  return `${thursday.getUTCFullYear()}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`
}
