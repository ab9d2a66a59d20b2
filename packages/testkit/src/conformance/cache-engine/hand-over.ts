/** A primary that lives gives its role to a replica, and no write that was acknowledged is lost. */
import { Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, clusterId, meet, type Running } from './bench.ts'

export function handOver({ it }: Suite<Bench>): void {
  it('hand-over: holds writes back until they are let go, and goes on reading', async ({ start, perform, world }) => {
    const node = await start()
    await perform(node, { do: 'pause-writes', forMs: 60_000 })
    let answered = false
    const writing = (await node.node.customer()).text('SET', 'key', 'value').finally(() => (answered = true))
    expect(await (await node.node.customer()).text('DBSIZE')).toBe('0')
    for (let i = 0; i < 5; i++) await world.pass()
    expect(answered).toBe(false)
    await perform(node, { do: 'resume-writes' })
    await perform(node, { do: 'resume-writes' })
    expect(await writing).toBe('OK')
  })

  it('hand-over: lets writes go by itself when the time is over', async ({ start, perform, until }) => {
    const node = await start()
    await perform(node, { do: 'pause-writes', forMs: 100 })
    let answer = ''
    void (await node.node.customer()).text('SET', 'key', 'value').then(text => (answer = text))
    await until('the write is answered', async () => answer === 'OK')
  })

  it('hand-over: answers once a replica holds as much as was asked for, or says that it does not', async bench => {
    const { observe, perform, until } = bench
    const { primary, replica } = await pair(bench)
    expect(await (await primary.node.customer()).text('SET', 'key', 'value')).toBe('OK')
    const { offset } = await observe(primary)
    await until('it holds everything', async () => {
      await perform(replica, { do: 'catch-up', offset, withinMs: 500 })
      return true
    })
    const more = { do: 'catch-up', offset: offset + 1_000_000, withinMs: 20 } as const
    await expect(perform(replica, more)).rejects.toThrow(Unavailable)
  })

  it('hand-over: cluster: a replica takes the role of a primary that lives, which follows it', async bench => {
    const { start, perform, sees, until } = bench
    const [primary, replica] = [await start({ clusterMode: true }), await start({ clusterMode: true })]
    await perform(primary, { do: 'add-slots', ranges: [{ from: 0, to: 16_383 }] })
    await meet(bench, replica, primary)
    const primaryId = await clusterId(bench, primary)
    await until('they know each other', () => perform(replica, { do: 'replicate', primaryId }).then(() => true))
    await sees(replica, 'a link', view => view.following?.linkUp)
    await sees(primary, 'a healthy cluster', view => view.cluster?.ok)
    await until('a write', async () => (await (await primary.node.customer()).text('SET', 'key', 'value')) === 'OK')
    await until('it has the role', () => perform(replica, { do: 'hand-over' }).then(() => true))
    await perform(replica, { do: 'hand-over' })
    const view = await sees(replica, 'itself as primary', seen => seen.role === 'primary')
    expect(view.cluster?.peers.find(peer => peer.id === view.cluster?.myId)?.slots).toEqual([{ from: 0, to: 16_383 }])
    expect(await (await replica.node.customer()).text('GET', 'key')).toBe('value')
    await sees(primary, 'whom it follows', seen => seen.role === 'replica' && seen.following?.linkUp)
  })

  it('hand-over: cluster: is not possible once the primary is gone', async bench => {
    const { start, perform, sees, until } = bench
    const [primary, replica] = [await start({ clusterMode: true }), await start({ clusterMode: true })]
    await perform(primary, { do: 'add-slots', ranges: [{ from: 0, to: 16_383 }] })
    await meet(bench, replica, primary)
    const primaryId = await clusterId(bench, primary)
    await until('they know each other', () => perform(replica, { do: 'replicate', primaryId }).then(() => true))
    await sees(replica, 'a link', view => view.following?.linkUp)
    await primary.node.kill()
    await sees(replica, 'no link', view => view.following?.linkUp === false)
    await expect(perform(replica, { do: 'hand-over' })).rejects.toThrow(Unavailable)
    expect((await bench.observe(replica)).role).toBe('replica')
  })
}

async function pair({ start, perform, sees }: Bench): Promise<{ primary: Running; replica: Running }> {
  const [primary, replica] = [await start(), await start()]
  await perform(replica, { do: 'follow', ...addressOf(primary) })
  await sees(replica, 'a link', view => view.following?.linkUp)
  return { primary, replica }
}
