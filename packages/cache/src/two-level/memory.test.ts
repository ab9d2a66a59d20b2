// The rules of the memory in front by themselves: what may enter, what may be served, and when.
import { expect, test } from 'vitest'
import { Memory } from './memory.ts'

const read = (value: unknown, tagKeys: readonly string[] = []) => ({ value, staleAt: 1000, loadMs: 0, tagKeys })

function trusted(): Memory {
  const memory = new Memory({}, Number.POSITIVE_INFINITY)
  memory.trust()
  return memory
}

test('a value enters by a read, and is served until it is stale', () => {
  const memory = trusted()
  memory.finish('k', memory.begin('k'), read('value'), 0)
  expect(memory.get('k', 999)?.value).toBe('value')
  expect(memory.get('k', 1000)).toBe(undefined)
})

test('a read on its way while its key, its tag or everything changes is not kept', () => {
  const changes = [
    (memory: Memory) => memory.forget('k'),
    (memory: Memory) => memory.forgetTag('tag'),
    (memory: Memory) => memory.forget(undefined),
    (memory: Memory) => memory.distrust(),
    // Lost and found again while the reply was on its way: what changed between was not heard.
    (memory: Memory) => {
      memory.distrust()
      memory.trust()
    },
  ]
  for (const change of changes) {
    const memory = trusted()
    const reading = memory.begin('k')
    change(memory)
    memory.finish('k', reading, read('old', ['tag']), 0)
    expect(memory.get('k', 0)).toBe(undefined)
  }
})

test('a change of another key lets a read be kept, and a later read of a changed key too', () => {
  const memory = trusted()
  const [first, other] = [memory.begin('k'), memory.begin('other')]
  memory.forget('k')
  const second = memory.begin('k')
  memory.finish('other', other, read('other'), 0)
  memory.finish('k', second, read('new'), 0)
  memory.finish('k', first, read('old'), 0)
  expect([memory.get('k', 0)?.value, memory.get('other', 0)?.value]).toEqual(['new', 'other'])
})

test('nothing is served while changes are not heard, and what was there before is not served after', () => {
  const memory = trusted()
  memory.finish('k', memory.begin('k'), read('value'), 0)
  memory.distrust()
  expect(memory.get('k', 0)).toBe(undefined)
  expect(memory.lastKnown('k')?.value).toBe('value')
  memory.finish('new', memory.begin('new'), read('value'), 0)
  expect(memory.get('new', 0)).toBe(undefined)
  memory.trust()
  expect([memory.get('k', 0), memory.get('new', 0)]).toEqual([undefined, undefined])
})
