import { expect, test } from 'vitest'
import { allowedScaleDowns, allowedScaleUps } from './node-type-changes.ts'
import { type NodeType, nodeType } from './node-types.ts'

const named = (name: string): NodeType => nodeType(name) as NodeType
/** The families that existed when AWS published the answers below. */
const of = (families: readonly string[], names: readonly string[]): readonly string[] =>
  names.filter(name => families.includes(name.split('.')[1] ?? ''))
const until2020 = ['m3', 'm4', 'm5', 'r3', 'r4', 'r5', 't2', 't3']

test('from r5.xlarge the answer is the one that AWS published in 2020', () => {
  expect(of(until2020, allowedScaleUps(named('cache.r5.xlarge')))).toEqual([
    'cache.m5.12xlarge',
    'cache.m5.24xlarge',
    'cache.m5.4xlarge',
    'cache.r5.12xlarge',
    'cache.r5.24xlarge',
    'cache.r5.2xlarge',
    'cache.r5.4xlarge',
  ])
  expect(of(until2020, allowedScaleDowns(named('cache.r5.xlarge')))).toEqual([
    'cache.m3.large',
    'cache.m3.medium',
    'cache.m3.xlarge',
    'cache.m4.large',
    'cache.m4.xlarge',
    'cache.m5.2xlarge',
    'cache.m5.large',
    'cache.m5.xlarge',
    'cache.r3.large',
    'cache.r4.large',
    'cache.r4.xlarge',
    'cache.r5.large',
    'cache.t2.medium',
    'cache.t2.micro',
    'cache.t2.small',
    'cache.t3.medium',
    'cache.t3.micro',
    'cache.t3.small',
  ])
})

test('from r3.large the answer is the one in the SDK examples', () => {
  expect(of(['m3', 'm4', 'r3', 't2'], allowedScaleUps(named('cache.r3.large')))).toEqual([
    'cache.m4.10xlarge',
    'cache.m4.2xlarge',
    'cache.m4.4xlarge',
    'cache.m4.xlarge',
    'cache.r3.2xlarge',
    'cache.r3.4xlarge',
    'cache.r3.8xlarge',
    'cache.r3.xlarge',
  ])
})

test('a data tiering group stays within its family, and nobody else may enter it', () => {
  expect(allowedScaleUps(named('cache.r6gd.4xlarge'))).toEqual([
    'cache.r6gd.12xlarge',
    'cache.r6gd.16xlarge',
    'cache.r6gd.8xlarge',
  ])
  expect(allowedScaleDowns(named('cache.r6gd.4xlarge'))).toEqual(['cache.r6gd.2xlarge', 'cache.r6gd.xlarge'])
  expect(allowedScaleUps(named('cache.r6g.large')).some(name => name.includes('r6gd'))).toBe(false)
})

test('the engine limits the targets: Graviton needs Redis 5.0.6, and Redis never runs on generation 8', () => {
  const old = allowedScaleUps(named('cache.r5.large'), { engine: 'redis', version: '4.0.10' })
  expect(old).toContain('cache.r5.xlarge')
  expect(old.some(name => /cache\.[rm][678]g/.test(name))).toBe(false)
  const redis = allowedScaleUps(named('cache.r7g.large'), { engine: 'redis', version: '7.1' })
  expect(redis).toContain('cache.r7g.xlarge')
  expect(redis).not.toContain('cache.r8g.xlarge')
  expect(allowedScaleUps(named('cache.r7g.large'), { engine: 'valkey', version: '8.0' })).toContain('cache.r8g.xlarge')
})

test('the same size in a newer generation is a way up, in an older one a way down, and never both', () => {
  expect(allowedScaleUps(named('cache.r6g.large'))).toContain('cache.r7g.large')
  expect(allowedScaleDowns(named('cache.r6g.large'))).toContain('cache.r5.large')
  expect(allowedScaleUps(named('cache.r6g.large'))).not.toContain('cache.r5.large')
  expect(allowedScaleUps(named('cache.r6g.large'))).not.toContain('cache.r6g.large')
})
