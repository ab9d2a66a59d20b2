import { assert, jsonValue, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CorruptValue, SchemaMismatch, Uncacheable } from '../errors.ts'
import type { Codec } from './codec.ts'
import { brotli, type CompressionOptions, gzip, zstd } from './compression.ts'
import { Encoding } from './encoding.ts'
import { codecOf, readTags, staleAtOf, loadMsOf, schemaVersionOf } from './frame.ts'
import { lz4 } from './lz4.ts'
import { msgpack } from './msgpack.ts'
import { validated } from './schema.ts'

const described = { staleAt: 1_790_000_000_123, loadMs: 42, schemaVersion: 7, tags: [] }

const TYPES: Record<string, unknown> = {
  object: { a: 1, b: ['x', null, true], c: { d: 1.5 } },
  null: null,
  text: 'käse 🧀',
  date: { at: new Date(0) },
  map: new Map([['a', new Set([1, 2n])]]),
  bigint: 12n ** 30n,
  'not a number': [Number.NaN, -0, Number.POSITIVE_INFINITY],
  'undefined field': { a: undefined },
  buffer: Buffer.from([0, 255, 7]),
  'buffer inside': { bytes: Buffer.from([1, 2]) },
  'typed array': new Uint8Array([1, 2, 3]),
  regexp: /a+/gi,
}

describe('what is stored comes back the same', () => {
  const encoding = new Encoding({})
  for (const [name, value] of Object.entries(TYPES)) {
    test(name, () => expect(encoding.decode(encoding.encode(value, described))).toStrictEqual(value))
  }

  test('a cycle', () => {
    const ring: { self?: unknown; name: string } = { name: 'ring' }
    ring.self = ring
    const back = encoding.decode(encoding.encode(ring, described)) as typeof ring
    expect(back.self).toBe(back)
  })

  test('anything JSON can say', () => {
    assert(
      property(jsonValue(), value => {
        expect(encoding.decode(encoding.encode(value, described))).toStrictEqual(value)
      }),
    )
  })

  for (const compression of ['gzip', 'brotli', ...(zstd ? ['zstd'] : [])] as CompressionOptions['algorithm'][]) {
    test(`compressed with ${String(compression)}, and read by a cache with other settings`, () => {
      const rows = Array.from({ length: 200 }, (_, id) => ({ id, name: `row ${id}` }))
      const bytes = new Encoding({ compression: { algorithm: compression! } }).encode(rows, described)
      expect(bytes.length).toBeLessThan(JSON.stringify(rows).length / 3)
      expect(new Encoding({ compression: false }).decode(bytes)).toEqual(rows)
    })
  }

  test('MessagePack keeps dates, maps and bytes', () => {
    const value = { at: new Date(5), map: new Map([['a', 1]]), bytes: Buffer.from([1, 2]), big: 2n ** 60n }
    const encoding = new Encoding({ codec: msgpack })
    const bytes = encoding.encode(value, described)
    expect(codecOf(bytes).codec).toBe(3)
    expect(encoding.decode(bytes)).toStrictEqual(value)
  })
})

test('lz4 is written by its number and needs to be known to read', () => {
  const encoding = new Encoding({ compression: { algorithm: lz4 } })
  const value = { text: 'abc'.repeat(2000) }
  const bytes = encoding.encode(value, described)
  expect(codecOf(bytes).compression).toBe(4)
  expect(encoding.decode(bytes)).toEqual(value)
  expect(() => new Encoding({}).decode(bytes)).toThrow('no compression 4')
})

describe('what cannot come back the same is refused', () => {
  class User {
    name = 'ada'
  }
  const cases: Record<string, unknown> = {
    'a function': { a: { run: () => 1 } },
    'a symbol': [Symbol('x')],
    'an instance of a class': { user: new User() },
    'an instance inside a map': new Map([['u', new User()]]),
  }
  for (const [name, value] of Object.entries(cases)) {
    test(name, () => expect(() => new Encoding({}).encode(value, described)).toThrow(Uncacheable))
  }

  test('and the error names the part', () => {
    expect(() => new Encoding({}).encode({ a: [{ user: new User() }] }, described)).toThrow(
      /value\.a\[0\]\.user is a User/,
    )
  })
})

test('the header tells when it is stale, how long loading took, its schema version and its tags', () => {
  const tags = [
    { tag: 'user:1', version: Buffer.from('12345678') },
    { tag: 'überall', version: Buffer.from('abcdefgh') },
  ]
  const bytes = new Encoding({}).encode({ a: 1 }, { ...described, tags })
  expect([staleAtOf(bytes), loadMsOf(bytes), schemaVersionOf(bytes)]).toEqual([1_790_000_000_123, 42, 7])
  expect(readTags(bytes).tags).toEqual(tags)
  expect(new Encoding({}).decode(bytes)).toEqual({ a: 1 })
})

test('cut or foreign bytes are corrupt, never a wrong value', () => {
  const encoding = new Encoding({})
  const bytes = encoding.encode({ rows: 'x'.repeat(5000) }, described)
  expect(() => encoding.decode(bytes.subarray(0, bytes.length - 9))).toThrow(CorruptValue)
  const unknown: Codec = { id: 9, encode: () => Buffer.from('?'), decode: () => 1 }
  expect(() => encoding.decode(new Encoding({ codec: unknown }).encode(1, described))).toThrow('no codec 9')
  expect([gzip.id, brotli.id]).toEqual([1, 2])
})

test('a schema of any Standard Schema library judges the value', async () => {
  const schema = z.object({ id: z.number() })
  expect(await validated(schema, { id: 1 })).toEqual({ id: 1 })
  await expect(validated(schema, { id: 'one' })).rejects.toBeInstanceOf(SchemaMismatch)
})
