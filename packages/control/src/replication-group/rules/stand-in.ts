/**
 * Cluster mode: the promoted node also listens on the address of the node it replaced, so that clients which still
 * connect there are served instead of refused. For a moment only: the old node needs its address to come back.
 */
import { usesClusterProtocol, type NodeId, shardOf } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import { type AnsweringNode, actingPrimary, answeringIn } from '../view.ts'

/**
 * How long the old node stays away for the sake of its clients: past the first two tries to reconnect of ioredis (100 ms)
 * and node-redis (up to 150 ms), at their defaults. See docs/decisions/0009-failover.md.
 */
export const standInMs = 300

/** Addresses a promoted node holds for nodes that are gone and not yet brought back. */
export function standsInFor(context: GroupContext, look: GroupLook, node: AnsweringNode): readonly string[] {
  if (!usesClusterProtocol(context.desired) || look.endpointKind !== 'bind') return []
  const shard = shardOf(context.desired, node.node)
  if (!shard || actingPrimary(context, look, shard) !== node) return []
  return shard.nodes
    .map(member => look.nodes.get(member.id))
    .filter(other => other && other.node !== node.node && !other.running && (other.goneMs ?? 0) < standInMs)
    .map(other => other!.place.address)
    .filter(address => node.view.boundAddresses.includes(address))
}

/** True while another node of the shard listens on its address: it could not start. */
export function isStoodInFor(context: GroupContext, look: GroupLook, node: NodeId): boolean {
  const shard = shardOf(context.desired, node)
  const address = look.nodes.get(node)?.place.address
  if (!shard || address === undefined || look.endpointKind !== 'bind') return false
  return answeringIn(look, shard).some(other => other.node !== node && other.view.boundAddresses.includes(address))
}
