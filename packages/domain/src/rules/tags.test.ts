import { expect, test } from 'vitest'
import { requireTags } from './tags.ts'

const many = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: '' }))

test('the last value of a key counts, and the order of first mention stays', () => {
  const given = [
    { key: 'Environment', value: 'test' },
    { key: 'Service', value: 'cache' },
    { key: 'Environment', value: 'production' },
  ]
  expect(requireTags(given)).toEqual([
    { key: 'Environment', value: 'production' },
    { key: 'Service', value: 'cache' },
  ])
})

test('fifty tags fit on a resource, with those it has already', () => {
  expect(requireTags(many(50))).toHaveLength(50)
  expect(() => requireTags(many(51))).toThrow(expect.objectContaining({ name: 'TagQuotaPerResourceExceeded' }))
  expect(() => requireTags([{ key: 'new', value: '' }], many(50))).toThrow(/50/)
  expect(requireTags([{ key: 'k7', value: 'changed' }], many(50))).toHaveLength(50)
})

test.each([
  [{ key: '', value: '' }, 'must be provided'],
  [{ key: 'x'.repeat(129), value: '' }, '128'],
  [{ key: 'k', value: 'x'.repeat(257) }, '256'],
  [{ key: 'aws:created-by', value: '' }, 'aws: prefixed tag key names are not allowed for external use.'],
  [{ key: 'AWS:x', value: '' }, 'aws: prefixed'],
])('%j is refused: %s', (tag, message) => {
  expect(() => requireTags([tag])).toThrow(
    expect.objectContaining({ name: 'InvalidParameterValueException', message: expect.stringContaining(message) }),
  )
})

test('the longest key and value and an empty value are fine', () => {
  expect(requireTags([{ key: 'x'.repeat(128), value: 'y'.repeat(256) }])).toHaveLength(1)
  expect(requireTags([{ key: 'k', value: '' }])).toEqual([{ key: 'k', value: '' }])
})
