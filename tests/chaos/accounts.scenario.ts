/** The judge itself: what it must notice, and what it must not complain about. */
import { describe, expect, it } from 'vitest'
import { type Acknowledged, Accounts } from './accounts.ts'

function write(accounts: Accounts, over: Partial<Acknowledged> & Pick<Acknowledged, 'before' | 'sentAt'>): void {
  const key = over.key ?? 'k'
  const from = { shard: '0001', node: 'a', tenure: 'ta', answeredAt: over.sentAt + 1 }
  accounts.accept({ key, value: accounts.attempt(key), ...from, ...over })
}

describe('the books of a chaos run', () => {
  it('find nothing wrong with writes that follow each other, nor with one whose answer never came', () => {
    const accounts = new Accounts()
    write(accounts, { before: 0, sentAt: 0 })
    accounts.attempt('k')
    write(accounts, { before: 2, sentAt: 10 })
    accounts.attempt('k')
    write(accounts, { before: 3, sentAt: 20, node: 'b', tenure: 'tb' })
    expect([accounts.losses, accounts.breaches, accounts.acknowledged]).toEqual([[], [], 3])
  })

  it('count every acknowledged write that is gone', () => {
    const accounts = new Accounts()
    for (let value = 0; value < 5; value++) write(accounts, { before: value, sentAt: value * 10 })
    write(accounts, { before: 2, sentAt: 100, node: 'b', tenure: 'tb' })
    expect(accounts.losses).toMatchObject([{ key: 'k', writes: 3, wholeShard: false }])
    expect(accounts.lostWrites(false)).toBe(3)
  })

  it('tell a shard that was lost as a whole from a loss', () => {
    const accounts = new Accounts()
    write(accounts, { before: 0, sentAt: 0 })
    accounts.forgive('0001', 5)
    write(accounts, { before: 0, sentAt: 10, tenure: 'tb' })
    write(accounts, { before: 0, sentAt: 20, tenure: 'tb' })
    expect(accounts.losses.map(loss => [loss.writes, loss.wholeShard])).toEqual([
      [1, true],
      [1, false],
    ])
  })

  it('notice an old primary that acknowledges after a newer one did', () => {
    const accounts = new Accounts()
    write(accounts, { key: 'x', before: 0, sentAt: 0 })
    write(accounts, { key: 'y', before: 0, sentAt: 10, node: 'b', tenure: 'tb' })
    write(accounts, { key: 'x', before: 1, sentAt: 30 })
    expect(accounts.breaches).toEqual([expect.stringContaining('two primaries of shard 0001')])
  })

  it('allow what was on its way when the newer one took over', () => {
    const accounts = new Accounts()
    write(accounts, { key: 'x', before: 0, sentAt: 0 })
    write(accounts, { key: 'y', before: 0, sentAt: 10, node: 'b', tenure: 'tb', answeredAt: 12 })
    write(accounts, { key: 'x', before: 1, sentAt: 11, answeredAt: 40 })
    expect(accounts.breaches).toEqual([])
  })

  it('notice a value from the future', () => {
    const accounts = new Accounts()
    write(accounts, { before: 7, sentAt: 0 })
    expect(accounts.breaches).toHaveLength(1)
  })
})
