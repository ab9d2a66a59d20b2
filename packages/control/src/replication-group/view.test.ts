import { type NodeId, shardId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { aContext, aLook, aNode, aPeer, aView, clusterId } from '../../tests/looks.ts'
import type { NodeLook } from './observe.ts'
import { actingPrimary, type AnsweringNode, olderClaim } from './view.ts'

const [heir, lost, mate, other] = ['g-0001-001', 'g-0001-002', 'g-0001-003', 'g-0002-001'] as [
  NodeId,
  NodeId,
  NodeId,
  NodeId,
]

/** As one knows everybody, itself included: by the epochs of their claims. */
function knowing(epochs: Readonly<Record<string, number>>, self: NodeId = heir): AnsweringNode {
  const peers = Object.entries(epochs).map(([node, configEpoch]) => aPeer(node as NodeId, { configEpoch }))
  const cluster = { myId: clusterId(self), ok: true, currentEpoch: 9, migrating: {}, importing: {}, peers }
  return aNode(self, { view: aView(self, { cluster }) }) as AnsweringNode
}

const ended = (node: NodeId) => aNode(node, { running: false })
const claims = (epochs: Readonly<Record<string, number>>, back: readonly NodeId[], more: readonly NodeLook[] = []) => {
  const successor = knowing(epochs)
  const look = aLook([successor, ...back.map(ended), ...more])
  return back.map(node => olderClaim(look, successor, node))
}

describe('the claim that a node comes back with', () => {
  it('is older than its successor’s, and nobody else’s, by what that knows and by what everybody says of himself', () => {
    const quiet = aNode(other)
    expect(claims({ [heir]: 4, [lost]: 1, [other]: 2 }, [lost], [quiet])).toEqual([1])
    expect(claims({ [heir]: 4, [lost]: 1, [other]: 1 }, [lost], [quiet])).toEqual([2])
    const saysTwo = knowing({ [other]: 2, [heir]: 4 }, other)
    expect(claims({ [heir]: 4, [lost]: 1, [other]: 1 }, [lost], [saysTwo])).toEqual([3])
  })

  it('is another for each of those who come back together, of whatever shard', () => {
    expect(claims({ [heir]: 9, [lost]: 8, [mate]: 8, [other]: 7 }, [lost, mate, other])).toEqual([1, 2, 3])
    expect(claims({ [heir]: 9, [lost]: 8 }, [lost, mate], [aNode(other)])).toEqual([1, 2])
  })

  it('is as old where the successor is silent, by what everybody else has heard of it', () => {
    const witness = knowing({ [heir]: 4, [lost]: 1, [other]: 2 }, other)
    const look = aLook([aNode(heir), ended(lost), witness])
    expect(olderClaim(look, aNode(heir), lost)).toBe(1)
    expect(olderClaim(aLook([aNode(heir), ended(lost)]), aNode(heir), lost)).toBe(0)
  })

  it('is nobody else’s where two shards know each other by different epochs', () => {
    const [first, second] = [knowing({ [heir]: 9, [other]: 1 }), knowing({ [heir]: 2, [other]: 9 }, other)]
    const look = aLook([first, second, ended(lost), ended(mate)])
    expect([olderClaim(look, first, lost), olderClaim(look, second, mate)]).toEqual([3, 4])
  })

  it('is not that of a primary that comes back itself, nor of one that was started a moment ago', () => {
    const successor = knowing({ [heir]: 9, [mate]: 1, [other]: 2 })
    const launched = { digest: 'x', labels: { replaced: '3' }, at: new Date(0) }
    const nodes = [successor, ended(lost), aNode(mate, { launched }), ended(other)]
    const look = aLook(nodes, { primaryOf: { [shardId(1)]: heir, [shardId(2)]: other } })
    expect(olderClaim(look, successor, lost)).toBe(4)
  })

  it('is the oldest where none is free', () => {
    expect(claims({ [heir]: 2, [other]: 1 }, [lost], [aNode(other)])).toEqual([0])
  })
})

describe('who acts as primary', () => {
  const context = aContext(1, 1)
  const clustered = { ...context, desired: { ...context.desired, clusterMode: 'enabled' as const } }
  const shard = {
    ...context.desired.shards[0]!,
    nodes: [heir, lost].map(id => ({ ...context.desired.shards[0]!.nodes[0]!, id })),
  }
  /** `lost`, started again with a claim of epoch 3, and what it claims by now. */
  const back = (configEpoch: number): NodeLook => {
    const peers = [aPeer(lost, { configEpoch, slots: [{ from: 0, to: 16_383 }] })]
    const cluster = { myId: clusterId(lost), ok: false, currentEpoch: 9, migrating: {}, importing: {}, peers }
    const launched = { digest: 'x', labels: { replaced: '3' }, at: new Date(0) }
    return aNode(lost, { view: aView(lost, { cluster }), launched })
  }
  const acting = (node: NodeLook, remembered: NodeId) =>
    actingPrimary(clustered, aLook([ended(heir), node], { primaryOf: { [shardId(1)]: remembered } }), shard)?.node

  it('is nobody where a node that was replaced came back and its successor ended before it could tell', () => {
    expect(acting(back(3), heir)).toBeUndefined()
  })

  it('is that node again once it took over, or where it is the one that is remembered', () => {
    expect(acting(back(5), heir)).toBe(lost)
    expect(acting(back(3), lost)).toBe(lost)
  })
})
