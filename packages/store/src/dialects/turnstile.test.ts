import { Unavailable } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { Turnstile } from './turnstile.ts'

describe('the turnstile', () => {
  it('lets one through at a time, in the order they came', async () => {
    const turnstile = new Turnstile('the file', 60_000)
    const passed: number[] = []
    let inside = 0
    const pass = async (number: number) => {
      await turnstile.enter()
      expect(++inside).toBe(1)
      await new Promise(resolve => setImmediate(resolve))
      passed.push(number)
      inside--
      turnstile.leave()
    }
    await Promise.all([1, 2, 3, 4].map(pass))
    expect(passed).toEqual([1, 2, 3, 4])
  })

  it('refuses whoever waited too long, and still lets the next one through', async () => {
    const turnstile = new Turnstile('the file', 20)
    await turnstile.enter()
    await expect(turnstile.enter()).rejects.toThrow(Unavailable)
    const next = turnstile.enter()
    turnstile.leave()
    await next
  })
})
