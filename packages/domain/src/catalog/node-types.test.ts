import { expect, test } from 'vitest'
import { maxmemoryBytes, type NodeType, nodeType, nodeTypes } from './node-types.ts'

const named = (name: string): NodeType => nodeType(name) as NodeType

test.each([
  ['cache.t4g.micro', 0.5, 15],
  ['cache.r7g.large', 13.07, 230],
  ['cache.r7g.xlarge', 26.32, 460],
  ['cache.r7g.2xlarge', 52.82, 920],
  ['cache.r7g.4xlarge', 105.81, 1840],
])('%s has the memory and the price of the practitioner guide', (name, memoryGib, tokyoMonthlyUsd) => {
  expect(nodeType(name)).toMatchObject({ memoryGib, tokyoMonthlyUsd })
})

test('every current family is there with all its sizes', () => {
  const sizes = (family: string): number => nodeTypes.filter(type => type.family === family).length
  const families = ['t2', 't3', 't4g', 'm4', 'm5', 'm6g', 'm7g', 'm8g', 'r4', 'r5', 'r6g', 'r6gd', 'r7g', 'r8g']
  expect(families.map(sizes)).toEqual([3, 3, 3, 5, 6, 7, 7, 7, 6, 6, 7, 6, 7, 7])
  expect(['c7gn', 'c8gn'].map(sizes)).toEqual([7, 7])
})

test('names are unique and sorted as plain text, as AWS lists them', () => {
  const names = nodeTypes.map(type => type.name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual([...names].sort())
  expect(names.indexOf('cache.r7g.12xlarge')).toBeLessThan(names.indexOf('cache.r7g.2xlarge'))
})

test('maxmemory is the listed memory, and Memcached gets at most that (AWS rounds some figures up by less than a percent)', () => {
  for (const type of nodeTypes.filter(type => type.current)) {
    // AWS rounds GiB to two digits, so a hundredth either way is the same number.
    expect(Math.abs(type.maxmemoryBytes / 2 ** 30 - type.memoryGib), type.name).toBeLessThan(0.02)
    expect((type.memcachedMegabytes ?? 0) * 2 ** 20, type.name).toBeLessThan(type.maxmemoryBytes * 1.01)
  }
})

test.each([
  ['cache.r6g.large', 1403718103],
  ['cache.m5.xlarge', 1389192172],
  ['cache.m4.xlarge', 1532850176],
  ['cache.t3.small', 147102629],
  ['cache.r4.large', 1320178155],
  ['cache.m3.medium', 309329920],
  ['cache.r3.8xlarge', 24536678400],
  ['cache.t1.micro', 14260633],
])('%s cuts a replica off at the documented output buffer', (name, bytes) => {
  expect(named(name).replicaOutputBufferBytes).toBe(bytes)
})

test('a quarter of memory is reserved by default, as INFO shows on a cache.t3.micro', () => {
  expect(maxmemoryBytes(named('cache.t3.micro'), 25)).toBe(402653184)
})

test('reserved memory is whole bytes in percent, and plain bytes before Redis 3.2', () => {
  expect(maxmemoryBytes(named('cache.r7g.large'), 25)).toBe(10527885772)
  expect(maxmemoryBytes(named('cache.r7g.large'), 0)).toBe(14037181030)
  expect(maxmemoryBytes(named('cache.r7g.large'), 100)).toBe(0)
  expect(maxmemoryBytes(named('cache.m3.medium'), { bytes: 1_000_000 })).toBe(2987441600)
  expect(maxmemoryBytes(named('cache.t1.micro'), { bytes: 9e12 })).toBe(0)
})

test('data tiering types have a disk and never run Memcached', () => {
  const tiering = nodeTypes.filter(type => type.dataTiering)
  expect(tiering.map(type => type.family)).toEqual(Array.from({ length: 6 }, () => 'r6gd'))
  expect(tiering.every(type => type.ssdGib !== undefined && type.memcachedMegabytes === undefined)).toBe(true)
  expect(tiering.some(type => type.since.memcached !== undefined)).toBe(false)
})

test('an unknown type is undefined, not a guess', () => {
  expect(nodeType('cache.r7g.48xlarge')).toBeUndefined()
  expect(nodeType('r7g.large')).toBeUndefined()
})
