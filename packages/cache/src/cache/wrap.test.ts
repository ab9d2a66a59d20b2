import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.ts'
import { keyOf, keyOfArguments } from './wrap.ts'

test('short plain arguments stay readable', () => {
  expect(keyOf('user', [42])).toBe('user:42')
  expect(keyOf('user', ['ada', 7])).toBe('user:ada:7')
})

test('equal arguments give equal keys, whatever the order of their parts', () => {
  expect(keyOfArguments([{ a: 1, b: [2] }])).toBe(keyOfArguments([{ b: [2], a: 1, c: undefined }]))
  expect(keyOfArguments([new Set([1, 2])])).toBe(keyOfArguments([new Set([2, 1])]))
})

test('different arguments give different keys', () => {
  const different = [
    [1],
    ['1'],
    ['a:b'],
    ['a', 'b'],
    [['a', 'b']],
    [1n],
    [null],
    [undefined],
    [],
    [true],
    ['true', {}],
    [new Date(1)],
    [{ a: 1 }],
    [{ a: '1' }],
    [new Map([['a', 1]])],
    [Buffer.from('a')],
    [new Uint8Array([97])],
    [-0],
    [0],
  ]
  const keys = different.map(keyOfArguments)
  expect(new Set(keys).size).toBe(keys.length)
})

test('what has no stable text is refused', () => {
  class User {
    name = 'ada'
  }
  for (const bad of [() => 1, Symbol('x'), new User()]) expect(() => keyOfArguments([bad])).toThrow(InvalidOption)
})
