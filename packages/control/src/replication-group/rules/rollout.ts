/**
 * Nodes that have to be started anew: because a customer asked, or because they run what would not be started now. One
 * node of a shard at a time, replicas first; the primary last, after it has handed its role to a replica in sync.
 */
import { allNodes, type InstalledEngine, keepsLog, type NodeId, type ShardDesired } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook, NodeLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { type AnsweringNode, actingPrimary, answering, answeringIn, everAvailable, shardName, some } from '../view.ts'
import { speaksCluster, wantsCluster } from './cluster-change.ts'
import { followOnStart } from './nodes.ts'
import { inSync } from './replication.ts'

export const programLabel = ({ kind, version }: InstalledEngine): string => `${kind} ${version}`

/** Why a running node would be started differently now; a label that an older Hotshelf did not write says nothing. */
export function outdated(context: GroupContext, node: NodeLook | undefined): string | undefined {
  if (node?.running && wantsCluster(context) && speaksCluster(node) === false)
    return 'does not speak the cluster protocol'
  const labels = node?.running ? node.launched?.labels : undefined
  if (!labels || !context.engine.ok) return undefined
  const { program, nodeType, start } = labels
  const wanted = programLabel(context.engine.binary)
  if (program !== undefined && program !== wanted) return `runs ${program} instead of ${wanted}`
  // Another type's values are mostly set at run time; what is not comes with a start, as the new hardware would bring it.
  const typeChanged = nodeType !== undefined && nodeType !== context.desired.nodeType
  if (typeChanged && start !== context.startDigest) return `was started for ${nodeType}`
  return undefined
}

export const rebootIsDue = (context: GroupContext, node: NodeLook | undefined): boolean => {
  const asked = allNodes(context.desired).find(({ id }) => id === node?.node)?.rebootGeneration ?? 0
  const done = node?.launched?.labels['reboot']
  return node?.running === true && done !== undefined && Number(done) !== asked
}

/**
 * A customer's reboot is carried out in place, also a primary's: AWS fails nobody over, the node comes back empty, and
 * its replicas lose what it lost. A node that hangs is rebooted as well, so nobody is asked first.
 */
export function rebootNodes(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!everAvailable(look) || !context.engine.ok) return undefined
  const nodes = context.desired.shards.flatMap(shard => {
    const due = shard.nodes.filter(node => rebootIsDue(context, look.nodes.get(node.id)))
    const primary = actingPrimary(context, look, shard)?.node
    const first = due.find(node => node.id !== primary) ?? due[0]
    return first ? [{ node: first.id, follow: followOnStart(context, look, shard, first.id) }] : []
  })
  if (nodes.length === 0) return undefined
  return { do: 'restart', nodes, why: `a reboot of ${some(nodes.map(item => item.node))} was asked for` }
}

/**
 * A replica that is not in sync protects nobody, and an old program may never get in sync: Redis cannot read what a
 * newer Valkey sends. So it does not wait for its turn.
 */
export function restartStrayReplicas(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = context.desired.shards.flatMap(shard => {
    const primary = actingPrimary(context, look, shard)
    if (!primary || outdated(context, primary)) return []
    return replicasOf(look, shard, primary)
      .filter(node => outdated(context, node) && !inSync(node, primary))
      .map(node => restartOf(context, look, shard, node))
  })
  return restart(context, look, nodes)
}

/** Once all is well: otherwise a restart would take away what the group still stands on. */
export function rollNodes(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const replicas = context.desired.shards.flatMap(shard => {
    const primary = actingPrimary(context, look, shard)
    const due = primary ? replicasOf(look, shard, primary).filter(node => outdated(context, node)) : []
    // A spare is made with what is current, so it never comes here.
    return due[0] ? [restartOf(context, look, shard, due[0])] : []
  })
  return restart(context, look, replicas) ?? handOverPrimary(context, look)
}

/** One shard at a time: two elections of a cluster at once could take each other's votes. */
function handOverPrimary(context: GroupContext, look: GroupLook): GroupStep | undefined {
  for (const shard of context.desired.shards) {
    const primary = actingPrimary(context, look, shard)
    if (!primary) continue
    const reason = isSpare(context, primary.node) ? 'only stood in' : outdated(context, primary)
    const to = reason && successor(context, look, shard, primary)
    if (!to) continue
    const why = `${primary.node}, primary of ${shardName(shard.id)}, ${reason}; ${to} takes over${progress(context, look)}`
    return { do: 'hand-over', shard: shard.id, from: primary.node, to, why }
  }
  return undefined
}

/** In sync, current, and a customer's own node where one can: spares are for want of others. */
function successor(
  context: GroupContext,
  look: GroupLook,
  shard: ShardDesired,
  primary: AnsweringNode,
): NodeId | undefined {
  const able = replicasOf(look, shard, primary)
    .filter(node => inSync(node, primary) && !outdated(context, node))
    // A primary whose log is not whole would bring back old data when it is started again.
    .filter(node => !keepsLog(context.desired) || node.view.log === 'on')
  const own = able.filter(node => !isSpare(context, node.node))
  const from = own.length > 0 || isSpare(context, primary.node) ? own : able
  return from.toSorted((a, b) => b.view.offset - a.view.offset)[0]?.node
}

export const isSpare = (context: GroupContext, node: NodeId): boolean => context.spares?.has(node) ?? false

const replicasOf = (look: GroupLook, shard: ShardDesired, primary: AnsweringNode): readonly AnsweringNode[] =>
  answeringIn(look, shard).filter(node => node !== primary && node.view.role === 'replica')

const restartOf = (context: GroupContext, look: GroupLook, shard: ShardDesired, { node }: AnsweringNode) => ({
  node,
  follow: followOnStart(context, look, shard, node),
})

function restart(
  context: GroupContext,
  look: GroupLook,
  nodes: readonly { readonly node: NodeId; readonly follow: NodeId | undefined }[],
): GroupStep | undefined {
  const first = nodes[0]
  if (!first) return undefined
  const reason = outdated(context, answering(look, first.node))
  const names = some(nodes.map(item => item.node))
  return { do: 'restart', nodes, why: `${names} ${reason}${progress(context, look)}` }
}

/** ` (2 of 6 nodes done)` */
function progress(context: GroupContext, look: GroupLook): string {
  const nodes = allNodes(context.desired).filter(node => !isSpare(context, node.id))
  const done = nodes.filter(node => !outdated(context, look.nodes.get(node.id))).length
  return ` (${done} of ${nodes.length} nodes done)`
}
