import { assert, constantFrom, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { isIdentifier, requireIdentifier } from './identifiers.ts'

test.each([
  ['ReplicationGroupId', 'my-redis-cluster', 'my-redis-cluster'],
  ['ReplicationGroupId', 'My-Group-1', 'my-group-1'],
  ['CacheClusterId', 'a', 'a'],
  ['CacheSubnetGroupName', 'x'.repeat(255), 'x'.repeat(255)],
])('%s %s is kept as %s', (parameter, given, kept) => {
  expect(requireIdentifier(parameter, given)).toBe(kept)
})

test.each(['1group', '-group', 'group-', 'my--group', 'my_group', 'default.redis7', 'gruppe-ä', 'my group'])(
  '%s is no identifier, in the words of AWS',
  given => {
    expect(() => requireIdentifier('ReplicationGroupId', given)).toThrow(
      expect.objectContaining({
        name: 'InvalidParameterValueException',
        message:
          'The parameter ReplicationGroupId is not a valid identifier. Identifiers must begin with a letter; must ' +
          'contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
      }),
    )
  },
)

test.each([
  ['ReplicationGroupId', 40],
  ['CacheClusterId', 50],
  ['UserId', 40],
  ['CacheParameterGroupName', 255],
])('%s may be %i characters long and no more', (parameter, limit) => {
  expect(requireIdentifier(parameter, 'a'.repeat(limit))).toHaveLength(limit)
  expect(() => requireIdentifier(parameter, 'a'.repeat(limit + 1))).toThrow(
    `must not be longer than ${limit} characters`,
  )
})

test('a caller may set a limit of its own', () => {
  expect(() => requireIdentifier('SnapshotName', 'abcdef', 5)).toThrow(/longer than 5/)
})

test.each([undefined, ''])('%j is a missing name', given => {
  expect(() => requireIdentifier('CacheClusterId', given)).toThrow(
    'The parameter CacheClusterId must be provided and must not be blank.',
  )
})

test('an identifier is exactly: a letter first, no hyphen last, none doubled, nothing else', () => {
  const text = string({ unit: constantFrom('a', 'Z', '0', '-', '.', '_'), maxLength: 12 })
  assert(
    property(text, given => {
      const lawful = /^[aZ]/.test(given) && !given.endsWith('-') && !given.includes('--') && !/[._]/.test(given)
      return isIdentifier(given) === lawful
    }),
  )
})
