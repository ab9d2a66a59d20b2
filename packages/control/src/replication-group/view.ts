/** Pure questions over one look at a group: who answers, who is primary, who could be. */
import type { ClusterPeer, EngineView, NodeId, ShardDesired, ShardId, SlotRange } from '@hotshelf/domain'
import { parseSlotRanges, slotCount, usesClusterProtocol } from '@hotshelf/domain'
import type { GroupContext } from './context.ts'
import type { GroupLook, NodeLook } from './observe.ts'

export type AnsweringNode = NodeLook & { readonly view: EngineView }

export function answering(look: GroupLook, node: NodeId): AnsweringNode | undefined {
  const found = look.nodes.get(node)
  return found?.view && !found.view.loading ? (found as AnsweringNode) : undefined
}

export const answeringIn = (look: GroupLook, shard: ShardDesired): readonly AnsweringNode[] =>
  shard.nodes.map(node => answering(look, node.id)).filter(node => node !== undefined)

export const everAvailable = (look: GroupLook): boolean => look.memory?.everAvailable ?? false

export const ownedSlots = (node: AnsweringNode): readonly SlotRange[] =>
  node.view.cluster?.peers.find(peer => peer.id === node.view.cluster?.myId)?.slots ?? []

/** Two nodes are the same when their addresses are: a node keeps its address for life. */
export const isAt = (node: NodeLook, at: { readonly host: string; readonly port: number } | undefined): boolean =>
  at !== undefined &&
  (at.host === node.place.address || at.host === node.place.hostname) &&
  (at.port === node.place.port || at.port === node.place.tlsPort)

export const peerOf = (viewer: AnsweringNode, node: NodeLook): ClusterPeer | undefined =>
  viewer.view.cluster?.peers.find(peer => isAt(node, peer))

/**
 * The node that acts as the shard's primary now, if any.
 * Cluster mode: who owns the shard's slots. Otherwise: who says primary, where several do the one asked for,
 * then the one remembered, then the one that holds the primary endpoint.
 */
export function actingPrimary(context: GroupContext, look: GroupLook, shard: ShardDesired): AnsweringNode | undefined {
  const primaries = answeringIn(look, shard).filter(node => node.view.role === 'primary')
  if (usesClusterProtocol(context.desired)) {
    const owners = primaries.filter(node => slotCount(ownedSlots(node)) > 0)
    return owners.toSorted((a, b) => slotCount(ownedSlots(b)) - slotCount(ownedSlots(a)))[0]
  }
  const endpoint = look.endpoints.find(place => place.role === 'primary')?.address
  return (
    primaries.find(node => node.node === context.desired.targetPrimary[shard.id]) ??
    primaries.find(node => node.node === look.memory?.primaryOf[shard.id]) ??
    primaries.find(node => endpoint !== undefined && node.view.boundAddresses.includes(endpoint)) ??
    (everAvailable(look) ? primaries[0] : undefined)
  )
}

/** Who should be primary when nobody is: asked for, remembered, or the first node. */
export function intendedPrimary(context: GroupContext, look: GroupLook, shard: ShardDesired): NodeId {
  const acting = actingPrimary(context, look, shard)
  const members = new Set(shard.nodes.map(node => node.id))
  const wanted = [acting?.node, context.desired.targetPrimary[shard.id], look.memory?.primaryOf[shard.id]]
  return wanted.find(node => node !== undefined && members.has(node)) ?? shard.nodes[0]!.id
}

/** The slots a shard should own, as ranges. */
export const slotsOf = (shard: ShardDesired): readonly SlotRange[] => parseSlotRanges(shard.slots ?? '')

export const shardName = (shard: ShardId): string => `shard ${shard}`

export const some = (nodes: readonly NodeId[]): string =>
  nodes.length <= 3 ? nodes.join(', ') : `${nodes.slice(0, 3).join(', ')} and ${nodes.length - 3} more`
