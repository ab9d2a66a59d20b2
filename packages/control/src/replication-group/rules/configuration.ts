// What a running node was given must be what is asked for: parameters and who may log in.
import { allNodes, type NodeId } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { answering, some } from '../view.ts'
import { type Applied, appliedTo } from './applied.ts'
import { outdated } from './rollout.ts'

function nodesWhere(context: GroupContext, look: GroupLook, lacks: (applied: Applied) => boolean): readonly NodeId[] {
  return allNodes(context.desired)
    .map(node => answering(look, node.id))
    .filter(node => node !== undefined && lacks(appliedTo(look, node)))
    .map(node => node!.node)
}

export function applyParameters(context: GroupContext, look: GroupLook): GroupStep | undefined {
  // A program of another version may not know them, and is about to be replaced.
  const nodes = nodesWhere(context, look, applied => applied.directives !== context.directivesDigest).filter(
    node => outdated(context, look.nodes.get(node)) === undefined,
  )
  if (nodes.length === 0) return undefined
  return { do: 'configure', nodes, why: `${some(nodes)} runs with older parameter values` }
}

/**
 * Before repairs: who may no longer log in does not wait for a node that is being brought back, which gets its users with
 * its start. While the cluster mode changes, the later rule does it.
 */
export function applyAccess(context: GroupContext, look: GroupLook): GroupStep | undefined {
  return context.changesTo === undefined ? setAccess(context, look) : undefined
}

/** With the credentials customers are kept to database 0, which may have to wait for them. */
export function confineCustomers(context: GroupContext, look: GroupLook): GroupStep | undefined {
  return context.changesTo === undefined ? undefined : setAccess(context, look)
}

function setAccess(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = nodesWhere(context, look, applied => applied.access !== context.accessDigest)
  if (nodes.length === 0) return undefined
  return { do: 'set-access', nodes, why: `${some(nodes)} accepts older credentials` }
}
