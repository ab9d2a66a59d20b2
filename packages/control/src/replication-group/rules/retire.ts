// The end of a group: nodes first, then its addresses, then its row. The row goes last, so a crash never forgets a process.
import { allNodes } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { actingPrimary, some } from '../view.ts'

/**
 * A customer asked for the end: take every node away, then whatever is left. Not before the final snapshot is there, where one
 * was asked for: until then the group is repaired as ever, for its data must be had.
 */
export function retireEverything(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!context.row.deleteRequestedAt || context.awaitsFinalSnapshot !== undefined) return undefined
  const nodes = [...look.nodes.keys()]
  if (nodes.length > 0) return { do: 'retire', nodes, why: `the group is being deleted; removing ${some(nodes)}` }
  return { do: 'remove-group', why: 'no node is left' }
}

/** A node that was to be saved before it leaves: until its snapshot is whole, it is a node like any other. */
export function releaseSavedNodes(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const leaving = [...(context.leaving ?? [])]
  if (leaving.length === 0) return undefined
  const saved = leaving.filter(([, why]) => why === undefined).map(([node]) => node)
  if (saved.length === 0) return { do: 'wait', retryInMs: 500, why: leaving[0]![1]! }
  const primaries = context.desired.shards.map(shard => actingPrimary(context, look, shard)?.node)
  return {
    do: 'release-nodes',
    nodes: saved.filter(node => !primaries.includes(node)),
    staying: saved.filter(node => primaries.includes(node)),
    why: `the final snapshot of ${some(saved)} is there`,
  }
}

/** A node that is no longer asked for, once the others do without it. */
export function retireSurplusNode(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const wanted = new Set(allNodes(context.desired).map(node => node.id))
  const nodes = [...look.nodes.keys()].filter(node => !wanted.has(node))
  if (nodes.length === 0) return undefined
  return { do: 'retire', nodes, why: `${some(nodes)} is no longer part of the group` }
}
