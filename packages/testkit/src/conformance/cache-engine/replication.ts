/** Groups without the cluster protocol: following, promoting, and coming back as a replica. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, read, write } from './bench.ts'

export function replication({ it }: Suite<Bench>): void {
  it('replication: follows a primary until both have the same offset, and each sees the other', async ({
    start,
    observe,
    perform,
    sees,
  }) => {
    const [primary, replica] = [await start(), await start()]
    await write(primary, 'before')
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    await write(primary, 'after')
    const { offset } = await observe(primary)
    expect(offset).toBeGreaterThan(0)
    const view = await sees(replica, 'all of it', seen => seen.offset >= offset)
    expect(view).toMatchObject({ role: 'replica', following: { ...addressOf(primary), linkUp: true }, followers: [] })
    const { followers } = await sees(primary, 'an acknowledgement', seen =>
      seen.followers.some(follower => follower.online && follower.offset >= offset),
    )
    expect(followers).toMatchObject([addressOf(replica)])
    expect([await read(replica, 'before'), await read(replica, 'after')]).toEqual(['value', 'value'])
  })

  it('replication: keeps its link when it is told to follow whom it follows', async ({
    start,
    observe,
    perform,
    sees,
  }) => {
    const [primary, replica] = [await start(), await start()]
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    expect((await observe(replica)).following?.linkUp).toBe(true)
  })

  it('replication: tells of the stream from a primary that nobody writes to, and anew after every whole copy', async ({
    start,
    observe,
    perform,
    sees,
  }) => {
    const [first, second, replica] = [await start(), await start(), await start()]
    await write(second, 'key', 'of the second')
    for (const primary of [first, second]) {
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      await sees(replica, 'the stream', view => view.following?.linkUp && view.following.receiving)
    }
    expect(await read(replica, 'key')).toBe('of the second')
    const { offset } = await observe(second)
    await write(second, 'later')
    await sees(replica, 'more of the stream', view => view.offset > offset)
    expect((await observe(replica)).following?.receiving).toBe(true)
  })

  it('replication: starts as a replica when its setup says so, and never as what it was', async ({
    start,
    restart,
    observe,
    sees,
  }) => {
    const [first, second] = [await start(), await start()]
    await write(second, 'key', 'of the new primary')
    await first.node.kill()
    const returned = await restart(first, { follow: addressOf(second) })
    expect((await observe(returned)).role).toBe('replica')
    await sees(returned, 'a link', view => view.following?.linkUp)
    expect(await read(returned, 'key')).toBe('of the new primary')
  })

  it('replication: serves writes with all its data once promoted, also when told twice', async ({
    start,
    observe,
    perform,
    sees,
    until,
  }) => {
    const [primary, replica] = [await start(), await start()]
    await write(primary, 'key')
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    const { offset } = await observe(primary)
    await sees(replica, 'all of it', view => view.following?.linkUp && view.offset >= offset)
    expect(await (await replica.node.customer()).text('SET', 'x', 'y')).toMatch(/^READONLY /)
    await perform(replica, { do: 'promote' })
    await perform(replica, { do: 'promote' })
    expect(await observe(replica)).toMatchObject({ role: 'primary', following: undefined })
    expect(await read(replica, 'key')).toBe('value')
    await write(replica, 'another')
    await until('the old primary has no follower', async () => (await observe(primary)).followers.length === 0)
  })

  it('replication: sees a lost primary as a link that is down', async ({ start, perform, sees }) => {
    const [primary, replica] = [await start(), await start()]
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    await primary.node.kill()
    await sees(replica, 'no link', view => view.following?.linkUp === false)
  })
}
