import { randomBytes } from 'node:crypto'
import { BadData } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { measuring, proven } from './measure.ts'
import { keyOfFile, seal, unseal } from './seal.ts'

const key = keyOfFile(randomBytes(32), '0001')

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const piece = 1 << 18

describe('a sealed file', () => {
  it('opens to what was sealed, however the bytes are cut', async () => {
    for (const size of [0, 1, piece - 1, piece, piece + 1, 3 * piece + 5]) {
      const plain = randomBytes(size)
      const sealed = await all(seal(cut(plain, 70_001), key))
      if (size > 16) expect(sealed.includes(plain.subarray(0, 16))).toBe(false)
      for (const chunk of [4099, 1 << 20]) expect((await all(unseal(cut(sealed, chunk), key))).equals(plain)).toBe(true)
    }
  })

  it('does not open when a byte differs, a piece is missing, exchanged or cut off, or the key is another', async () => {
    const sealed = await all(seal(cut(randomBytes(3 * piece), 70_000), key))
    const whole = 8 + piece + 20
    const changed = Buffer.from(sealed)
    changed[whole + 100]! ^= 1
    const exchanged = Buffer.concat([
      sealed.subarray(0, 8),
      sealed.subarray(whole, whole + piece + 20),
      sealed.subarray(8, whole),
      sealed.subarray(whole + piece + 20),
    ])
    const cutShort = [sealed.subarray(0, whole), sealed.subarray(0, sealed.length - 1), sealed.subarray(0, 8)]
    const missing = Buffer.concat([sealed.subarray(0, whole), sealed.subarray(whole + piece + 20)])
    for (const bad of [changed, exchanged, missing, ...cutShort, Buffer.from('REDIS0011')])
      await expect(all(unseal(cut(bad, 9999), key))).rejects.toBeInstanceOf(BadData)
    await expect(all(unseal(cut(sealed, 9999), keyOfFile(randomBytes(32), '0001')))).rejects.toBeInstanceOf(BadData)
  })

  it('has a key that depends on its name', () => {
    const secret = randomBytes(32)
    expect(keyOfFile(secret, '0001').equals(keyOfFile(secret, '0002'))).toBe(false)
  })
})

describe('a stored file', () => {
  it('is handed out as it is, and at its end refused when it is not what was stored', async () => {
    const bytes = randomBytes(100_000)
    const { content, measure } = measuring(cut(bytes, 999), 10)
    expect((await all(content)).equals(bytes)).toBe(true)
    expect(measure.head).toEqual(bytes.subarray(0, 10))
    const known = { bytes: measure.bytes, sha256: measure.sha256() }
    expect((await all(proven(cut(bytes, 5000), known, 'it'))).equals(bytes)).toBe(true)
    await expect(all(proven(cut(bytes.subarray(1), 5000), known, 'it'))).rejects.toThrow('it is not what was stored')
  })
})
