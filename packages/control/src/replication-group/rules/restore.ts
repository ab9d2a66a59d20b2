/**
 * The first data of a group that is made from a snapshot. It is brought to the first node of each shard before that starts,
 * and the node loads it before it answers; replicas copy it as they would any data. Until the group was available for the
 * first time, a node that ends begins with its file again: nobody ever serves a part of the data.
 */
import type { NodeId, ShardDesired } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { everAvailable, some } from '../view.ts'

/** In the node's directory, while it is needed. */
export const dataFile = 'restore.rdb'

export const isRestoring = ({ desired }: GroupContext, look: GroupLook): boolean =>
  desired.restore !== undefined && !everAvailable(look)

/** Roles are handed out later; the first node is the one that every rule intends as primary until then. */
export const loaderOf = (shard: ShardDesired): NodeId => shard.nodes[0]!.id

export const loadsData = (context: GroupContext, look: GroupLook, node: NodeId): boolean =>
  isRestoring(context, look) && context.desired.shards.some(shard => loaderOf(shard) === node)

export function bringData(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!isRestoring(context, look)) return undefined
  const nodes = context.desired.shards.map(loaderOf).filter(node => {
    const found = look.nodes.get(node)
    return found?.running === false && !found.files?.includes(dataFile)
  })
  if (nodes.length === 0) return undefined
  const what = `the data of ${context.desired.restore?.snapshotName ?? 'the given files'}`
  const { restore: job } = look
  if (job?.running) {
    const megabytes = Math.ceil(job.bytes / 2 ** 20)
    return { do: 'wait', retryInMs: 100, why: `bringing ${what} to its nodes, ${megabytes} MB so far` }
  }
  if (job && job.restMs > 0)
    return { do: 'wait', retryInMs: job.restMs, why: `${what} cannot be brought: ${job.trouble}; tried again soon` }
  return { do: 'bring-data', nodes, why: `${some(nodes)} has not got ${what} yet` }
}

/** Last of all: the file would bring old data back if it were found later, and it lies there in plain text. */
export function discardData(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!isRestoring(context, look) || context.dataIsDiscarded) return undefined
  const nodes = context.desired.shards.map(loaderOf)
  return { do: 'discard-data', nodes, why: 'every node holds the data of the snapshot' }
}
