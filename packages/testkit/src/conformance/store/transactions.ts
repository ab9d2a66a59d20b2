/** Transactions: all or nothing, as if alone. */
import { AlreadyExists } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { aThing, arnOf, here, things } from './things.ts'

export function transactions({ it }: Suite<StoreUnderTest>): void {
  it('keeps everything of a transaction that ends well, and answers what the work answered', async ({ open }) => {
    const store = await open()
    const answer = await store.transaction(async inside => {
      await things(inside).insert(aThing('a'))
      await inside.tags.set(arnOf('a'), [{ key: 'k', value: 'v' }])
      await inside.secrets.put(arnOf('a'), 's', 'hush')
      return (await things(inside).list(here)).length
    })
    expect(answer).toBe(1)
    expect(await things(store).get(arnOf('a'))).toBeDefined()
    expect(await store.tags.of(arnOf('a'))).toHaveLength(1)
    expect(await store.secrets.get(arnOf('a'), 's')).toBe('hush')
  })

  it('puts what is pending into force in one transaction, or leaves it pending', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a', { size: 1, words: ['x'] }))
    await things(store).setPending(arnOf('a'), { size: 2 })
    const apply = (fails: boolean) =>
      store.transaction(async inside => {
        const row = await things(inside).get(arnOf('a'))
        await things(inside).change(arnOf('a'), desired => ({ ...desired, ...row?.pending }))
        await things(inside).setPending(arnOf('a'), undefined)
        if (fails) throw new RangeError('changed my mind')
      })
    await expect(apply(true)).rejects.toThrow(RangeError)
    const before = { generation: 1, desired: { size: 1, words: ['x'] }, pending: { size: 2 } }
    expect(await things(store).get(arnOf('a'))).toMatchObject(before)
    await apply(false)
    const after = { generation: 2, desired: { size: 2, words: ['x'] }, pending: undefined }
    expect(await things(store).get(arnOf('a'))).toMatchObject(after)
  })

  it('keeps nothing of a transaction whose work failed, and lets its error through', async ({ open }) => {
    const store = await open()
    const failing = store.transaction(async inside => {
      await things(inside).insert(aThing('a'))
      await inside.facts.put('f', '1')
      await inside.leases.take(arnOf('a'), 'one', 1000)
      await inside.events.append(here, {
        sourceType: 'user',
        sourceId: 'u',
        arn: arnOf('a'),
        message: 'm',
        at: new Date(),
      })
      throw new RangeError('changed my mind')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await things(store).get(arnOf('a'))).toBeUndefined()
    expect(await store.facts.get('f')).toBeUndefined()
    expect(await store.events.since(0, 10)).toEqual([])
    expect(await store.leases.take(arnOf('a'), 'two', 1000)).toBeDefined()
  })

  it('goes on after a refused insert inside a transaction', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await store.transaction(async inside => {
      await expect(things(inside).insert(aThing('a'))).rejects.toThrow(AlreadyExists)
      await things(inside).insert(aThing('b'))
    })
    expect((await things(store).list(here)).map(row => row.name)).toEqual(['a', 'b'])
  })

  it('joins a nested transaction to the outer one', async ({ open }) => {
    const store = await open()
    const failing = store.transaction(async outer => {
      await outer.transaction(async inner => {
        await things(inner).insert(aThing('a'))
        await things(inner).remove(arnOf('never'))
      })
      expect(await things(outer).get(arnOf('a'))).toBeDefined()
      throw new RangeError('after the inner one ended well')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await things(store).get(arnOf('a'))).toBeUndefined()
  })

  it('hides a running transaction from everybody else until it ends', async ({ open }) => {
    const store = await open()
    const order: string[] = []
    let seenInside: boolean | undefined
    const reading = store.transaction(async inside => {
      await things(inside).insert(aThing('a'))
      const outside = things(store)
        .get(arnOf('a'))
        .then(row => order.push(row ? 'outside saw it' : 'outside saw nothing'))
      await new Promise(resolve => setTimeout(resolve, 20))
      seenInside = (await things(inside).get(arnOf('a'))) !== undefined
      order.push('ended')
      return { outside }
    })
    await (await reading).outside
    expect(seenInside).toBe(true)
    // Either the reader waited for the end, or it was answered with the time before: never a half-done state.
    expect([
      ['ended', 'outside saw it'],
      ['outside saw nothing', 'ended'],
    ]).toContainEqual(order)
  })

  it('adds up when fifty transactions read and write the same resource at once', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a', { size: 0 }))
    const addOne = () =>
      store.transaction(async inside => {
        const size = (await things(inside).get(arnOf('a')))?.desired.size ?? Number.NaN
        await inside.facts.put(`at ${size}`, 'taken')
        await things(inside).change(arnOf('a'), () => ({ size: size + 1 }))
      })
    await Promise.all(Array.from({ length: 50 }, addOne))
    expect(await things(store).get(arnOf('a'))).toMatchObject({ desired: { size: 50 }, generation: 51 })
  })

  it('does not let two transactions each take what the other looked at', async ({ open }) => {
    const store = await open()
    // Both are allowed only while the other is absent: whoever comes second must see the first.
    const takeUnless = (mine: string, other: string) =>
      store.transaction(async inside => {
        if (await things(inside).find(here, other)) return false
        await things(inside).insert(aThing(mine))
        return true
      })
    for (let round = 0; round < 10; round++) {
      const both = await Promise.all([takeUnless(`l${round}`, `r${round}`), takeUnless(`r${round}`, `l${round}`)])
      expect(both.filter(Boolean)).toHaveLength(1)
    }
  })

  it('runs a transaction of any length beside single writes', async ({ open }) => {
    const store = await open()
    const work = store.transaction(async inside => {
      for (let i = 0; i < 20; i++) {
        await things(inside).insert(aThing(`inside-${i}`))
        await new Promise(resolve => setImmediate(resolve))
      }
    })
    const alone = Array.from({ length: 20 }, (_, i) => things(store).insert(aThing(`alone-${i}`)))
    await Promise.all([work, ...alone])
    expect(await things(store).list(here)).toHaveLength(40)
  })
}
