/** Pure questions over one look at a group: who answers, who is primary, who could be. */
import type { ClusterPeer, ClusterView, EngineView, NodeId, ShardDesired, ShardId, SlotRange } from '@hotshelf/domain'
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

interface PeerIndex {
  readonly byId: ReadonlyMap<string, ClusterPeer>
  readonly byAddress: ReadonlyMap<string, ClusterPeer>
}

/** Every rule asks every node about every other: without an index a look at 500 nodes costs seconds. */
const indices = new WeakMap<ClusterView, PeerIndex>()

function indexOf(cluster: ClusterView): PeerIndex {
  const known = indices.get(cluster)
  if (known) return known
  const byId = new Map<string, ClusterPeer>()
  const byAddress = new Map<string, ClusterPeer>()
  for (const peer of cluster.peers) {
    if (!byId.has(peer.id)) byId.set(peer.id, peer)
    // The first line of an address counts.
    for (const at of [`${peer.host}:${peer.port}`, `bus ${peer.host}:${peer.busPort}`]) {
      if (!byAddress.has(at)) byAddress.set(at, peer)
    }
  }
  const index = { byId, byAddress }
  indices.set(cluster, index)
  return index
}

export const peerById = (node: AnsweringNode, id: string | undefined): ClusterPeer | undefined =>
  node.view.cluster && id !== undefined ? indexOf(node.view.cluster).byId.get(id) : undefined

/** What a node says of itself. */
export const selfOf = (node: AnsweringNode): ClusterPeer | undefined => peerById(node, node.view.cluster?.myId)

/** By bus address: a peer in handshake does not tell its client port yet. */
export const peerOnBus = (viewer: AnsweringNode, node: NodeLook): ClusterPeer | undefined =>
  viewer.view.cluster && indexOf(viewer.view.cluster).byAddress.get(`bus ${node.place.address}:${node.place.busPort}`)

export const ownedSlots = (node: AnsweringNode): readonly SlotRange[] => selfOf(node)?.slots ?? []

/** Two nodes are the same when their addresses are: a node keeps its address for life. */
export const isAt = (node: NodeLook, at: { readonly host: string; readonly port: number } | undefined): boolean =>
  at !== undefined &&
  (at.host === node.place.address || at.host === node.place.hostname) &&
  (at.port === node.place.port || at.port === node.place.tlsPort)

export function peerOf(viewer: AnsweringNode, { place }: NodeLook): ClusterPeer | undefined {
  const { cluster } = viewer.view
  if (!cluster) return undefined
  const { byAddress } = indexOf(cluster)
  for (const port of [place.port, place.tlsPort]) {
    const found = byAddress.get(`${place.address}:${port}`) ?? byAddress.get(`${place.hostname}:${port}`)
    if (found) return found
  }
  return undefined
}

const claimEpoch = (node: AnsweringNode): number => selfOf(node)?.configEpoch ?? 0

/**
 * A claim older than its successor's for a node that comes back, and nobody else's: of two that are equally new one becomes the
 * newest of all. It is the one that its successor knows it by. A replica is known by its primary's, so where several come back
 * that are known by the same, each goes further back than the one before, as far as there are claims.
 */
export function olderClaim(successor: AnsweringNode, replaced: NodeLook, together: readonly NodeLook[]): number {
  const claimOf = (node: NodeLook): number => peerOnBus(successor, node)?.configEpoch ?? 0
  const known = claimOf(replaced)
  if (known >= claimEpoch(successor)) return 0
  const taken = new Set(successor.view.cluster?.peers.map(peer => peer.configEpoch))
  const alike = together.filter(node => claimOf(node) === known).map(node => node.node)
  let epoch = known
  for (let back = alike.toSorted().indexOf(replaced.node); back > 0 && epoch > 0; ) if (!taken.has(--epoch)) back -= 1
  return epoch
}

/**
 * The node that acts as the shard's primary now, if any.
 * Cluster mode: who owns the shard's slots by the latest claim; an old primary that comes back still claims them, by an
 * older epoch, until it hears of its successor. Otherwise: who says primary, where several do the one asked for,
 * then the one remembered, then the one that holds the primary endpoint.
 */
export function actingPrimary(context: GroupContext, look: GroupLook, shard: ShardDesired): AnsweringNode | undefined {
  const primaries = answeringIn(look, shard).filter(node => node.view.role === 'primary')
  if (usesClusterProtocol(context.desired)) {
    const owners = primaries.filter(node => slotCount(ownedSlots(node)) > 0)
    return owners.toSorted(
      (a, b) => claimEpoch(b) - claimEpoch(a) || slotCount(ownedSlots(b)) - slotCount(ownedSlots(a)),
    )[0]
  }
  const endpoint = look.endpoints.find(place => place.role === 'primary')?.address
  const classic = primaries.filter(node => !node.view.cluster)
  return (
    classic.find(node => node.node === context.desired.targetPrimary[shard.id]) ??
    classic.find(node => node.node === look.memory?.primaryOf[shard.id]) ??
    classic.find(node => endpoint !== undefined && node.view.boundAddresses.includes(endpoint)) ??
    (everAvailable(look) ? classic[0] : undefined)
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
