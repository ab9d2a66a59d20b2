// Cluster mode: who is no node of the group must leave every node's memory, on all of them at once (gossip would bring it back).
import { allNodes, type ClusterPeer, usesClusterProtocol } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { type AnsweringNode, answering, some } from '../view.ts'

/**
 * Forgets peers that own nothing and are nowhere: the stand-ins a new cluster starts with, and nodes that were retired. A
 * peer that still owns slots is left alone, for its slots would be forgotten with it; so is one that somebody follows,
 * and one that lives at the address of a node of ours.
 */
export function forgetGhosts(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const nodes = allNodes(context.desired)
    .map(node => answering(look, node.id))
    .filter(node => node !== undefined)
  const members = new Set(nodes.map(node => node.view.cluster?.myId))
  const ghosts = nodes.flatMap(node => ghostsOf(node, members, look))
  if (ghosts.length === 0) return undefined
  return {
    do: 'forget',
    ghosts,
    why: `${some([...new Set(ghosts.map(ghost => ghost.node))])} remembers peers that are no nodes`,
  }
}

function ghostsOf(node: AnsweringNode, members: ReadonlySet<string | undefined>, look: GroupLook) {
  const peers = node.view.cluster?.peers ?? []
  const followed = new Set(peers.map(peer => peer.primaryId))
  return peers
    .filter(peer => !members.has(peer.id) && !livesHere(peer, look))
    .filter(peer => peer.slots.length === 0 && !followed.has(peer.id))
    .map(peer => ({ node: node.node, peerId: peer.id }))
}

const livesHere = (peer: ClusterPeer, look: GroupLook): boolean =>
  [...look.nodes.values()].some(({ place }) => place.address === peer.host && place.busPort === peer.busPort)
