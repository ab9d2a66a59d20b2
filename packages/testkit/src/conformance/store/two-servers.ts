/** Two servers on one database: neither overwrites the other, and each hears of the other. */
import { AlreadyExists, type Store } from '@hotshelf/domain'
import { expect } from 'vitest'
import { eventually } from '../../hotshelf.ts'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { aThing, arnOf, here, things } from './things.ts'

export function twoServers({ it }: Suite<StoreUnderTest>): void {
  it('lets servers start together on an empty database', async ({ open }) => {
    const stores = await Promise.all(Array.from({ length: 4 }, open))
    await things(stores[0] as Store).insert(aThing('a'))
    const views = await Promise.all(stores.map(store => things(store).list(here)))
    expect(views.map(rows => rows.length)).toEqual([1, 1, 1, 1])
  })

  it('shows each server what the other wrote', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    await things(one).insert(aThing('a'))
    await one.secrets.put(arnOf('a'), 's', 'hush')
    await things(two).change(arnOf('a'), () => ({ size: 2 }))
    await two.observations.put(arnOf('a'), {
      generation: 2,
      observed: { size: 2 },
      conditions: [],
      seenAt: new Date(1),
    })
    expect(await things(one).get(arnOf('a'))).toMatchObject({ desired: { size: 2 }, observation: { generation: 2 } })
    expect(await two.secrets.get(arnOf('a'), 's')).toBe('hush')
  })

  it('lists what the other server changed since the last list', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    const sizes = async (store: Store) => (await things(store).list(here)).map(row => row.desired.size)
    for (const name of ['a', 'b', 'c']) await things(one).insert(aThing(name))
    expect(await sizes(one)).toEqual([1, 1, 1])
    await things(two).change(arnOf('b'), () => ({ size: 2 }))
    expect(await sizes(one)).toEqual([1, 2, 1])
    await things(two).remove(arnOf('b'))
    await things(two).insert(aThing('b', { size: 3 }))
    await things(two).remove(arnOf('a'))
    expect(await sizes(one)).toEqual([3, 1])
  })

  it('gives a name to one of two servers that want it at once', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    for (let round = 0; round < 20; round++) {
      const name = `n${round}`
      const tries = await Promise.allSettled(
        [one, two].map((store, i) => things(store).insert(aThing(name, { size: i }))),
      )
      const refused = tries.filter(result => result.status === 'rejected')
      expect(refused.map(result => result.reason.constructor)).toEqual([AlreadyExists])
      const won = tries.findIndex(result => result.status === 'fulfilled')
      expect((await things(one).find(here, name))?.desired.size).toBe(won)
    }
  })

  it('loses no change when two servers change one resource at once', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    await things(one).insert(aThing('a', { size: 0 }))
    const addTwenty = async (store: Store) => {
      for (let i = 0; i < 20; i++) await things(store).change(arnOf('a'), desired => ({ size: desired.size + 1 }))
    }
    await Promise.all([addTwenty(one), addTwenty(two), addTwenty(one)])
    expect(await things(two).get(arnOf('a'))).toMatchObject({ desired: { size: 60 }, generation: 61 })
  })

  it('loses no step when transactions of two servers meet', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    await one.facts.put('counter', '0')
    const addTen = async (store: Store) => {
      for (let i = 0; i < 10; i++) {
        await store.transaction(async inside => {
          await inside.facts.put('counter', String(Number(await inside.facts.get('counter')) + 1))
        })
      }
    }
    await Promise.all([addTen(one), addTen(two)])
    expect(await one.facts.get('counter')).toBe('20')
  })

  it('gives a lease to one of two servers that want it at once', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    const numbers: number[] = []
    for (let round = 0; round < 20; round++) {
      const taken = await Promise.all([
        one.leases.take(arnOf('a'), 'one', 60_000),
        two.leases.take(arnOf('a'), 'two', 60_000),
      ])
      const number = taken.find(it => it !== undefined) ?? 0
      expect(taken.filter(it => it !== undefined)).toHaveLength(1)
      expect(await Promise.all([one, two].map(store => store.leases.holds(arnOf('a'), number)))).toEqual([true, true])
      numbers.push(number)
      await (taken[0] === undefined ? two.leases.release(arnOf('a'), 'two') : one.leases.release(arnOf('a'), 'one'))
    }
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  })

  it('shows a follower every event once while two servers append', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    const perServer = 60
    const append = async (store: Store, who: string) => {
      for (let i = 0; i < perServer; i++) {
        const event = {
          sourceType: 'user',
          sourceId: `${who}-${i}`,
          arn: arnOf('a'),
          message: '',
          at: new Date(),
        } as const
        // Half of them as the last act of a longer transaction, as services do.
        if (i % 2) await store.events.append(here, event)
        else await store.transaction(inside => inside.facts.put(who, '').then(() => inside.events.append(here, event)))
      }
    }
    const followed: string[] = []
    const follow = async () => {
      for (let last = 0; followed.length < 2 * perServer; ) {
        const page = await two.events.since(last, 7)
        followed.push(...page.map(entry => entry.sourceId))
        last = page.at(-1)?.seq ?? last
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    await Promise.all([append(one, 'one'), append(two, 'two'), follow()])
    expect(new Set(followed).size).toBe(2 * perServer)
  }, 60_000)

  it('rings the bell of the other server too, and its own only once', async ({ open }) => {
    const [one, two] = [await open(), await open()]
    const [atOne, atTwo] = [[] as string[], [] as string[]]
    one.doorbell.onRing(arn => atOne.push(arn))
    two.doorbell.onRing(arn => atTwo.push(arn))
    // The other may still be on its way to listening; a ring may be lost, so ring until one is heard.
    await eventually(
      async () => one.doorbell.ring(arnOf('early')),
      () => atTwo.includes(arnOf('early')),
    )
    atOne.length = 0
    const many = Array.from({ length: 300 }, (_, i) => arnOf(`group-with-a-rather-long-name-${i}`))
    for (const arn of many) one.doorbell.ring(arn)
    await eventually(
      async () => atTwo,
      heard => many.every(arn => heard.includes(arn)),
    )
    expect(atOne).toEqual(many)
  })
}
