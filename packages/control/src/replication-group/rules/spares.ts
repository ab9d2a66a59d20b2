/**
 * A shard without replicas has nobody to hand its role to while its only node is started anew, and a node that is
 * started comes back empty. So for that time a spare stands beside it: placed, synchronised and told apart like any
 * replica, by the same rules; it takes the role, gives it back, and leaves. AWS keeps a lone node's data over an upgrade
 * or a change of its type, and so do we. A node that was to leave stands in as well, where its primary is lost before it
 * left. Nothing is remembered: whether a spare is needed follows from what runs.
 */
import {
  allNodes,
  commonSlots,
  type NodeDesired,
  type NodeId,
  type ShardDesired,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import { type AnsweringNode, actingPrimary, answering, everAvailable, isAt, ownedSlots, slotsOf } from '../view.ts'
import { outdated } from './rollout.ts'

/** A spare doubles a shard's memory while it is there. */
const mostAtOnce = 4

/** The group with the spares it needs now; the same object where it needs none. */
export function withSpares(context: GroupContext, look: GroupLook): GroupContext {
  if (!everAvailable(look) || context.row.deleteRequestedAt) return context
  const spares = new Set<NodeId>()
  const leaving = leavingNodes(context, look)
  let { automaticFailover } = context.desired
  const shards = context.desired.shards.map(shard => {
    const withData = leaving.filter(node => holdsDataOf(context, look, shard, node)).map(node => asMember(shard, node))
    const own = needsOwnSpare(context, look, shard, spares.size) ? [spareOf(context, shard)] : []
    if (withData.length + own.length === 0) return shard
    // While a spare of ours is there, a lost primary has somebody to be replaced by.
    if (own.length > 0) automaticFailover = true
    for (const { id } of [...withData, ...own]) spares.add(id)
    return { ...shard, nodes: [...shard.nodes, ...withData, ...own] }
  })
  if (spares.size === 0) return context
  return { ...context, spares, desired: { ...context.desired, shards, automaticFailover } }
}

function needsOwnSpare(context: GroupContext, look: GroupLook, shard: ShardDesired, soFar: number): boolean {
  const spare = spareOf(context, shard)
  const extended = { ...shard, nodes: [...shard.nodes, spare] }
  const acts =
    look.memory?.primaryOf[shard.id] === spare.id || actingPrimary(context, look, extended)?.node === spare.id
  if (acts) return true
  const lone = shard.nodes.length === 1 ? look.nodes.get(shard.nodes[0]!.id) : undefined
  const there = look.nodes.has(spare.id)
  // A lone node that is lost while its spare is there is replaced by it: the spare holds the data.
  const lost = there && lone?.running === false
  return lost || (outdated(context, lone) !== undefined && (there || soFar < mostAtOnce))
}

function leavingNodes({ desired }: GroupContext, look: GroupLook): readonly AnsweringNode[] {
  const wanted = new Set(allNodes(desired).map(node => node.id))
  return [...look.nodes.keys()]
    .filter(node => !wanted.has(node) && !isSpareId(node))
    .map(node => answering(look, node))
    .filter(node => node !== undefined)
}

/**
 * A node that nobody asks for any more, and that follows a primary which ended before it left, may hold all that there is of
 * the data. It counts as one of the shard's until a node that stays has the role, and the data, back.
 */
function holdsDataOf(context: GroupContext, look: GroupLook, shard: ShardDesired, node: AnsweringNode): boolean {
  const remembered = look.memory?.primaryOf[shard.id]
  if (remembered === node.node) return true
  const primary = remembered === undefined ? undefined : look.nodes.get(remembered)
  if (!primary || primary.running) return false
  return isAt(primary, node.view.following) || tookOver(context, shard, node)
}

/** In the moment between its promotion and that of its being remembered. */
const tookOver = ({ desired }: GroupContext, shard: ShardDesired, node: AnsweringNode): boolean =>
  node.view.role === 'primary' &&
  (!usesClusterProtocol(desired) || commonSlots(ownedSlots(node), slotsOf(shard)).length > 0)

/** Customers' nodes end with a number. */
export const isSpareId = (node: NodeId): boolean => node.endsWith('-spare')

const asMember = (shard: ShardDesired, { node, launched }: AnsweringNode): NodeDesired => ({
  ...shard.nodes[0]!,
  id: node,
  rebootGeneration: Number(launched?.labels['reboot'] ?? 0),
})

function spareOf({ desired }: GroupContext, shard: ShardDesired): NodeDesired {
  const first = shard.nodes[0]!
  const id = (desired.clusterMode === 'enabled' ? `${desired.id}-${shard.id}-spare` : `${desired.id}-spare`) as NodeId
  return { ...first, id, rebootGeneration: 0 }
}
