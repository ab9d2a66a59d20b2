/** How long it takes from the release of a lock until the one who waits for it in another process's stead has it. */
import { connect, locks, RateLimiter } from '@hotshelf/cache'
import { Redis } from 'ioredis6'
import { median, type Outcome, spread } from '../report.ts'

const handoffs = 51

const connectTo = (port: number) =>
  connect({ url: `redis://127.0.0.1:${port}`, required: true, readDeadline: '3s', writeDeadline: '3s' })

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function commandsServed(redis: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))![1])
}

/** Two connections, as two processes have; what the waiter asks of the server while it waits is counted. */
export async function benchHandoff(port: number): Promise<readonly Outcome[]> {
  const redis = new Redis({ port, host: '127.0.0.1' })
  const [mine, theirs] = [await connectTo(port), await connectTo(port)]
  const [holder, waiter] = [locks(mine), locks(theirs)]
  const took: number[] = []
  const asked: number[] = []
  for (let i = 0; i < handoffs; i++) {
    const held = await holder.acquire('handoff')
    const next = waiter.acquire('handoff').then(lock => ({ lock, at: performance.now() }))
    await pause(50)
    const before = await commandsServed(redis)
    await pause(100)
    asked.push((await commandsServed(redis)) - before - 1)
    const released = performance.now()
    await held.release()
    const { lock, at } = await next
    took.push(at - released)
    await lock.release()
  }
  await Promise.all([mine.close(), theirs.close()])
  redis.disconnect()
  return [
    {
      what: 'lock: release to next holder (ms)',
      ours: spread(took, 2),
      peer: `woken by push; ${median(asked)} commands while waiting 100 ms`,
      ratio: median(took),
      goal: '≤ 2',
      rounds: handoffs,
    },
  ]
}

/** Four connections hammer one subject; whatever the algorithm, its own window never sees an eleventh call. */
export async function benchExactness(port: number): Promise<readonly Outcome[]> {
  const connections = await Promise.all([1, 2, 3, 4].map(() => connectTo(port)))
  const passed: number[] = []
  for (const algorithm of ['fixedWindow', 'slidingLog', 'slidingWindow', 'tokenBucket', 'gcra'] as const) {
    // A window so long that nothing is refilled while the calls are made.
    const options = { name: `exact-${algorithm}`, algorithm, limit: 10, window: '1h', whenUnavailable: 'deny' } as const
    const limiters = connections.map(connection => new RateLimiter(connection, { ...options, rememberRefused: false }))
    const calls = Array.from({ length: 1000 }, (_, i) => limiters[i % limiters.length]!.consume('one'))
    const answers = await Promise.all(calls)
    passed.push(answers.filter(({ allowed }) => allowed).length)
  }
  await Promise.all(connections.map(connection => connection.close()))
  return [
    {
      what: 'limiters of 10: calls let through of 1000 at once on 4 connections, 5 algorithms',
      ours: passed.join(', '),
      peer: '10 is the limit',
      ratio: Math.max(...passed),
      goal: '≤ 10',
      rounds: passed.length,
    },
  ]
}
