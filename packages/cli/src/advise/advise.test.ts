import { describe, expect, it } from 'vitest'
import { advise } from './advise.ts'
import { breakEven } from './break-even.ts'
import { defaultNeeds, type Needs } from './needs.ts'
import { renderAdvice } from './render.ts'

const GiB = 1024 ** 3
const needs = (more: Partial<Needs> = {}): Needs => ({ ...defaultNeeds, failover: false, ...more })

describe('the selection flow', () => {
  it.each<[Partial<Needs>, string, string]>([
    [{}, 'memcached', 'Strings by key'],
    [{ structures: true }, 'redis', 'Data structures'],
    [{ persistence: true }, 'redis', 'survive a restart'],
    [{ use: 'mixed' }, 'redis', 'survive a restart'],
    [{ use: 'no-loss' }, 'redis', 'survive a restart'],
    [{ use: 'sessions' }, 'memcached', 'Strings by key'],
    [{ failover: true }, 'redis', 'replica must take over'],
    [{ structures: true, persistence: true, failover: true }, 'redis', 'Data structures'],
    [{ structures: true, engine: 'valkey' }, 'valkey', '--engine redis'],
    [{ engine: 'valkey' }, 'memcached', 'Strings by key'],
  ])('takes %j to %s', (more, name, reason) => {
    expect(advise(needs(more)).engine).toEqual({ name, reason: expect.stringContaining(reason) })
  })
})

describe('the eviction policy', () => {
  it.each<[Partial<Needs>, string]>([
    [{ structures: true }, 'allkeys-lru'],
    [{ structures: true, popularity: 'frequent' }, 'allkeys-lfu'],
    [{ structures: true, use: 'sessions', popularity: 'frequent' }, 'volatile-lru'],
    [{ use: 'mixed' }, 'volatile-lru'],
    [{ use: 'no-loss' }, 'noeviction'],
    [{}, 'lru'],
  ])('for %j is %s', (more, policy) => {
    expect(advise(needs(more)).eviction.policy).toBe(policy)
  })
})

describe('mode, node type and nodes', () => {
  const redis = { structures: true } as const
  const development = { environment: 'development' } as const
  it.each<[Partial<Needs>, string, string, number, number]>([
    // What                                                mode        type               nodes  $ a month
    [{ ...redis, ...development, dataBytes: GiB / 4 }, 'disabled', 'cache.t4g.micro', 1, 15],
    [{ ...redis, ...development, dataBytes: GiB / 4, failover: true }, 'disabled', 'cache.t4g.micro', 2, 30],
    [{ ...redis, ...development, dataBytes: GiB }, 'disabled', 'cache.r7g.large', 1, 230],
    [{ ...redis, dataBytes: GiB / 4 }, 'disabled', 'cache.r7g.large', 1, 230],
    [{ ...redis, failover: true }, 'disabled', 'cache.r7g.large', 3, 690],
    [{ ...redis, failover: true, dataBytes: 10 * GiB }, 'disabled', 'cache.r7g.xlarge', 3, 1380],
    [{ ...redis, dataBytes: 39 * GiB }, 'disabled', 'cache.r7g.2xlarge', 1, 920],
    [{ ...redis, dataBytes: 79 * GiB }, 'disabled', 'cache.r7g.4xlarge', 1, 1840],
    [{ ...redis, dataBytes: 80 * GiB }, 'enabled', 'cache.r7g.xlarge', 5, 2300],
    [{ ...redis, failover: true, dataBytes: 300 * GiB }, 'enabled', 'cache.r7g.4xlarge', 12, 22_080],
    [{ ...redis, failover: true, grows: true }, 'enabled', 'cache.r7g.large', 3, 690],
    [{ dataBytes: GiB }, 'none', 'cache.r7g.large', 3, 690],
    [{ dataBytes: 100 * GiB }, 'none', 'cache.r7g.xlarge', 4, 1840],
    [{ ...development, dataBytes: GiB / 4 }, 'none', 'cache.t4g.micro', 1, 15],
  ])('for %j are %s, %s and %i', (more, mode, type, nodes, usd) => {
    const advice = advise(needs(more))
    expect([advice.mode.name, advice.nodeType.name, advice.nodes, advice.monthlyUsd]).toEqual([mode, type, nodes, usd])
  })

  it('are refused where the largest of the table do not suffice', () => {
    expect(() => advise(needs({ structures: true, failover: true, dataBytes: 3000 * GiB }))).toThrow(/than 90 of the/)
    expect(() => advise(needs({ dataBytes: 5000 * GiB }))).toThrow(/than 40 of the largest/)
  })
})

