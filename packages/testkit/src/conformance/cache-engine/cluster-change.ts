/** A shard changes over to the cluster protocol: a node that speaks it follows one that does not, and takes its place. */
import { type ClusterJoin, Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, type Running } from './bench.ts'

const allSlots = [{ from: 0, to: 16_383 }]

const joining = (primary: Running, members: readonly Running[], id?: string): ClusterJoin => ({
  primary: primary.node.place.node,
  members: members.map(({ node: { place } }) => ({ place, id: place === primary.node.place ? id : undefined })),
  slots: allSlots,
  configEpoch: 1,
  currentEpoch: 1,
})

export function clusterChange({ it }: Suite<Bench>): void {
  it('change to cluster: a member follows a node outside the protocol, takes its slots, and is followed by it', async bench => {
    const { start, prepare, restart, perform, sees, until } = bench
    const old = await start()
    expect(await (await old.node.customer()).text('SET', 'key', 'value')).toBe('OK')
    const first = prepare({ clusterMode: true })
    const patient = { clusterNodeTimeoutMs: 86_400_000 }
    await restart(first, { ...patient, clusterJoin: joining(old, [old, first]) })
    const joined = await sees(first, 'a link', view => view.following?.linkUp && view.cluster?.ok)
    expect(joined).toMatchObject({ role: 'replica', following: addressOf(old) })
    expect(joined.cluster?.peers.find(peer => peer.role === 'primary')).toMatchObject({
      ...addressOf(old),
      slots: allSlots,
    })
    await sees(old, 'its replica', view => view.followers.some(follower => follower.online))

    await perform(old, { do: 'follow', ...addressOf(first) })
    await perform(first, { do: 'take-over' })
    const owner = await sees(first, 'itself as primary', view => view.role === 'primary' && view.cluster?.ok)
    const { myId, peers } = owner.cluster!
    expect(peers.find(peer => peer.id === myId)?.slots).toEqual(allSlots)
    expect(await (await first.node.customer()).text('GET', 'key')).toBe('value')
    expect(await (await first.node.customer()).text('SET', 'key', 'newer')).toBe('OK')
    await sees(old, 'whom it follows', view => view.following?.linkUp)

    await old.node.kill()
    await restart(old, { clusterMode: true, clusterJoin: joining(first, [old, first], myId) })
    await sees(old, 'a link', view => view.role === 'replica' && view.following?.linkUp && view.cluster?.ok)
    const later = await sees(first, 'its replica', view => view.followers.some(follower => follower.online))
    const known = await until('it is known by the id it was expected under', async () =>
      (await bench.observe(first)).cluster?.peers.find(
        peer => peer.id !== myId && peer.linkUp && peer.primaryId === myId,
      ),
    )
    expect(known).toMatchObject(addressOf(old))
    expect(later.cluster?.peers).toHaveLength(2)
  })

  it('change to cluster: customers are kept to database 0 once no other holds keys', async ({ start, perform }) => {
    const node = await start()
    const customer = await node.node.customer()
    expect(await customer.text('SELECT', '3')).toBe('OK')
    expect(await customer.text('SET', 'key', 'value')).toBe('OK')
    const confine = { do: 'set-access', access: { mode: 'open' }, onlyDatabase0: true } as const
    await expect(perform(node, confine)).rejects.toThrow(Unavailable)
    expect(await customer.text('GET', 'key')).toBe('value')
    expect(await customer.text('DEL', 'key')).toBe('1')
    await perform(node, confine)
    await expect(customer.text('SET', 'key', 'value')).rejects.toThrow()
    const next = await node.node.customer()
    expect(await next.text('SELECT', '3')).toMatch(/^NOPERM/)
    expect(await next.text('SELECT', '0')).toBe('OK')
    expect(await next.text('SET', 'key', 'value')).toBe('OK')
    await perform(node, { do: 'set-access', access: { mode: 'open' } })
    expect(await next.text('SELECT', '3')).toBe('OK')
  })
}
