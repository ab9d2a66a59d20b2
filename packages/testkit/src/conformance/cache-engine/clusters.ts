/** Members of a cluster: how it is formed, how slots change hands, and what news looks like to a late caller. */
import { Bug, type EngineCommand, Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, clusterId, type Running } from './bench.ts'
import { isWhole, lineOf, ownLine, thirds, threeShards, writeSomewhere } from './three-shards.ts'

export function clusters({ it }: Suite<Bench>): void {
  it('cluster: begins as a lonely member that owns nothing', async ({ start, observe }) => {
    const node = await start({ clusterMode: true })
    const view = await observe(node)
    expect(view.cluster).toMatchObject({ ok: false, currentEpoch: 0, migrating: {}, importing: {} })
    expect(view.cluster?.peers).toHaveLength(1)
    expect(ownLine(view)).toMatchObject({
      role: 'primary',
      primaryId: undefined,
      known: true,
      health: 'ok',
      slots: [],
    })
  })

  it('cluster: is formed of three primaries and three replicas by MEET, slots and REPLICATE', async bench => {
    const { observe } = bench
    const { nodes, primaries, replicas } = await threeShards(bench)
    const ids = await Promise.all(nodes.map(node => clusterId(bench, node)))
    for (const [i, node] of primaries.entries()) {
      expect(ownLine(await observe(node))).toMatchObject({
        ...addressOf(node),
        role: 'primary',
        slots: [thirds[i]],
        configEpoch: i + 1,
      })
    }
    for (const [i, node] of replicas.entries()) {
      expect(ownLine(await observe(node))).toMatchObject({ ...addressOf(node), role: 'replica', primaryId: ids[i] })
    }
    expect((await observe(nodes[0]!)).cluster?.currentEpoch).toBe(6)
    await writeSomewhere(primaries, 'key')
  })

  it('cluster: may start knowing itself, with stand-ins that the primaries take over from', async bench => {
    const { prepare, restart, observe, perform, sees } = bench
    const prepared = Array.from({ length: 6 }, () => prepare({ clusterMode: true }))
    const clusterSeed = thirds.map((slots, i) => ({
      slots: [slots],
      nodes: [prepared[i]!, prepared[i + 3]!].map(({ node }) => node.place),
    }))
    const nodes = await Promise.all(prepared.map(node => restart(node, { clusterSeed })))
    const standIns = new Set<string>()
    for (const node of nodes) {
      const { cluster } = await observe(node)
      const [known, others] = [cluster?.peers.filter(peer => peer.known), cluster?.peers.filter(peer => !peer.known)]
      expect(known).toHaveLength(6)
      expect(others).toMatchObject([{ host: '' }, { host: '' }, { host: '' }])
      for (const { id } of others ?? []) standIns.add(id)
    }
    expect(standIns.size).toBe(3)
    for (const node of nodes.slice(0, 3)) await perform(node, { do: 'take-over' })
    for (const [i, node] of nodes.entries()) {
      const primaryId = await clusterId(bench, nodes[i % 3]!)
      if (i >= 3) await sees(node, 'its primary', view => ownLine(view)?.primaryId === primaryId)
      await sees(node, 'no stand-in that owns slots', view =>
        view.cluster?.peers.every(peer => peer.slots.length === 0 || !standIns.has(peer.id)),
      )
    }
    for (const node of nodes) for (const peerId of standIns) await perform(node, { do: 'forget', peerId })
    for (const node of nodes)
      await sees(node, 'a whole cluster', view => isWhole(view) && view.cluster?.peers.length === 6)
    await sees(nodes[0]!, 'an epoch of its own for each primary', ({ cluster }) => {
      const primaries = cluster?.peers.filter(peer => peer.role === 'primary') ?? []
      return new Set(primaries.map(peer => peer.configEpoch)).size === 3
    })
    for (const node of nodes.slice(3)) await sees(node, 'a link', view => view.following?.linkUp)
  })

  it('cluster: moves a lost primary’s slots to the replica that takes over, and takes the old primary back as its replica', async bench => {
    const { restart, observe, perform, sees } = bench
    const { nodes, primaries, replicas } = await threeShards(bench)
    const [lost, heir] = [primaries[1]!, replicas[1]!]
    const [lostId, heirId] = [await clusterId(bench, lost), await clusterId(bench, heir)]
    await lost.node.kill()
    await perform(heir, { do: 'take-over' })
    await perform(heir, { do: 'take-over' })
    expect(ownLine(await observe(heir))).toMatchObject({ role: 'primary', primaryId: undefined, slots: [thirds[1]] })
    for (const node of nodes) {
      if (node === lost) continue
      await sees(node, 'the heir with the slots', view => lineOf(view, heirId)?.slots.length === 1)
      await sees(node, 'the loss', view => lineOf(view, lostId)?.health === 'failed')
      await sees(node, 'a healthy cluster', view => view.cluster?.ok)
    }
    const returned = await restart(lost)
    await sees(returned, 'its new primary', view => view.role === 'replica' && ownLine(view)?.primaryId === heirId)
    await sees(returned, 'a link', view => view.following?.linkUp)
    await sees(heir, 'it back', view => lineOf(view, lostId)?.health === 'ok')
  })

  it('cluster: tells an old primary that wakes up of its heir, also when that one is gone by then', async bench => {
    const { perform, sees } = bench
    const { primaries, replicas } = await threeShards(bench)
    const [old, heir] = [primaries[1]!, replicas[1]!]
    const heirId = await clusterId(bench, heir)
    old.node.freeze()
    await perform(heir, { do: 'take-over' })
    for (const node of [primaries[0]!, primaries[2]!])
      await sees(node, 'the heir with the slots', view => lineOf(view, heirId)?.slots.length === 1)
    await heir.node.kill()
    old.node.thaw()
    await sees(old, 'its heir', view => view.role === 'replica' && ownLine(view)?.primaryId === heirId)
  })

  it('cluster: keeps a forgotten peer out', async bench => {
    const { observe, perform, sees } = bench
    const { nodes, replicas } = await threeShards(bench)
    const gone = replicas[2]!
    const peerId = await clusterId(bench, gone)
    await gone.node.kill()
    const rest = nodes.filter(node => node !== gone)
    for (const node of rest) await perform(node, { do: 'forget', peerId })
    for (const node of rest) await perform(node, { do: 'forget', peerId })
    for (const node of rest) {
      await sees(node, 'four peers', view => view.cluster?.peers.length === 5)
      expect(lineOf(await observe(node), peerId)).toBeUndefined()
    }
  })

  it('cluster: tells by Unavailable what a look at the cluster will show', async bench => {
    const { perform } = bench
    const { primaries, replicas } = await threeShards(bench)
    const [first, second] = [primaries[0]!, primaries[1]!]
    // Owned by another; not known; a replica; too late for an epoch of one's own choice.
    const stale: readonly [Running, EngineCommand][] = [
      [first, { do: 'add-slots', ranges: [{ from: 0, to: 6000 }] }],
      [replicas[0]!, { do: 'replicate', primaryId: 'f'.repeat(40) }],
      [replicas[0]!, { do: 'replicate', primaryId: await clusterId(bench, replicas[1]!) }],
      [replicas[0]!, { do: 'forget', peerId: await clusterId(bench, first) }],
      [second, { do: 'set-config-epoch', epoch: 99 }],
    ]
    for (const [node, command] of stale) await expect(perform(node, command)).rejects.toThrow(Unavailable)
  })

  it('cluster: refuses what would lose data or makes no sense as a Bug', async bench => {
    const { perform } = bench
    const { primaries } = await threeShards(bench)
    const [first, second] = [primaries[0]!, primaries[1]!]
    await expect(perform(first, { do: 'replicate', primaryId: await clusterId(bench, second) })).rejects.toThrow(Bug)
    await expect(perform(first, { do: 'follow', ...addressOf(second) })).rejects.toThrow(Bug)
    const own = await clusterId(bench, first)
    await expect(perform(first, { do: 'forget', peerId: own })).rejects.toThrow(Bug)
  })

  it('cluster: adds the missing slots where some are owned already', async ({ start, observe, perform }) => {
    const node = await start({ clusterMode: true })
    await perform(node, { do: 'add-slots', ranges: [{ from: 10, to: 20 }] })
    await perform(node, {
      do: 'add-slots',
      ranges: [
        { from: 0, to: 12 },
        { from: 30, to: 30 },
      ],
    })
    expect(ownLine(await observe(node))?.slots).toEqual([
      { from: 0, to: 20 },
      { from: 30, to: 30 },
    ])
  })

  it('cluster: shows a peer that was met and never answered as not known', async ({
    world,
    start,
    observe,
    perform,
    sees,
  }) => {
    const node = await start({ clusterMode: true })
    const nobody = world.newAddress()
    await perform(node, { do: 'meet', host: nobody, port: 6379, busPort: 16_379 })
    const peers = (await observe(node)).cluster?.peers ?? []
    expect(peers.find(peer => peer.host === nobody)).toMatchObject({ known: false, linkUp: false, slots: [] })
    await sees(node, 'it given up', view => view.cluster?.peers.length === 1)
  })

  it('cluster: remembers its cluster when its process is started again', async bench => {
    const { restart, observe, sees } = bench
    const { primaries } = await threeShards(bench)
    const node = primaries[2]!
    const before = ownLine(await observe(node))
    await node.node.kill()
    const returned = await restart(node)
    const view = await sees(returned, 'everybody', isWhole)
    expect(ownLine(view)).toEqual(before)
  })
}
