import type { NodeId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { aLook, aNode, aPeer, aView, clusterId } from '../../tests/looks.ts'
import type { NodeLook } from './observe.ts'
import { type AnsweringNode, olderClaim } from './view.ts'

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

  it('is the oldest where none is free', () => {
    expect(claims({ [heir]: 2, [other]: 1 }, [lost], [aNode(other)])).toEqual([0])
  })
})
