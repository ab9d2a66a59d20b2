import { assert, bigInt, constantFrom, integer, nat, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.ts'
import { decimal, itemKey } from './dynamo-key.ts'

test('every spelling of a number is the same key', () => {
  for (const spellings of [
    ['100', '1e2', '100.00', '+0100', '1E+2', '0.1e3'],
    ['0', '-0', '0.000', '0e5', '.0'],
    ['-1.5', '-15e-1', '-01.50'],
    ['123456789012345678901234567890', '123456789012345678901234567890.0'],
  ]) {
    expect(new Set(spellings.map(decimal)).size, spellings.join()).toBe(1)
  }
})

test('different numbers are different keys', () => {
  const number = record({
    digits: bigInt(-(10n ** 38n), 10n ** 38n),
    zeros: nat(5),
    point: constantFrom('', '.0', '.000'),
  })
  assert(
    property(number, integer({ min: 1, max: 9 }), ({ digits, zeros, point }, more) => {
      const text = String(digits)
      const padded = text.startsWith('-') ? `-${'0'.repeat(zeros)}${text.slice(1)}` : '0'.repeat(zeros) + text
      expect(decimal(padded + point)).toBe(decimal(text))
      expect(decimal(String(digits + BigInt(more)))).not.toBe(decimal(text))
      expect(decimal(`${text}.${more}`)).not.toBe(decimal(text))
    }),
  )
})

test('types are told apart, and bytes are bytes in any view', () => {
  const keys = ['1', 1, new Uint8Array([49])].map(id => itemKey(['id'], { id }))
  expect(new Set(keys).size).toBe(3)
  expect(itemKey(['id'], { id: Buffer.from([1, 2]) })).toBe(itemKey(['id'], { id: new Uint8Array([1, 2]) }))
  expect(itemKey(['id'], { id: { value: '1.0' } })).toBe(itemKey(['id'], { id: 1n }))
  expect(itemKey(['a', 'b'], { a: 'x', b: 'yz' })).not.toBe(itemKey(['a', 'b'], { a: 'xy', b: 'z' }))
})

test('a key that is missing, or of a type no key can have, is refused', () => {
  expect(() => itemKey(['id'], {})).toThrow(InvalidOption)
  expect(() => itemKey(['id'], { id: true })).toThrow(InvalidOption)
  expect(() => itemKey(['id'], { id: Number.NaN })).toThrow(InvalidOption)
})
