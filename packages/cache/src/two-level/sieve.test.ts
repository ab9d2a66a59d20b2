import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { type Queued, Sieve } from './sieve.ts'

interface Named extends Queued<Named> {
  readonly value: number
}

const named = (name: string, value = 0): Named => ({ name, value, marked: false, newer: undefined, older: undefined })

test('what was read stays, what was only written goes first', () => {
  const gone: string[] = []
  const sieve = new Sieve<Named>(3, ({ name }) => gone.push(name))
  for (const name of ['a', 'b', 'c']) sieve.set(named(name))
  sieve.get('a')
  sieve.set(named('d'))
  expect(gone).toEqual(['b'])
  sieve.set(named('e'))
  expect(gone).toEqual(['b', 'c'])
  expect(sieve.get('a')).toBeDefined()
})

test('a scan of keys read once does not push out those read often', () => {
  const sieve = new Sieve<Named>(100, () => {})
  for (let i = 0; i < 50; i++) sieve.set(named(`hot${i}`))
  for (let i = 0; i < 10_000; i++) {
    sieve.set(named(`once${i}`))
    sieve.get(`hot${i % 50}`)
  }
  const kept = Array.from({ length: 50 }, (_, i) => sieve.get(`hot${i}`)).filter(Boolean)
  expect(kept.length).toBe(50)
})

const step = record({
  what: constantFrom('set', 'set', 'get', 'delete'),
  name: integer({ min: 0, max: 12 }).map(String),
})

test('whatever is done: never above its size, what is there is the last that was set, and each entry leaves once', () => {
  assert(
    property(integer({ min: 1, max: 6 }), array(step, { maxLength: 200 }), (max, steps) => {
      const model = new Map<string, number>()
      const sieve = new Sieve<Named>(max, entry => {
        expect(model.get(entry.name)).toBe(entry.value)
        model.delete(entry.name)
      })
      steps.forEach(({ what, name }, i) => {
        if (what === 'delete') sieve.delete(name)
        else if (what === 'get') expect(sieve.get(name)?.value).toBe(model.get(name))
        else {
          const size = model.has(name) ? model.size : Math.min(model.size + 1, max)
          sieve.set(named(name, i))
          model.set(name, i)
          expect(model.size).toBe(size)
        }
        expect(sieve.size).toBe(model.size)
      })
    }),
  )
})
