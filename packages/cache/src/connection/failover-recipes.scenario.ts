// A primary dies while every recipe is at work on its shard and on others: no wrong value, nothing counted twice, and each
// works again on every key without a restart.
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { Cache } from '../cache/cache.ts'
import { Counter } from '../counter/counter.ts'
import { EventStream } from '../event-stream/event-stream.ts'
import { Leaderboard } from '../leaderboard/leaderboard.ts'
import { semaphore } from '../lock/locks.ts'
import { Channel } from '../pub-sub/channel.ts'
import { RateLimiter } from '../rate-limit/rate-limiter.ts'
import { Sessions } from '../session/sessions.ts'

const world = new World()
afterEach(() => world.end())

/** So many names that each shard has some of every recipe's. */
const subjects = 12

/** Goes round the subjects until told to stop; an outage is no failure, a wrong answer is. */
class Work {
  readonly succeeded = new Map<string, number>()
  readonly attempts = new Map<string, number>()
  readonly wrong: unknown[] = []
  readonly #loops: Promise<void>[] = []
  on = true

  /** `check` is called with the answer and with how often the step was begun for this subject, this time included. */
  go<T>(recipe: string, step: (subject: string) => Promise<T>, check: (answer: T, begun: number) => void): void {
    const loop = async () => {
      for (let n = 0; this.on; n++) {
        const subject = `s${n % subjects}`
        const name = `${recipe} ${subject}`
        const begun = (this.attempts.get(name) ?? 0) + 1
        this.attempts.set(name, begun)
        // Hits in memory never leave the microtasks; the sockets must have their turn.
        await new Promise(resolve => setImmediate(resolve))
        const answer = await step(subject).then(
          value => ({ value }),
          () => undefined,
        )
        if (answer === undefined) continue
        this.succeeded.set(name, (this.succeeded.get(name) ?? 0) + 1)
        try {
          check(answer.value, begun)
        } catch (error) {
          this.wrong.push(`${name}: ${String(error)}`)
        }
      }
    }
    this.#loops.push(loop())
  }

  async stop(): Promise<void> {
    this.on = false
    await Promise.all(this.#loops)
  }
}

test('every recipe goes on when the primary of a shard is killed', async () => {
  const cluster = await world.cluster({ replicas: 1 })
  const connection = await world.connect(cluster, { readDeadline: 300, writeDeadline: 500, tracking: true })
  await eventually(() => expect(cluster.nodes[0]!.cli('INFO', 'replication')).toContain('state=online'))
  const sessions = new Sessions<{ user: string }>(connection)
  const board = (name: string) => new Leaderboard(connection, { name })
  const counter = new Counter(connection, { name: 'calls' })
  const permits = semaphore(connection, 2)
  const channel = new Channel<{ n: number }>(connection, { name: 'news' })
  const memory = new Cache(connection, { memory: {} })
  world.onEnd(() => memory.close())
  const limiter = new RateLimiter(connection, {
    name: 'strict',
    algorithm: 'slidingLog',
    limit: 10,
    window: '1h',
    whenUnavailable: 'deny',
    rememberRefused: false,
  })
  const allowed = new Map<string, number>()
  const received: number[] = []
  await channel.subscribe({ onMessage: ({ n }) => received.push(n) })

  const work = new Work()
  work.go(
    'session',
    async user => {
      const id = await sessions.create({ user })
      return { user, read: await sessions.read(id) }
    },
    // Lost with the primary is possible, another's is not.
    ({ user, read }) => expect([undefined, user]).toContain(read?.user),
  )
  // Counting is not repeated after a lost connection, for it may have been done: never more than was begun.
  work.go(
    'board',
    subject => board(subject).add('player', 1),
    (score, begun) => expect(score).toBeLessThanOrEqual(begun),
  )
  work.go(
    'counter',
    subject => counter.add(subject),
    (count, begun) => expect(count).toBeLessThanOrEqual(begun),
  )
  work.go(
    'stream',
    async subject => {
      const stream = new EventStream<{ subject: string }>(connection, { name: subject, maxLength: 100 })
      await stream.append({ subject })
      return { subject, events: await stream.read({ count: 5 }) }
    },
    ({ subject, events }) => expect(new Set([subject, ...events.map(({ value }) => value.subject)]).size).toBe(1),
  )
  work.go(
    'semaphore',
    subject => permits.using(subject, () => 'done', { wait: 500, ttl: 1000 }),
    answer => expect(answer).toBe('done'),
  )
  work.go(
    'memory',
    key => memory.getOrSet(key, () => `value of ${key}`).then(value => ({ key, value })),
    ({ key, value }) => expect(value).toBe(`value of ${key}`),
  )
  let sent = 0
  work.go(
    'channel',
    () => channel.publish({ n: sent++ }),
    () => undefined,
  )
  work.go(
    'limiter',
    async subject => {
      const answer = await limiter.consume(subject)
      if (answer.degraded) throw new Error('the server is away')
      if (answer.allowed) allowed.set(subject, (allowed.get(subject) ?? 0) + 1)
    },
    () => undefined,
  )

  const recipes = ['session', 'board', 'counter', 'stream', 'semaphore', 'memory', 'limiter']
  const all = recipes.flatMap(recipe => Array.from({ length: subjects }, (_, i) => `${recipe} s${i}`))
  const count = (name: string) => work.succeeded.get(name) ?? 0
  await eventually(() => expect(all.filter(name => count(name) < 3)).toEqual([]), 30_000)
  await cluster.nodes[0]!.kill()
  const before = new Map(all.map(name => [name, count(name)]))
  const heard = received.length
  // A failover takes a moment, and what the loops did meanwhile on the other shards counts for nothing here.
  await eventually(() => expect(all.filter(name => count(name) < before.get(name)! + 5)).toEqual([]), 60_000)
  await eventually(() => expect(received.length).toBeGreaterThan(heard), 30_000)
  await work.stop()

  expect(work.wrong).toEqual([])
  // A publish is not repeated: it may have arrived.
  expect(received.length).toBe(new Set(received).size)
  // What the new primary had not heard of is forgotten once: at most as many again as the limit.
  for (const [subject, passed] of allowed) expect(passed, subject).toBeLessThanOrEqual(20)
})
