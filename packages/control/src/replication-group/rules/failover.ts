// A lost primary: promote before anything is restarted, because an old primary that comes back first is empty or stale.
import {
  bestReplica,
  type Candidate,
  durabilityOf,
  keepsLog,
  type ShardDesired,
  type NodeId,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { actingPrimary, answering, answeringIn, everAvailable, shardName, some } from '../view.ts'
import { hasDurableLostPrimary } from './durability.ts'
import { inSync } from './replication.ts'

/**
 * Only a primary whose process has ended is replaced: two nodes must never be primary at once.
 * One that runs and is silent is fenced first (fenceLostNode) or waited for.
 */
export function promoteForLostPrimary(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!everAvailable(look)) return undefined
  const steps = context.desired.shards
    .map(shard => replaceLost(context, look, shard))
    .filter(step => step !== undefined)
  return steps.find(step => step.do === 'promote') ?? steps[0]
}

function replaceLost(context: GroupContext, look: GroupLook, shard: ShardDesired): GroupStep | undefined {
  const lost = lostPrimary(context, look, shard)
  if (lost === undefined || hasDurableLostPrimary(context, look, shard)) return undefined
  const best = bestReplica(candidates(context, look, shard))
  if (!best) return waitForSilent(context, look, shard, lost)
  const draining = stillReceiving(look, shard, lost)
  if (draining.length > 0) {
    const why = `${some(draining)} still takes in what ${lost} sent before it ended`
    return { do: 'wait', retryInMs: drainPollMs, urgent: true, why }
  }
  const ahead = silentAndAhead(look, shard, best)
  if (ahead)
    return { do: 'wait', retryInMs: 10, why: `${ahead} holds more of the stream than ${best.node}, and is silent` }
  const held = `it holds most of the stream (${best.offset} bytes)`
  const why = `${lost}, primary of ${shardName(shard.id)}, is gone; promoting ${best.node}, ${held}`
  return { do: 'promote', shard: shard.id, node: best.node, lost, why }
}

/** So long a replica that only does not answer keeps an empty primary from coming back in its place. */
const longestSilenceMs = 10_000

/** The lost primary would come back empty, and a replica that runs and is silent for a moment would throw its data away. */
function waitForSilent(
  context: GroupContext,
  look: GroupLook,
  shard: ShardDesired,
  lost: NodeId,
): GroupStep | undefined {
  const { automaticFailover } = context.desired
  if ((!automaticFailover && !usesClusterProtocol(context.desired)) || goneFor(look, lost) >= longestSilenceMs)
    return undefined
  const silent = shard.nodes.find(
    node => node.id !== lost && look.nodes.get(node.id)?.running && !answering(look, node.id),
  )
  if (!silent) return undefined
  return { do: 'wait', retryInMs: 10, why: `${silent.id} may hold the data of ${lost}, and does not answer yet` }
}

const goneFor = (look: GroupLook, node: NodeId): number => look.nodes.get(node)?.goneMs ?? longestSilenceMs

/** A dead process's last bytes are read within a few milliseconds; one that dies slowly must not hold everybody up. */
const longestDrainMs = 50
const drainPollMs = 2
/** A replica whose offset stands still so long has read everything, although its link is not closed yet. */
const quietMs = 5

/** What the dead primary sent is on its way still: a choice by offset would be made too early, and writes would be lost. */
function stillReceiving(look: GroupLook, shard: ShardDesired, lost: NodeId): readonly NodeId[] {
  if ((look.nodes.get(lost)?.goneMs ?? longestDrainMs) >= longestDrainMs) return []
  return answeringIn(look, shard)
    .filter(node => node.view.following?.linkUp && (node.quietMs ?? quietMs) < quietMs)
    .map(node => node.node)
}

/** Never an emptier node while one with more data only does not answer: it runs, and will, or is fenced. */
function silentAndAhead(look: GroupLook, shard: ShardDesired, best: Candidate): NodeId | undefined {
  return shard.nodes
    .map(node => look.nodes.get(node.id))
    .find(node => node?.running && !node.view && (node.lastOffset ?? 0) > best.offset)?.node
}

/** The remembered primary, when its process has ended and nobody acts in its place. */
function lostPrimary(context: GroupContext, look: GroupLook, shard: ShardDesired): NodeId | undefined {
  const remembered = look.memory?.primaryOf[shard.id]
  if (remembered === undefined || actingPrimary(context, look, shard)) return undefined
  const node = look.nodes.get(remembered)
  if (node?.running) return undefined
  return remembered
}

/**
 * Somebody asked for another primary (TestFailover). The present one is ended as a failure would end it, which is what
 * the test is for; not before the other is in sync, and never while another shard of the group has no primary.
 */
export function failOverOnRequest(context: GroupContext, look: GroupLook): GroupStep | undefined {
  for (const shard of context.desired.shards) {
    const to = context.desired.targetPrimary[shard.id]
    const primary = actingPrimary(context, look, shard)
    if (to === undefined || !primary || primary.node === to) continue
    const target = answering(look, to)
    if (!target || !inSync(target, primary)) continue
    const why = `${to} was asked for as primary of ${shardName(shard.id)}`
    const roles = { shard: shard.id, from: primary.node, to }
    if (!byHandOver(context)) return { do: 'fail-over', ...roles, why }
    if (keepsLog(context.desired) && target.view.log !== 'on') continue
    return { do: 'hand-over', ...roles, why }
  }
  return undefined
}

/** Under `sync`, and with automatic failover off, an ended primary is only started again: the role moves by agreement. */
const byHandOver = ({ desired }: GroupContext): boolean =>
  durabilityOf(desired) === 'sync' || (!desired.automaticFailover && !usesClusterProtocol(desired))

/** With automatic failover off nobody is promoted: the node is restarted in place. Of equals, the one asked for wins. */
function candidates(context: GroupContext, look: GroupLook, shard: ShardDesired): readonly Candidate[] {
  if (!context.desired.automaticFailover && !usesClusterProtocol(context.desired)) return []
  const asked = context.desired.targetPrimary[shard.id]
  return answeringIn(look, shard)
    .filter(node => node.view.role === 'replica')
    .map(node => ({
      node: node.node,
      offset: node.view.offset,
      position: node.node === asked ? -1 : shard.nodes.findIndex(member => member.id === node.node),
    }))
}
