// A primary dies in the middle of the work, and a replica takes over: no wrong value, no lock held twice with one
// fencing number, and everything works again without a restart.
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { Cache } from '../cache/cache.ts'
import { hashTag, slotOf } from '../client/slot.ts'
import { locks } from '../lock/locks.ts'
import { RateLimiter } from '../rate-limit/rate-limiter.ts'
import { WriteBehind } from '../write-behind/write-behind.ts'

const world = new World()
afterEach(() => world.end())

/** A name whose key is in the lower third of the slots, which the first node of a new cluster owns. */
function onFirstShard(name: (n: number) => string): string {
  for (let n = 0; ; n++) if (slotOf(name(n)) < 5000) return name(n)
}

test('cache, locks, limiters and write-behind go on when the primary of their shard is killed', async () => {
  const cluster = await world.cluster({ replicas: 1 })
  const connection = await world.connect(cluster, { readDeadline: 300, writeDeadline: '1s' })
  const [cache, mutex] = [new Cache(connection), locks(connection)]
  const key = onFirstShard(n => `cache:k${n}`).slice('cache:'.length)
  const job = hashTag(onFirstShard(n => `{job${n}}`))
  const behindName = hashTag(onFirstShard(n => `{behind:log${n}:0}`)).split(':')[1]!
  const limiter = new RateLimiter(connection, {
    name: 'l',
    algorithm: 'gcra',
    limit: 1000,
    window: '1m',
    whenUnavailable: 'allow',
  })
  const written: number[] = []
  const behind = new WriteBehind<number>(connection, {
    name: behindName,
    replicas: 1,
    coalesce: false,
    write: batch => void written.push(...batch.map(entry => entry.value)),
  })
  // Replicas must follow before one of them can take over.
  await eventually(() => expect(cluster.nodes[0]!.cli('INFO', 'replication')).toContain('state=online'))
  const [accepted, fences]: [number[], number[]] = [[], []]
  const run = { on: true }
  const work = (async () => {
    for (let n = 0; run.on; n++) {
      // Whatever the server does, the value is one that was loaded for this key.
      expect(await cache.getOrSet(key, () => `value of ${key}`)).toBe(`value of ${key}`)
      expect((await limiter.consume('someone')).limit).toBe(1000)
      await mutex.using(job, ({ fence }) => void fences.push(fence!), { wait: 500, ttl: 1000 }).catch(() => undefined)
      await behind.set('row', n).then(
        () => accepted.push(n),
        () => undefined,
      )
    }
  })()
  await eventually(() => expect(accepted.length).toBeGreaterThan(20))
  await cluster.nodes[0]!.kill()
  const [before, locked] = [accepted.length, fences.length]
  await eventually(() => expect(fences.length).toBeGreaterThan(locked + 20), 60_000)
  // Writes that must be on a replica are accepted again when there is one: the old primary comes back as such.
  await cluster.nodes[0]!.restart()
  await eventually(() => expect(accepted.length).toBeGreaterThan(before + 20), 60_000)
  run.on = false
  await work
  expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
  behind.start()
  await eventually(async () => expect(await behind.backlog()).toBe(0), 30_000)
  await behind.stop()
  // Acknowledged by a replica, so acknowledged for good; what was not acknowledged may be there too.
  expect(accepted.filter(n => !written.includes(n))).toEqual([])
  expect(await cache.set(key, 'new')).toBe(true)
  expect(await cache.get(key)).toBe('new')
})
