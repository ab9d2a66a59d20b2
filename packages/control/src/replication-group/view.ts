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

/** Who has the role that `node` may have had when it ended: another that acts as primary now, or did when it was heard last. */
export function successorOf(
  context: GroupContext,
  look: GroupLook,
  shard: ShardDesired,
  node: NodeId,
): NodeLook | undefined {
  const remembered = everAvailable(look) ? look.memory?.primaryOf[shard.id] : undefined
  const successor = actingPrimary(context, look, shard) ?? (remembered && look.nodes.get(remembered))
  return successor && successor.node !== node ? successor : undefined
}

interface Claims {
  /** Epochs that anybody has heard of, of anybody who keeps them. */
  readonly taken: ReadonlySet<number>
  /** Who comes back, in the order in which they choose; last those who may come back with the claim they had. */
  readonly back: readonly NodeId[]
  readonly witnesses: readonly AnsweringNode[]
}

/** Once for each look: with a zone hundreds of nodes come back in one turn, and everybody has heard of everybody. */
const claimsSeen = new WeakMap<GroupLook, Claims>()

function claimsIn(look: GroupLook): Claims {
  const known = claimsSeen.get(look)
  if (known) return known
  const nodes = [...look.nodes.values()]
  const witnesses = nodes.flatMap(({ node }) => answering(look, node) ?? [])
  // A primary that nobody has replaced comes back with its own.
  const remembered = new Set(Object.values(look.memory?.primaryOf ?? {}))
  const keeps = ({ node, running }: NodeLook): boolean => running || remembered.has(node)
  const gone = nodes.filter(node => !node.running).toSorted((x, y) => (x.node < y.node ? -1 : 1))
  const taken = new Set([
    ...nodes.filter(keeps).flatMap(node => heardOf(witnesses, node)),
    ...witnesses.map(claimEpoch),
    // Of those that were started a moment ago nobody has heard yet.
    ...nodes.filter(node => node.running && !node.view).map(node => Number(node.launched?.labels['replaced'])),
  ])
  const back = [...gone.filter(node => !keeps(node)), ...gone.filter(keeps)].map(({ node }) => node)
  const claims = { taken, back, witnesses }
  claimsSeen.set(look, claims)
  return claims
}

const heardOf = (witnesses: readonly AnsweringNode[], node: NodeLook): readonly number[] =>
  witnesses.flatMap(witness => peerOnBus(witness, node)?.configEpoch ?? [])

/**
 * An epoch for the claim of a node that comes back: older than its successor's, and nobody else's, for of two that are equally
 * new engines make one the newest of all. Not the one that others know it by: that may be seconds old, and while slots move
 * epochs change owners. What counts is what anybody has heard of anybody: nodes of other shards that come back in the same
 * moment choose from the same free epochs, each another. One that runs still is a replica, and claims nothing.
 */
export function olderClaim(look: GroupLook, successor: NodeLook, replaced: NodeId): number {
  const { taken, back, witnesses } = claimsIn(look)
  const alive = answering(look, successor.node)
  const newest = alive ? claimEpoch(alive) : Math.max(0, ...heardOf(witnesses, successor))
  let before = back.indexOf(replaced)
  for (let epoch = 1; epoch < newest; epoch++) {
    if (taken.has(epoch)) continue
    if (before <= 0) return epoch
    before -= 1
  }
  return 0
}

/**
 * It was started after another had taken its role, and still makes the claim it came back with. That one may end before this
 * one has heard of it, and the claim is void all the same: behind it is no data, or data from before.
 */
function isReplaced(look: GroupLook, shard: ShardDesired, node: AnsweringNode): boolean {
  if (node.launched?.labels['replaced'] !== String(claimEpoch(node))) return false
  const remembered = look.memory?.primaryOf[shard.id]
  return remembered !== undefined && remembered !== node.node && look.nodes.has(remembered)
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
    const owners = primaries.filter(node => slotCount(ownedSlots(node)) > 0 && !isReplaced(look, shard, node))
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
