import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from './sealed.ts'

const key = randomBytes(32)

describe('a sealed value', () => {
  it.each(['', 'a', 'sécret 🗝', 'x'.repeat(100_000)])('opens to what was sealed', plain => {
    expect(unseal(key, seal(key, plain, 'owner'), 'owner')).toBe(plain)
  })

  it('never looks the same twice and never shows what it holds', () => {
    const [one, two] = [seal(key, 'correct horse', 'owner'), seal(key, 'correct horse', 'owner')]
    expect(Buffer.from(one).equals(two)).toBe(false)
    expect(Buffer.from(one).includes('horse')).toBe(false)
  })

  it('does not open with another key, for another owner, or changed in any byte', () => {
    const sealed = seal(key, 'hush', 'owner')
    expect(unseal(randomBytes(32), sealed, 'owner')).toBeUndefined()
    expect(unseal(key, sealed, 'another')).toBeUndefined()
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed)
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(unseal(key, changed, 'owner')).toBeUndefined()
      expect(unseal(key, sealed.subarray(0, i), 'owner')).toBeUndefined()
    }
  })
})
