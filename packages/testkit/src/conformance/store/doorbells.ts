/** The doorbell as loops know it: heard after the call, by everybody who listens. */
import { expect } from 'vitest'
import { eventually } from '../../hotshelf.ts'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { arnOf } from './things.ts'

export function doorbells({ it }: Suite<StoreUnderTest>): void {
  it('is heard by every listener, after whoever rang went on', async ({ open }) => {
    const { doorbell } = await open()
    const heard: string[] = []
    doorbell.onRing(arn => heard.push(`first ${arn}`))
    const stop = doorbell.onRing(arn => heard.push(`second ${arn}`))
    doorbell.ring(arnOf('a'))
    expect(heard).toEqual([])
    await eventually(
      async () => heard.length,
      length => length === 2,
    )
    stop()
    doorbell.ring(arnOf('b'))
    await eventually(
      async () => heard.length,
      length => length === 3,
    )
    expect(heard).toEqual([`first ${arnOf('a')}`, `second ${arnOf('a')}`, `first ${arnOf('b')}`])
  })
}
