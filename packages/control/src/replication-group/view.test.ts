import type { NodeId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { addressOf, aNode, aView } from '../../tests/looks.ts'
import { type AnsweringNode, olderClaim } from './view.ts'

const [heir, lost, mate, other] = ['g-0001-001', 'g-0001-002', 'g-0001-003', 'g-0002-001'] as [
  NodeId,
  NodeId,
  NodeId,
  NodeId,
]

/** As the heir knows everybody: by the epochs of their claims. */
function knowing(epochs: Readonly<Record<string, number>>): AnsweringNode {
  const peers = Object.entries(epochs).map(([node, configEpoch]) => ({
    id: `id of ${node}`,
    host: addressOf(node as NodeId),
    port: 6379,
    busPort: 16379,
    role: 'primary' as const,
    primaryId: undefined,
    known: true,
    health: 'ok' as const,
    linkUp: true,
    configEpoch,
    slots: [],
  }))
  const cluster = { myId: `id of ${heir}`, ok: true, currentEpoch: 9, migrating: {}, importing: {}, peers }
  return aNode(heir, { view: aView(heir, { cluster }) }) as AnsweringNode
}

const ended = (node: NodeId) => aNode(node, { running: false })

describe('the claim that a node comes back with', () => {
  it('is the one that its successor knows it by', () => {
    expect(olderClaim(knowing({ [heir]: 9, [lost]: 4, [other]: 5 }), ended(lost), [ended(lost)])).toBe(4)
  })

  it('is one of its own where others come back that are known by the same', () => {
    const view = knowing({ [heir]: 9, [lost]: 8, [mate]: 8, [other]: 7 })
    const both = [ended(lost), ended(mate)]
    expect([olderClaim(view, ended(lost), both), olderClaim(view, ended(mate), both)]).toEqual([8, 6])
  })

  it('is the oldest where its successor knows no older one', () => {
    expect(olderClaim(knowing({ [heir]: 9, [other]: 5 }), ended(lost), [ended(lost)])).toBe(0)
    expect(olderClaim(knowing({ [heir]: 9, [lost]: 9 }), ended(lost), [ended(lost)])).toBe(0)
  })
})
