/**
 * From cluster mode disabled to the cluster protocol, one node of the shard after the other, the primary last: an engine in
 * cluster mode replicates from whatever listens at its primary's address, also from one that does not speak the protocol.
 * While the primary is such a one, the group is led as with cluster mode disabled; from the moment a node that speaks the
 * protocol owns the slots, as a cluster with a member that does not. Nothing is remembered: who speaks what follows from
 * what runs. See docs/decisions/0010-cluster-mode-migration.md.
 */
import { type ClusterJoin, type NodeId, type ShardDesired, slotCount, usesClusterProtocol } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook, NodeLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import {
  actingPrimary,
  answering,
  answeringIn,
  everAvailable,
  isAt,
  ownedSlots,
  peerById,
  peerOf,
  selfOf,
  slotsOf,
  some,
} from '../view.ts'
import { appliedTo } from './applied.ts'
import { followOnStart } from './nodes.ts'

/** Undefined where nobody has told yet: nodes that an older Hotshelf started have no label. */
export function speaksCluster(node: NodeLook | undefined): boolean | undefined {
  const label = node?.launched?.labels['protocol']
  if (label !== undefined) return label === 'cluster'
  return node?.view && !node.view.loading ? node.view.cluster !== undefined : undefined
}

/** What customers asked for, whatever the group is led by meanwhile. */
export const wantsCluster = ({ desired, changesTo }: GroupContext): boolean =>
  changesTo !== undefined || usesClusterProtocol(desired)

/** The group as its present primary speaks; the same object where that is as desired. */
export function withPresentProtocol(context: GroupContext, look: GroupLook): GroupContext {
  const { desired } = context
  if (!usesClusterProtocol(desired) || !everAvailable(look) || desired.shards.length !== 1) return context
  const nodes = [...look.nodes.values()]
  const led = nodes.some(({ node }) => {
    const found = answering(look, node)
    return found?.view.role === 'primary' && slotCount(ownedSlots(found)) > 0
  })
  // Also a primary that has ended: its log, where it keeps one, is of the old protocol.
  const remembered = look.memory?.primaryOf[desired.shards[0]!.id]
  const classic = nodes.some(node => (node.running || node.node === remembered) && speaksCluster(node) === false)
  if (led || !classic) return context
  return { ...context, desired: { ...desired, clusterMode: 'disabled' }, changesTo: desired.clusterMode }
}

/**
 * Before every primary is kept to database 0 nobody may begin to speak the protocol: a replica that does would take writes
 * to another database for writes to its only one. A log that the old protocol wrote is read by the old protocol.
 */
export function startsInCluster(context: GroupContext, look: GroupLook, node: NodeId, fromLog: boolean): boolean {
  if (usesClusterProtocol(context.desired)) return true
  if (context.changesTo === undefined) return false
  if (fromLog && speaksCluster(look.nodes.get(node)) !== true) return false
  return [...look.nodes.values()]
    .filter(other => other.view && speaksCluster(other) === false)
    .every(other => isConfined(context, look, other))
}

export const isConfined = (context: GroupContext, look: GroupLook, node: NodeLook): boolean =>
  appliedTo(look, node).access === context.accessDigest

/** What a node that begins to speak the protocol must know; undefined for one that was a member before, or joins as any other. */
export function clusterJoin(
  context: GroupContext,
  look: GroupLook,
  shard: ShardDesired,
  node: NodeId,
): ClusterJoin | undefined {
  const leaving = context.changesTo !== undefined
  if (!leaving && speaksCluster(look.nodes.get(node)) !== false) return undefined
  const primary = leaving
    ? (followOnStart(context, look, shard, node) ?? node)
    : actingPrimary(context, look, shard)?.node
  if (primary === undefined) return undefined
  const members = shard.nodes.flatMap(({ id }) => {
    const found = look.nodes.get(id)
    return found ? [{ place: found.place, id: found.view?.cluster?.myId }] : []
  })
  const clustered = answeringIn(look, shard).filter(each => each.view.cluster)
  const currentEpoch = Math.max(1, ...clustered.map(each => each.view.cluster?.currentEpoch ?? 0))
  const claims = clustered.flatMap(each => {
    const place = look.nodes.get(primary)
    const peer = each.node === primary ? selfOf(each) : place && peerOf(each, place)
    return peer && slotCount(peer.slots) > 0 ? [peer.configEpoch] : []
  })
  // The same claim in every file; a claim that nobody knows yet must be the latest.
  const configEpoch = claims.length > 0 ? Math.max(...claims) : clustered.length > 0 ? currentEpoch + 1 : 1
  return { primary, members, slots: slotsOf(shard), configEpoch, currentEpoch: Math.max(currentEpoch, configEpoch) }
}

/** Members follow whom their files name, and no command can lead them to a node that does not speak the protocol. */
export function restartMisled(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (context.changesTo === undefined) return undefined
  const nodes = context.desired.shards.flatMap(shard => {
    const primary = actingPrimary(context, look, shard)
    if (!primary) return []
    return answeringIn(look, shard)
      .filter(node => node.view.cluster && !isAt(primary, peerById(node, selfOf(node)?.primaryId)))
      .map(node => ({ node: node.node, follow: primary.node }))
  })
  if (nodes.length === 0) return undefined
  return { do: 'restart', nodes, why: `${some(nodes.map(item => item.node))} follows another than the primary` }
}
