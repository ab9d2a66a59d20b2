import { expect, test } from 'vitest'
import { defaultPort, requirePort } from './ports.ts'

test('ports default to the engine and lie between 1150 and 65535', () => {
  expect([defaultPort('redis'), defaultPort('valkey'), defaultPort('memcached')]).toEqual([6379, 6379, 11211])
  expect(requirePort(undefined, 'memcached')).toBe(11211)
  expect(requirePort(1150, 'redis')).toBe(1150)
  expect(requirePort(65_535, 'redis')).toBe(65_535)
  for (const port of [0, 1149, 65_536, -1, 6379.5])
    expect(() => requirePort(port, 'redis')).toThrow(/between 1150 and 65535/)
})
