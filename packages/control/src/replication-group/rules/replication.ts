// Every node that is not the primary follows it, and is in sync before anybody is told that it is there.
import { type ShardDesired, usesClusterProtocol } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import {
  type AnsweringNode,
  answering,
  answeringIn,
  everAvailable,
  intendedPrimary,
  isAt,
  selfOf,
  shardName,
  some,
} from '../view.ts'

/**
 * Attaches every node that follows nobody, or somebody else. Waits until the intended primary answers:
 * a replica that is pointed at a node which then turns out empty would throw its own data away.
 */
export function attachReplicas(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const replicas = context.desired.shards.flatMap(shard => {
    const primary = answering(look, intendedPrimary(context, look, shard))
    if (!primary || primary.view.role !== 'primary') return []
    return answeringIn(look, shard)
      .filter(node => node !== primary && !(context.changesTo && node.view.cluster))
      .filter(node => !follows(node, primary))
      .map(node => ({ node: node.node, other: primary.node }))
  })
  if (replicas.length === 0) return undefined
  return { do: 'attach', replicas, why: `${some(replicas.map(pair => pair.node))} does not follow its primary` }
}

/** Survivors follow the new primary before anything is restarted: that gives the shard its redundancy back. */
export function followPromoted(context: GroupContext, look: GroupLook): GroupStep | undefined {
  // In cluster mode gossip tells them.
  if (!everAvailable(look) || usesClusterProtocol(context.desired)) return undefined
  return attachReplicas(context, look)
}

function follows(node: AnsweringNode, primary: AnsweringNode): boolean {
  if (node.view.role !== 'replica') return false
  if (!node.view.cluster) return isAt(primary, node.view.following)
  return selfOf(node)?.primaryId === primary.view.cluster?.myId
}

/** A shard whose nodes all answer as replicas has lost its primary between two steps: promote the intended one. */
export function promoteIntended(context: GroupContext, look: GroupLook): GroupStep | undefined {
  for (const shard of context.desired.shards) {
    const node = answering(look, intendedPrimary(context, look, shard))
    if (!node || node.view.role === 'primary') continue
    const why = `no node of ${shardName(shard.id)} is primary`
    return { do: 'promote', shard: shard.id, node: node.node, lost: undefined, why }
  }
  return undefined
}

/** In sync: the link is up and the stream flows. A resync that has only begun does not count, nor one that only ended. */
export function waitForSync(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const behind = context.desired.shards.flatMap(shard => outOfSync(context, look, shard))
  if (behind.length === 0) return undefined
  return { do: 'wait', retryInMs: 15, why: `${some(behind.map(node => node.node))} is not yet in sync` }
}

export function outOfSync(context: GroupContext, look: GroupLook, shard: ShardDesired): readonly AnsweringNode[] {
  const primary = answering(look, intendedPrimary(context, look, shard))
  return answeringIn(look, shard).filter(node => node !== primary && !inSync(node, primary))
}

export function inSync(node: AnsweringNode, primary: AnsweringNode | undefined): boolean {
  const { following } = node.view
  if (!primary || !following?.linkUp || !following.receiving) return false
  return primary.view.followers.some(follower => follower.online && isAt(node, follower))
}
