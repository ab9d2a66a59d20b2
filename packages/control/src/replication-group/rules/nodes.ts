// A node must have a place, run, and answer before anything can be asked of it.
import {
  allNodes,
  type ClusterMode,
  type EndpointRole,
  keepsLog,
  type NodeId,
  type ShardDesired,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook, NodeLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { isLoading, nameOfData } from './restore.ts'
import { isStoodInFor } from './stand-in.ts'
import { actingPrimary, answering, answeringIn, everAvailable, intendedPrimary, isAt, some } from '../view.ts'

/** Nothing can start without a binary that serves the version asked for. */
export function needEngine(context: GroupContext): GroupStep | undefined {
  if (context.engine.ok) return undefined
  return { do: 'wait', retryInMs: 5000, why: context.engine.message }
}

/** A cache cluster without a group has no endpoint but its node's. */
export const endpointRoles = ({ desired, changesTo }: GroupContext): readonly EndpointRole[] =>
  desired.standalone ? [] : rolesByMode[changesTo ?? desired.clusterMode]

const rolesByMode: Readonly<Record<ClusterMode, readonly EndpointRole[]>> = {
  disabled: ['primary', 'reader'],
  compatible: ['primary', 'reader', 'configuration'],
  enabled: ['configuration'],
}

/** Addresses come before processes: certificates and peers must name them. */
export function placeNodes(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = allNodes(context.desired)
    .map(node => node.id)
    .filter(node => !look.nodes.has(node))
  const endpoints = endpointRoles(context).filter(role => !look.endpoints.some(place => place.role === role))
  if (nodes.length === 0 && endpoints.length === 0) return undefined
  return { do: 'place', nodes, endpoints, why: `${some([...nodes, ...endpoints] as NodeId[])} has no address yet` }
}

/**
 * Starts every node that does not run, all at once. A node that comes back where a primary serves is told so
 * before it starts: it must never serve again as what it was.
 */
export function startMissingNodes(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = context.desired.shards.flatMap(shard =>
    shard.nodes
      .filter(node => look.nodes.get(node.id)?.running === false && !isStoodInFor(context, look, node.id))
      .map(node => ({ node: node.id, follow: followOnStart(context, look, shard, node.id) })),
  )
  if (nodes.length === 0) return undefined
  return { do: 'start', nodes, why: `${some(nodes.map(item => item.node))} is not running` }
}

/** Cluster nodes remember their shard in nodes.conf; the others are told in their configuration file. */
export function followOnStart(
  context: GroupContext,
  look: GroupLook,
  shard: ShardDesired,
  node: NodeId,
): NodeId | undefined {
  if (usesClusterProtocol(context.desired)) return undefined
  const acting = actingPrimary(context, look, shard)
  if (acting) return acting.node === node ? undefined : acting.node
  if (!everAvailable(look)) return undefined
  const remembered = look.memory?.primaryOf[shard.id]
  // It is silent, and has the data: whoever is started meanwhile must not stand there as primary, asked for or not.
  if (remembered !== undefined && remembered !== node && look.nodes.get(remembered)?.running) return remembered
  const intended = intendedPrimary(context, look, shard)
  return intended === node ? undefined : intended
}

/** A silent node makes every later rule a guess. Unreachable is not gone: only the provider may say that. */
export function waitForAnswer(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const silent = allNodes(context.desired).filter(node => !answering(look, node.id))
  if (silent.length === 0) return undefined
  const longest = Math.max(...silent.map(node => look.nodes.get(node.id)?.silentMs ?? 0))
  const names = some(silent.map(node => node.id))
  const found = silent.map(node => look.nodes.get(node.id))
  const loading = found.filter(node => node !== undefined && isLoading(context, look, node))
  if (loading.length > 0 && look.restore) {
    const loads = `${some(loading.map(node => node!.node))} loads ${nameOfData(context)}`
    const megabytes = Math.ceil(look.restore.bytes / 2 ** 20)
    return { do: 'wait', retryInMs: 100, why: `${loads}, ${megabytes} MB of it so far` }
  }
  const why = found.every(node => node?.verdict === 'gone')
    ? 'is stood in for by its shard'
    : found.some(node => node?.verdict === 'busy')
      ? 'is busy with something long and answers nobody meanwhile'
      : 'is running and does not answer yet'
  return { do: 'wait', retryInMs: longest < 3000 ? 10 : 250, why: `${names} ${why}` }
}

/**
 * A process that is stopped holds its address and its role for ever; end it, so that it can be brought back. Also one that
 * is to leave: it may hold an endpoint that another is to serve.
 */
export function fenceLostNode(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = [...look.nodes.values()].filter(
    node =>
      node.running &&
      node.verdict === 'lost' &&
      // A slow bucket is no fault of the node that waits for it.
      !isLoading(context, look, node) &&
      !mayHoldTheOnlyCopy(context, look, node),
  )
  if (nodes.length === 0) return undefined
  const stopped = nodes.every(node => node.frozen)
  const why = stopped ? 'was stopped by a signal and does not answer' : 'has not answered for too long'
  return { do: 'fence', nodes: nodes.map(node => node.node), why: `${some(nodes.map(node => node.node))} ${why}` }
}

/** So long a stopped process that holds what nobody else holds may still be let go on. */
const soleCopyPatienceMs = 10_000

/**
 * Its end may be the end of the data: a node of a shard in which nobody else answers who was receiving the primary's stream.
 * The primary itself, or a replica that is silent beside a primary that is silent or gone. A process that is paused (a
 * debugger, a snapshot of the machine) comes back with everything; ended, it comes back empty. A log on disk outlives it.
 */
function mayHoldTheOnlyCopy(context: GroupContext, look: GroupLook, node: NodeLook): boolean {
  if (!everAvailable(look) || node.silentMs >= soleCopyPatienceMs || keepsLog(context.desired)) return false
  const shard = context.desired.shards.find(({ nodes }) => nodes.some(member => member.id === node.node))
  if (!shard || actingPrimary(context, look, shard)) return false
  const remembered = look.memory?.primaryOf[shard.id]
  const primary = remembered === undefined ? undefined : look.nodes.get(remembered)
  if (!primary) return false
  // The connection to a stopped process stands, so a replica that held the stream still says so.
  return !answeringIn(look, shard).some(
    ({ view }) => view.following?.linkUp && view.following.receiving && isAt(primary, view.following),
  )
}
