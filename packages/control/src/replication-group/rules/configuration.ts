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

export function applyAccess(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = nodesWhere(context, look, applied => applied.access !== context.accessDigest)
  if (nodes.length === 0) return undefined
  return { do: 'set-access', nodes, why: `${some(nodes)} accepts older credentials` }
}
