// The end of a group: nodes first, then its addresses, then its row. The row goes last, so a crash never forgets a process.
import { allNodes } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { some } from '../view.ts'

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

/** A node that is no longer asked for, once the others do without it. */
export function retireSurplusNode(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const wanted = new Set(allNodes(context.desired).map(node => node.id))
  const nodes = [...look.nodes.keys()].filter(node => !wanted.has(node))
  if (nodes.length === 0) return undefined
  return { do: 'retire', nodes, why: `${some(nodes)} is no longer part of the group` }
}
