/**
 * The first data of a group that is made from a snapshot. The first node of each shard is started to load it from a pipe and
 * is fed while it loads, so that the data never lies on a disk; it answers nobody before it has all of it. Replicas copy it as
 * they would any data. Until the group was available for the first time, a node that ends begins anew: nobody ever serves a
 * part of the data.
 */
import type { NodeId, ShardDesired } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook, NodeLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { answering, everAvailable, some } from '../view.ts'

/** In the node's directory, while it loads. */
export const dataPipe = 'restore.rdb'

export const isRestoring = ({ desired }: GroupContext, look: GroupLook): boolean =>
  desired.restore !== undefined && !everAvailable(look)

/** Roles are handed out later; the first node is the one that every rule intends as primary until then. */
export const loaderOf = (shard: ShardDesired): NodeId => shard.nodes[0]!.id

export const loadsData = (context: GroupContext, look: GroupLook, node: NodeId): boolean =>
  isRestoring(context, look) && context.desired.shards.some(shard => loaderOf(shard) === node)

/** It was started to load its data and has not loaded all of it; a stopped process never will. */
export const isLoading = (context: GroupContext, look: GroupLook, node: NodeLook): boolean =>
  loadsData(context, look, node.node) && node.running && !node.frozen && !answering(look, node.node)

/** Whoever fed it is gone, as after a restart of Hotshelf: it would read from its pipe for ever. */
const waitsInVain = (context: GroupContext, look: GroupLook, node: NodeLook): boolean =>
  isLoading(context, look, node) && look.restore?.running !== true && look.restore?.fed.has(node.node) !== true

export function bringData(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!isRestoring(context, look)) return undefined
  const nodes = context.desired.shards.map(loaderOf).filter(node => {
    const found = look.nodes.get(node)
    return found && (!found.running || waitsInVain(context, look, found))
  })
  if (nodes.length === 0) return undefined
  const what = nameOfData(context)
  const { restore: job } = look
  if (job?.running) return { do: 'wait', retryInMs: 100, why: `${some(nodes)} ended; the others are given ${what}` }
  if (job && job.restMs > 0)
    return { do: 'wait', retryInMs: job.restMs, why: `${what} cannot be brought: ${job.trouble}; tried again soon` }
  return { do: 'bring-data', nodes, why: `${some(nodes)} has not got ${what} yet` }
}

export const nameOfData = ({ desired }: GroupContext): string =>
  `the data of ${desired.restore?.snapshotName ?? 'the given files'}`
