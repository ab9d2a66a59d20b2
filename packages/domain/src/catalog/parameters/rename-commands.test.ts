import { expect, test } from 'vitest'
import { parseRenames } from './rename-commands.ts'

test.each([
  ['', []],
  ['flushall hidden', [{ command: 'FLUSHALL', newName: 'hidden' }]],
  [
    'flushall hidden flushdb blocked',
    [
      { command: 'FLUSHALL', newName: 'hidden' },
      { command: 'FLUSHDB', newName: undefined },
    ],
  ],
  ['  KEYS   Blocked ', [{ command: 'KEYS', newName: undefined }]],
])('%j is %j', (text, renames) => {
  expect(parseRenames(text)).toEqual(renames)
})

test.each([
  ['flushall', 'has no new name'],
  ['config hidden', 'is not a command that may be renamed'],
  ['flushall with-hyphen', 'is not alphanumeric'],
  ['flushall abcdefghijklmnopqrstu', 'is longer than 20 characters'],
])('%j is refused because it %s', text => {
  expect(parseRenames(text)).toBeUndefined()
})
