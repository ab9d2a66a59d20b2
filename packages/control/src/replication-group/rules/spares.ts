/**
 * A shard without replicas has nobody to hand its role to while its only node is started anew, and a node that is
 * started comes back empty. So for that time a spare stands beside it: placed, synchronised and told apart like any
 * replica, by the same rules; it takes the role, gives it back, and leaves. AWS keeps a lone node's data over an upgrade
 * or a change of its type, and so do we. Nothing is remembered: whether a spare is needed follows from what runs.
 */
import type { NodeDesired, NodeId, ShardDesired } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import { actingPrimary, everAvailable } from '../view.ts'
import { outdated } from './rollout.ts'

/** A spare doubles a shard's memory while it is there. */
const mostAtOnce = 4

/** The group with the spares it needs now; the same object where it needs none. */
export function withSpares(context: GroupContext, look: GroupLook): GroupContext {
  if (!everAvailable(look) || context.row.deleteRequestedAt) return context
  const spares = new Set<NodeId>()
  const shards = context.desired.shards.map(shard => {
    const spare = spareOf(context, shard)
    const extended = { ...shard, nodes: [...shard.nodes, spare] }
    const acts =
      look.memory?.primaryOf[shard.id] === spare.id || actingPrimary(context, look, extended)?.node === spare.id
    const lone = shard.nodes.length === 1 ? look.nodes.get(shard.nodes[0]!.id) : undefined
    const there = look.nodes.has(spare.id)
    // A lone node that is lost while its spare is there is replaced by it: the spare holds the data.
    const lost = there && lone?.running === false
    const needed = lost || (outdated(context, lone) !== undefined && (there || spares.size < mostAtOnce))
    if (!acts && !needed) return shard
    spares.add(spare.id)
    return extended
  })
  if (spares.size === 0) return context
  // While a spare is there, a lost primary has somebody to be replaced by.
  return { ...context, spares, desired: { ...context.desired, shards, automaticFailover: true } }
}

/** Customers' nodes end with a number. */
export const isSpareId = (node: NodeId): boolean => node.endsWith('-spare')

function spareOf({ desired }: GroupContext, shard: ShardDesired): NodeDesired {
  const first = shard.nodes[0]!
  const id = (desired.clusterMode === 'enabled' ? `${desired.id}-${shard.id}-spare` : `${desired.id}-spare`) as NodeId
  return { ...first, id, rebootGeneration: 0 }
}
