import { type NodeId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { aContext, addressOf, aNode, aView, endpoint, aLook } from '../../tests/looks.ts'
import type { NodeLook } from './observe.ts'
import { planReplicationGroup } from './plan.ts'
import type { StepOf } from './steps.ts'

describe('the plan of a replication group, cluster mode enabled', () => {
  const ids = ['g-0001-001', 'g-0001-002', 'g-0002-001', 'g-0002-002'] as NodeId[]
  const clusterId = (node: NodeId): string => `id-${node}`
  const fresh = (node: NodeId): NodeLook =>
    aNode(node, { view: aView(node, { directives: {}, cluster: clusterViewOf(node, [node]) }) })
  function clusterViewOf(node: NodeId, known: readonly NodeId[], changes: object = {}) {
    return {
      myId: clusterId(node),
      ok: false,
      currentEpoch: 0,
      migrating: {},
      importing: {},
      peers: known.map(peer => ({
        id: clusterId(peer),
        host: addressOf(peer),
        port: 6379,
        busPort: 16379,
        role: 'primary' as const,
        primaryId: undefined,
        known: true,
        health: 'ok' as const,
        linkUp: true,
        configEpoch: 0,
        slots: [],
      })),
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
})
