// Under `sync` the log of a lost primary holds every acknowledged write, and a replica may not: the primary comes back first.
import {
  durabilityOf,
  keepsLog,
  logManifest,
  type NodeId,
  type NodeObserved,
  type ShardDesired,
} from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { actingPrimary, answering, everAvailable, shardName, some } from '../view.ts'

/**
 * Restarts a lost primary where it was, from its own log. When it cannot start, nobody is promoted: its log is there, and a
 * promotion would lose what only the log has. The ways out are to mend the cause, or to ask for less than `sync`.
 */
export function restartDurablePrimary(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!everAvailable(look)) return undefined
  const lost = context.desired.shards
    .filter(shard => hasDurableLostPrimary(context, look, shard))
    .map(shard => ({ shard: shard.id, node: look.memory!.primaryOf[shard.id]! }))
  if (lost.length === 0) return undefined
  const names = some(lost.map(item => item.node))
  const shards = lost.map(item => shardName(item.shard)).join(', ')
  return {
    do: 'start',
    fromLog: true,
    nodes: lost.map(item => ({ node: item.node, follow: undefined })),
    why: `${names}, primary of ${shards}, is gone, and its log alone holds every acknowledged write`,
  }
}

/** The remembered primary does not run, nobody acts in its place, and its log is whole and still there. */
export function hasDurableLostPrimary(context: GroupContext, look: GroupLook, shard: ShardDesired): boolean {
  const remembered = look.memory?.primaryOf[shard.id]
  if (durabilityOf(context.desired) !== 'sync' || remembered === undefined) return false
  if (!shard.nodes.some(node => node.id === remembered) || actingPrimary(context, look, shard)) return false
  return look.nodes.get(remembered)?.running === false && hasWholeLog(look, remembered)
}

const hasWholeLog = (look: GroupLook, node: NodeId): boolean =>
  isLogged(look, node) && (look.nodes.get(node)?.files ?? []).includes(logManifest)

/** Under `sync`, a node that ended and left no whole log: what it acknowledged last may be nowhere else. */
export const endedWithoutLog = (context: GroupContext, look: GroupLook, node: NodeId): boolean =>
  durabilityOf(context.desired) === 'sync' && look.nodes.get(node)?.running === false && !hasWholeLog(look, node)

/** True where the last word of the node about its log was that the log holds its whole data. */
export const isLogged = ({ memory }: GroupLook, node: NodeId): boolean =>
  memory?.nodes[node]?.logged ?? memory?.loggedSpares?.includes(node) ?? false

/**
 * A primary's log stays whole while it is only rewritten. A replica's does not: after a full copy its engine starts the log
 * anew, and until that is done a restart would bring back what it held before. Silence says nothing.
 */
export function loggedNow(look: GroupLook, node: NodeId): NodeObserved['logged'] {
  const view = answering(look, node)?.view
  if (!view) return isLogged(look, node)
  if (view.log === 'starting') return view.role === 'primary' && isLogged(look, node)
  return view.log === 'on'
}

/** The promise holds from the moment every primary's log is whole; before that the group is not available. */
export function waitForLog(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!keepsLog(context.desired)) return undefined
  const behind = context.desired.shards
    .map(shard => actingPrimary(context, look, shard)?.node)
    .filter(node => node !== undefined && !loggedNow(look, node))
    .map(node => node!)
  if (behind.length === 0) return undefined
  return { do: 'wait', retryInMs: 50, why: `the log of ${some(behind)} does not hold all its data yet` }
}
