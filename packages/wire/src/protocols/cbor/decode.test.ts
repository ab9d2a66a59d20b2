import { cbor } from '@smithy/core/cbor'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../../test/random-value.ts'
import { CborError, decodeCbor } from './decode.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('examples of RFC 8949', () => {
  it.each<[string, unknown]>([
    ['00', 0],
    ['17', 23],
    ['1864', 100],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
    ['20', -1],
    ['3903e7', -1000],
    ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
    ['c249010000000000000000', 18_446_744_073_709_551_616n],
    ['c349010000000000000000', -18_446_744_073_709_551_617n],
    ['f93c00', 1],
    ['f97bff', 65_504],
    ['f90001', 5.960464477539063e-8],
    ['f9c400', -4],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f97e00', Number.NaN],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['c11a514b67b0', { tag: 1, value: 1_363_896_240 }],
    ['4401020304', Uint8Array.from([1, 2, 3, 4])],
    ['6449455446', 'IETF'],
    ['62c3bc', 'ü'],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['5f42010243030405ff', Uint8Array.from([1, 2, 3, 4, 5])],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  ])('%s', (bytes, value) => {
    expect(decodeCbor(hex(bytes), 8)).toEqual(value)
  })
})

it('reads what the SDK’s encoder writes', () => {
  const random = seeded(7)
  const value = (depth: number): unknown => {
    const kind = random.below(depth > 0 ? 8 : 6)
    if (kind === 0) return random.pick([0, -1, 1.5, 2 ** 31, -(2 ** 40), Number.MAX_SAFE_INTEGER, -0.1, 1e300])
    if (kind === 1) return random.pick(['', 'ü中😀', '__proto__', 'x'.repeat(300)])
    if (kind === 2) return random.next() < 0.5
    if (kind === 3) return null
    if (kind === 4) return Uint8Array.from({ length: random.below(30) }, () => random.below(256))
    if (kind === 5) return random.pick([2n ** 63n, -(2n ** 63n), 2n ** 70n])
    if (kind === 6) return Array.from({ length: random.below(30) }, () => value(depth - 1))
    return Object.fromEntries(Array.from({ length: random.below(30) }, (_, index) => [`k${index}`, value(depth - 1)]))
  }
  for (let round = 0; round < 300; round++) {
    const written = value(3)
    expect(decodeCbor(Uint8Array.from(cbor.serialize(written)), 8)).toEqual(written)
  }
})

describe('malformed bytes', () => {
  it.each([
    ['nothing', ''],
    ['a number cut short', '19 03'],
    ['text longer than the rest', '7a ffffffff 61'],
    ['a list of four billion items', '9a ffffffff'],
    ['a list of more than can be counted', '9b ffffffffffffffff'],
    ['lists in lists, each claiming thousands', '99 ffff '.repeat(4)],
    ['a map without its values', 'a2 6161 01 6162'],
    ['a map key that is not text', 'a1 01 02'],
    ['a list that never ends', '9f 01'],
    ['an end where nothing began', 'ff'],
    ['text that is not UTF-8', '62 c328'],
    ['a piece of another kind in a long text', '7f 4101 ff'],
    ['a long text within a long text', '7f 7f ff ff'],
    ['an unknown tag', 'd8 20 60'],
    ['a decimal fraction, which can be expanded without end', 'c4 82 1a 0fffffff 01'],
    ['a reserved length', '1c'],
    ['bytes after the value', '01 01'],
    ['nesting without end', '81'.repeat(1000)],
    ['tags without end', 'c1'.repeat(1000)],
    ['a number of a megabit', `c2 5a 00010000 ${'ff'.repeat(65_536)}`],
  ])('are refused: %s', (_, bytes) => {
    expect(() => decodeCbor(hex(bytes), 32)).toThrow(CborError)
  })
})

it('keeps a key called __proto__ as a key', () => {
  const value = decodeCbor(hex('a1 69 5f5f70726f746f5f5f a1 6161 01'), 8) as object
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect((value as { a?: number }).a).toBeUndefined()
})
