/** What stands beside resources: observations, tags, secrets, facts. */
import type { Condition } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { aThing, arnOf, here, things } from './things.ts'

const degraded: Condition = {
  type: 'Degraded',
  ok: false,
  reason: 'NodeLost',
  message: 'The node is gone; another is being started.',
  since: new Date('2026-01-02T03:04:05.678Z'),
}
const seenAt = new Date('2026-02-02T00:00:00.002Z')

export function besideResources({ it }: Suite<StoreUnderTest>): void {
  it('shows the newest observation in every view of a resource, with dates as dates', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await store.observations.put(arnOf('a'), {
      generation: 1,
      observed: { size: 1 },
      conditions: [],
      seenAt: new Date(0),
    })
    const seen = { generation: 2, observed: { size: 5 }, conditions: [degraded], seenAt }
    await store.observations.put(arnOf('a'), seen)
    expect(await store.observations.get(arnOf('a'))).toEqual(seen)
    const views = [await things(store).get(arnOf('a')), await things(store).find(here, 'a')]
    views.push(...(await things(store).list(here)), ...(await things(store).listEverywhere()))
    expect(views.map(row => row?.observation)).toEqual([seen, seen, seen, seen])
    expect((await things(store).change(arnOf('a'), () => ({ size: 6 })))?.observation).toEqual(seen)
    expect((await things(store).requestDelete(arnOf('a'), seenAt))?.observation).toEqual(seen)
  })

  it('lets go of an observation of a resource that is gone', async ({ open }) => {
    const store = await open()
    await store.observations.put(arnOf('gone'), { generation: 1, observed: {}, conditions: [], seenAt })
    expect(await store.observations.get(arnOf('gone'))).toBeUndefined()
    expect((await things(store).insert(aThing('gone'))).observation).toBeUndefined()
  })

  it('keeps tags in the order they were given, and the last value of each', async ({ open }) => {
    const store = await open()
    await store.tags.set(arnOf('a'), [
      { key: 'z', value: '1' },
      { key: 'a', value: '2' },
    ])
    await store.tags.set(arnOf('a'), [
      { key: 'm', value: '3' },
      { key: 'z', value: '4' },
      { key: 'm', value: '5' },
    ])
    const tags = [
      { key: 'z', value: '4' },
      { key: 'a', value: '2' },
      { key: 'm', value: '5' },
    ]
    expect(await store.tags.of(arnOf('a'))).toEqual(tags)
    await store.tags.unset(arnOf('a'), ['a', 'never'])
    expect(await store.tags.of(arnOf('a'))).toEqual([tags[0], tags[2]])
  })

  it('answers the tags of many resources at once', async ({ open }) => {
    const store = await open()
    await store.tags.set(arnOf('a'), [{ key: 'k', value: 'a' }])
    await store.tags.set(arnOf('c'), [{ key: 'k', value: 'c' }])
    const found = await store.tags.ofMany([arnOf('a'), arnOf('b'), arnOf('c')])
    expect([...found]).toEqual([
      [arnOf('a'), [{ key: 'k', value: 'a' }]],
      [arnOf('b'), []],
      [arnOf('c'), [{ key: 'k', value: 'c' }]],
    ])
    expect([...(await store.tags.ofMany([]))]).toEqual([])
  })

  it('takes an empty list of tags or keys as nothing to do', async ({ open }) => {
    const store = await open()
    await store.tags.set(arnOf('a'), [])
    await store.tags.unset(arnOf('a'), [])
    expect(await store.tags.of(arnOf('a'))).toEqual([])
  })

  it('tells apart tag keys that differ in case only', async ({ open }) => {
    const store = await open()
    await store.tags.set(arnOf('a'), [
      { key: 'Key', value: '1' },
      { key: 'key', value: '2' },
    ])
    expect(await store.tags.of(arnOf('a'))).toHaveLength(2)
  })

  it('opens the secrets it sealed, by resource and name', async ({ open }) => {
    const store = await open()
    await store.secrets.put(arnOf('a'), 'auth-token', 'first')
    await store.secrets.put(arnOf('a'), 'auth-token', 'sécret 🗝')
    await store.secrets.put(arnOf('a'), 'other', '')
    await store.secrets.put(arnOf('b'), 'auth-token', 'of b')
    expect(await store.secrets.get(arnOf('a'), 'auth-token')).toBe('sécret 🗝')
    expect(await store.secrets.get(arnOf('a'), 'other')).toBe('')
    await store.secrets.remove(arnOf('a'), 'auth-token')
    await store.secrets.remove(arnOf('a'), 'auth-token')
    expect(await store.secrets.get(arnOf('a'), 'auth-token')).toBeUndefined()
    expect(await store.secrets.get(arnOf('b'), 'auth-token')).toBe('of b')
  })

  it('remembers facts and replaces them', async ({ open }) => {
    const store = await open()
    expect(await store.facts.get('made')).toBeUndefined()
    await store.facts.put('made', 'yesterday')
    await store.facts.put('made', 'today')
    expect(await store.facts.get('made')).toBe('today')
  })
}
