/** Leases: one holder at a time, and numbers that only grow. */
import { expect } from 'vitest'
import { eventually } from '../../hotshelf.ts'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { aThing, arnOf, things } from './things.ts'

const long = 600_000

export function leases({ it }: Suite<StoreUnderTest>): void {
  it('gives a lease to one holder and keeps the others out', async ({ open }) => {
    const { leases } = await open()
    const number = await leases.take(arnOf('a'), 'one', long)
    expect(number).toBeGreaterThan(0)
    expect(await leases.take(arnOf('a'), 'two', long)).toBeUndefined()
    expect(await leases.holds(arnOf('a'), number ?? 0)).toBe(true)
    expect(await leases.take(arnOf('b'), 'two', long)).toBeGreaterThan(0)
  })

  it('renews for the same holder under the same number', async ({ open }) => {
    const { leases } = await open()
    const number = await leases.take(arnOf('a'), 'one', long)
    expect(await leases.take(arnOf('a'), 'one', long)).toBe(number)
    expect(await leases.holds(arnOf('a'), number ?? 0)).toBe(true)
  })

  it('passes on with a higher number, and the old number holds no more', async ({ open }) => {
    const { leases } = await open()
    const first = (await leases.take(arnOf('a'), 'one', long)) ?? 0
    await leases.release(arnOf('a'), 'one')
    expect(await leases.holds(arnOf('a'), first)).toBe(false)
    const second = (await leases.take(arnOf('a'), 'two', long)) ?? 0
    expect(second).toBeGreaterThan(first)
    expect(await leases.holds(arnOf('a'), first)).toBe(false)
    expect(await leases.holds(arnOf('a'), second)).toBe(true)
  })

  it('is not released by somebody else', async ({ open }) => {
    const { leases } = await open()
    const number = (await leases.take(arnOf('a'), 'one', long)) ?? 0
    await leases.release(arnOf('a'), 'two')
    expect(await leases.holds(arnOf('a'), number)).toBe(true)
  })

  it('runs out, and a number that ran out never holds again', async ({ open }) => {
    const { leases } = await open()
    const first = (await leases.take(arnOf('a'), 'one', 1)) ?? 0
    await eventually(
      () => leases.holds(arnOf('a'), first),
      held => !held,
    )
    const second = (await leases.take(arnOf('a'), 'one', long)) ?? 0
    expect(second).toBeGreaterThan(first)
    expect(await leases.holds(arnOf('a'), first)).toBe(false)
  })

  it('goes on counting when a resource is made again under its old name', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    const first = (await store.leases.take(arnOf('a'), 'one', long)) ?? 0
    await store.leases.release(arnOf('a'), 'one')
    await things(store).remove(arnOf('a'))
    await things(store).insert(aThing('a'))
    expect(await store.leases.take(arnOf('a'), 'one', long)).toBeGreaterThan(first)
  })
}
