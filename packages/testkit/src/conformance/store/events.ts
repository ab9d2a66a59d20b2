/** The outbox: filters, order, followers. */
import type { EventRecord, Store } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { arnOf, elsewhere, here } from './things.ts'

const anEvent = (sourceId: string, at: string, more: Partial<EventRecord> = {}): EventRecord => ({
  sourceType: 'replication-group',
  sourceId,
  arn: arnOf(sourceId),
  message: `${sourceId} happened`,
  at: new Date(at),
  ...more,
})
const ever = { from: new Date(0), to: new Date('2030-01-01T00:00:00Z'), limit: 100 }
const ids = (entries: readonly EventRecord[]): string[] => entries.map(entry => entry.sourceId)

async function appendFour(store: Store): Promise<void> {
  await store.events.append(here, anEvent('a', '2026-01-01T00:00:00Z'))
  await store.events.append(here, anEvent('b', '2026-01-02T00:00:00Z', { sourceType: 'cache-cluster' }))
  await store.events.append(elsewhere, anEvent('c', '2026-01-03T00:00:00Z'))
  await store.events.append(here, anEvent('d', '2026-01-04T00:00:00.004Z'))
}

export function events({ it }: Suite<StoreUnderTest>): void {
  it('lists the events of one scope, oldest first, with growing numbers', async ({ open }) => {
    const store = await open()
    await appendFour(store)
    const listed = await store.events.list(here, ever)
    expect(ids(listed)).toEqual(['a', 'b', 'd'])
    expect(listed[2]).toEqual({ ...anEvent('d', '2026-01-04T00:00:00.004Z'), ...here, seq: listed[2]?.seq })
    expect(listed.map(entry => entry.seq)).toEqual(listed.map(entry => entry.seq).toSorted((a, b) => a - b))
  })

  it('filters events by time, source and number, and pages by the last', async ({ open }) => {
    const store = await open()
    await appendFour(store)
    const from = new Date('2026-01-02T00:00:00Z')
    const [, second] = await store.events.list(here, ever)
    expect(ids(await store.events.list(here, { ...ever, from }))).toEqual(['b', 'd'])
    expect(ids(await store.events.list(here, { ...ever, to: from }))).toEqual(['a', 'b'])
    expect(ids(await store.events.list(here, { ...ever, sourceType: 'cache-cluster' }))).toEqual(['b'])
    expect(ids(await store.events.list(here, { ...ever, sourceId: 'd' }))).toEqual(['d'])
    expect(ids(await store.events.list(here, { ...ever, sourceId: 'd', sourceType: 'user' }))).toEqual([])
    expect(ids(await store.events.list(here, { ...ever, limit: 2 }))).toEqual(['a', 'b'])
    expect(ids(await store.events.list(here, { ...ever, afterSeq: second?.seq ?? 0 }))).toEqual(['d'])
  })

  it('shows a follower everything after a number, of every scope', async ({ open }) => {
    const store = await open()
    await appendFour(store)
    const first = await store.events.since(0, 2)
    expect(ids(first)).toEqual(['a', 'b'])
    const rest = await store.events.since(first[1]?.seq ?? 0, 100)
    expect(ids(rest)).toEqual(['c', 'd'])
    expect(rest[0]).toMatchObject(elsewhere)
    expect(await store.events.since(rest[1]?.seq ?? 0, 100)).toEqual([])
  })

  it('prunes what is older, and never gives a number out again', async ({ open }) => {
    const store = await open()
    await appendFour(store)
    const newest = (await store.events.since(0, 100)).at(-1)?.seq ?? 0
    await store.events.prune(new Date('2026-01-03T00:00:00Z'))
    expect(ids(await store.events.since(0, 100))).toEqual(['c', 'd'])
    await store.events.prune(new Date('2030-01-01T00:00:00Z'))
    expect(await store.events.since(0, 100)).toEqual([])
    await store.events.append(here, anEvent('e', '2030-01-01T00:00:00Z'))
    expect((await store.events.since(0, 1))[0]?.seq).toBeGreaterThan(newest)
  })
}