describe('the break-even', () => {
  const sum = (more: Partial<Needs>, cost = 700) => breakEven(needs(more), cost)

  it("is the guide's: a cache of 700 dollars does not pay by halving a database of 500, it pays beside a larger one", () => {
    expect(sum({ databaseUsd: 500, readShare: 0.8, hitRate: 0.9 })).toMatchObject({
      byLoad: { savedUsd: expect.closeTo(360), pays: false },
      bySize: { stepsDown: 1, savedUsd: 250, pays: false },
      hitRateNeeded: undefined,
    })
    const large = sum({ databaseUsd: 2000, readShare: 0.8, hitRate: 0.95 })
    expect(large.byLoad).toEqual({ savedUsd: expect.closeTo(1520), pays: true })
    expect(large.bySize).toEqual({ stepsDown: 2, savedUsd: 1500, pays: true })
    expect(large.hitRateNeeded).toBeCloseTo(700 / 1600)
  })

  it.each([
    [0, 20],
    [0.5, 10.5],
    [0.8, 4.8],
    [0.9, 2.9],
    [0.99, 1.19],
  ])('at a hit rate of %d has reads of %d ms', (hitRate, ms) => {
    expect(sum({ hitRate }).averageReadMs).toBeCloseTo(ms)
  })

  it('says from which database on it pays, where nobody said what one costs', () => {
    expect(sum({ hitRate: 0.9, readShare: 0.8 })).toMatchObject({ byLoad: undefined, bySize: undefined })
    expect(sum({ hitRate: 0.9, readShare: 0.8 }).databaseUsdNeeded).toBeCloseTo(700 / 0.72)
    expect(sum({ hitRate: 0 }).databaseUsdNeeded).toBeUndefined()
    expect(sum({ databaseUsd: 0 }).hitRateNeeded).toBeUndefined()
  })

  it('goes down no size too many: exactly half of the load fits in half of the size', () => {
    const steps = (taken: number) => sum({ databaseUsd: 1, readShare: 1, hitRate: taken }).bySize?.stepsDown
    expect([0, 0.49, 0.5, 0.74, 0.75, 1].map(steps)).toEqual([0, 0, 1, 1, 2, 6])
  })
})

describe('the commands', () => {
  it('for Memcached are the one of the guide', () => {
    expect(advise(needs({ id: 'sessions' })).commands).toEqual([
      'aws elasticache create-cache-cluster --cache-cluster-id sessions --engine memcached --engine-version 1.6.22 ' +
        '--cache-node-type cache.r7g.large --num-cache-nodes 3 --az-mode cross-az',
    ])
  })

  it('for a group carry the policy in a parameter group of its own, and cluster mode with it', () => {
    const [made, changed, group] = advise(needs({ structures: true, grows: true, persistence: true })).commands
    expect(made).toContain('--cache-parameter-group-family redis7')
    expect(changed).toContain('ParameterName=maxmemory-policy,ParameterValue=allkeys-lru')
    expect(changed).toContain('ParameterName=cluster-enabled,ParameterValue=yes')
    expect(group).toContain('--num-node-groups 1 --replicas-per-node-group 0 --automatic-failover-enabled --transit')
    expect(group).toContain('--snapshot-retention-limit 7')
  })
})

describe('the report', () => {
  it('says what, why, how much and how', () => {
    const report = renderAdvice(advise(needs({ failover: true, databaseUsd: 2000 })))
    expect(report).toContain('redis')
    expect(report).toContain('About $690 a month')
    expect(report).toContain('1 shard, each a primary and 2 replicas in other zones.')
    expect(report).toContain('the cache ($690) pays; break-even at a hit rate of 43 %.')
    expect(report).toContain('A database paid by size: one size smaller, $1,000 saved; the cache ($690) pays.')
    expect(report).toContain('  aws elasticache create-replication-group')
  })
})
