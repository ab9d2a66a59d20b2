/**
 * A million entries in the memory in front, beside a bare lru-cache of the same values. Started by `cache.ts` with the port
 * of the engine and with --expose-gc; answers with one message.
 */
import { Cache, connect } from '@hotshelf/cache'
import { LRUCache } from 'lru-cache'
import { user } from './subjects/subject.ts'

export interface Million {
  readonly bytes: number
  readonly bareBytes: number
  readonly fillMs: number
  readonly hitsMs: number
  readonly bareHitsMs: number
}

const count = 1_000_000
const step = 2000

async function inSteps(work: (i: number) => unknown): Promise<void> {
  for (let from = 0; from < count; from += step) {
    await Promise.all(Array.from({ length: step }, (_, i) => work(from + i)))
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function heap(): number {
  globalThis.gc!()
  globalThis.gc!()
  return process.memoryUsage().heapUsed
}

async function main(port: number): Promise<Million> {
  const connection = await connect({
    url: `redis://127.0.0.1:${port}`,
    tracking: true,
    required: true,
    readDeadline: '30s',
    writeDeadline: '30s',
    // The loops below, and the collections of a heap of this size, let nothing else run for seconds.
    pingInterval: '60s',
  })
  const options = { ttl: '1h', distributed: false } as const
  const value = (i: number) => ({ ...user, id: i })
  const writer = new Cache(connection, { namespace: 'million' })
  await inSteps(i => writer.set(`user:${i}`, value(i), options))

  const empty = heap()
  const bare = new LRUCache<string, object>({ max: count })
  for (let i = 0; i < count; i++) bare.set(`user:${i}`, JSON.parse(JSON.stringify(value(i))) as object)
  const bareBytes = (heap() - empty) / count
  const bareHitsMs = await timed(async () => {
    for (let i = 0; i < count; i++) await Promise.resolve(bare.get(`user:${i}`))
  })
  bare.clear()

  const before = heap()
  const cache = new Cache(connection, { namespace: 'million', memory: { max: count, maxStale: '60s' } })
  const read = (i: number) => cache.getOrSet(`user:${i}`, () => Promise.reject(new Error('not stored')), options)
  await read(0)
  const fillMs = await timed(() => inSteps(read))
  const bytes = (heap() - before) / count
  const hitsMs = await timed(async () => {
    for (let i = 0; i < count; i++) await read(i)
  })
  if (cache.stats.memoryHits < count * 0.99) throw new Error(`${cache.stats.memoryHits} hits in memory`)
  cache.close()
  await connection.close()
  return { bytes, bareBytes, fillMs, hitsMs, bareHitsMs }
}

process.send!(await main(Number(process.argv[2])), () => process.exit(0))
