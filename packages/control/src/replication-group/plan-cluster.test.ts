import { type NodeId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { aContext, addressOf, aNode, aPeer, aView, clusterId, endpoint, aLook } from '../../tests/looks.ts'
import type { NodeLook } from './observe.ts'
import { planReplicationGroup } from './plan.ts'
import type { StepOf } from './steps.ts'

describe('the plan of a replication group, cluster mode enabled', () => {
  const ids = ['g-0001-001', 'g-0001-002', 'g-0002-001', 'g-0002-002'] as NodeId[]
  const fresh = (node: NodeId): NodeLook =>
    aNode(node, { view: aView(node, { directives: {}, cluster: clusterViewOf(node, [node]) }) })
  function clusterViewOf(node: NodeId, known: readonly NodeId[], changes: object = {}) {
    return {
      myId: clusterId(node),
      ok: false,
      currentEpoch: 0,
      migrating: {},
      importing: {},
      peers: known.map(peer => aPeer(peer)),
      ...changes,
    }
  }

  it('follows the latest claim to a shard: an old primary that comes back does not know of its successor yet', () => {
    const [old, successor, other] = ids as [NodeId, NodeId, NodeId]
    const first = [{ from: 0, to: 8191 }]
    const claims = new Map([
      [old, { epoch: 1, slots: first }],
      [successor, { epoch: 5, slots: first }],
      [other, { epoch: 2, slots: [{ from: 8192, to: 16383 }] }],
    ])
    // Each tells its own claim; 001 has heard nothing, and claims as many slots as 002.
    const nodes = ids.map(node => {
      const peers = clusterViewOf(node, ids).peers.map(peer => {
        const claim = peer.id === clusterId(node) ? claims.get(node) : undefined
        return { ...peer, configEpoch: claim?.epoch ?? 0, slots: claim?.slots ?? [] }
      })
      return aNode(node, { view: aView(node, { directives: {}, cluster: clusterViewOf(node, ids, { peers }) }) })
    })
    const look = {
      ...aLook(nodes),
      endpoints: [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }],
    }
    expect(planReplicationGroup(aContext(2, 1), look)).toMatchObject({
      do: 'attach',
      replicas: [
        { node: old, other: successor },
        { node: ids[3], other },
      ],
    })
  })

  it('introduces strangers, gives epochs and hands out slots in one step', () => {
    const look = {
      ...aLook(ids.map(fresh)),
      endpoints: [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }],
    }
    const step = planReplicationGroup(aContext(2, 1), look)
    expect(step).toMatchObject({
      do: 'form',
      epochs: ids.map((node, i) => ({ node, epoch: i + 1 })),
      slots: [
        { node: ids[0], ranges: [{ from: 0, to: 8191 }] },
        { node: ids[2], ranges: [{ from: 8192, to: 16383 }] },
      ],
    })
    const pairs = (step as StepOf<'form'>).meet.map(pair => [pair.node, pair.other].toSorted().join())
    expect(new Set(pairs).size).toBe(pairs.length)
    expect(pairs).toContain([ids[0], ids[1]].toSorted().join())
    expect(pairs).toContain([ids[0], ids[2]].toSorted().join())
  })

  it('does not meet again while a handshake runs', () => {
    const met = ids.map(node =>
      aNode(node, {
        view: aView(node, {
          cluster: clusterViewOf(node, ids, {
            peers: clusterViewOf(node, ids).peers.map(p => ({
              ...p,
              known: p.id === clusterId(node),
              slots: p.id === clusterId(ids[0]!) ? [{ from: 0, to: 16383 }] : [],
            })),
          }),
        }),
      }),
    )
    const look = {
      ...aLook(met),
      endpoints: [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }],
    }
    expect(planReplicationGroup(aContext(2, 1), look)).toMatchObject({
      do: 'wait',
      why: 'g-0001-001 sees 0 of 3 peers',
    })
  })

  describe('when a node has not heard of a new role', () => {
    const [old, successor, other, replica] = ids as [NodeId, NodeId, NodeId, NodeId]
    /** 002 leads the first shard and 001 follows it; 0002-002 still believes that it is the other way round. */
    function look(timeouts: Partial<Record<NodeId, number>> = {}) {
      const follows = new Map([
        [old, successor],
        [replica, other],
      ])
      const nodes = ids.map(node => {
        const told =
          node === replica
            ? new Map([
                [successor, old],
                [replica, other],
              ])
            : follows
        const peers = clusterViewOf(node, ids).peers.map((peer, i) => {
          const primary = told.get(ids[i]!)
          const slots = primary ? [] : [ids[i] === other ? { from: 8192, to: 16383 } : { from: 0, to: 8191 }]
          return { ...peer, role: primary ? 'replica' : 'primary', primaryId: primary && clusterId(primary), slots }
        })
        const primary = follows.get(node)
        const follower = [...follows].find(([, leader]) => leader === node)?.[0]
        return aNode(node, {
          view: aView(node, {
            role: primary ? 'replica' : 'primary',
            boundAddresses: [addressOf(node), ...(node === old ? ['127.80.9.1'] : [])],
            directives: { 'cluster-node-timeout': String(timeouts[node] ?? 15_000) },
            ...(primary ? { following: { host: addressOf(primary), port: 6379, linkUp: true, receiving: true } } : {}),
            ...(follower
              ? { followers: [{ host: addressOf(follower), port: 6379, online: true, offset: 0, lagSeconds: 0 }] }
              : {}),
            cluster: clusterViewOf(node, ids, { peers, ok: true }),
          }),
        })
      })
      const endpoints = [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }]
      return { ...aLook(nodes), endpoints }
    }

    it('has the fewer ping more often: those with news, or those who missed it', () => {
      expect(planReplicationGroup(aContext(2, 1), look())).toEqual({
        do: 'node-timeout',
        nodes: [replica],
        timeoutMs: 1000,
        why: 'g-0002-002 has not heard of every role yet; g-0002-002 is to ping more often',
      })
    })

    it('waits once they do', () => {
      expect(planReplicationGroup(aContext(2, 1), look({ [replica]: 1000 }))).toMatchObject({
        do: 'wait',
        why: 'g-0002-002 has not heard of every role yet',
      })
    })
  })
})
