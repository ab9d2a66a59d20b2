/** CacheNodeType of a modification, up or down. Down costs data where it does not fit, so that is judged first. */
import {
  allowedScaleDowns,
  allowedScaleUps,
  effectiveParameters,
  fault,
  type NodeType,
  type ReplicationGroupRow,
  requireScaleDownFits,
  reservedMemory,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { familyOf, requireUsable } from '../parameter-group/find.ts'
import { requireNodeType } from './engine.ts'
import type { Modification } from './modification.ts'

/** Whether the type runs the engine is looked at once all of a request is known (requireSound). */
export const changeNodeType: Modification = async ({ CacheNodeType: name }, group, call) => {
  if (!name) return undefined
  const next = requireNodeType(name)
  const from = requireNodeType(group.desired.nodeType)
  if (next.name !== from.name && !allowedScaleUps(from).includes(next.name))
    await requireWayDown(from, next, group, call)
  return { deferrable: { nodeType: next.name } }
}

async function requireWayDown(from: NodeType, to: NodeType, group: ReplicationGroupRow, call: Call): Promise<void> {
  if (!allowedScaleDowns(from).includes(to.name))
    throw fault(
      'InvalidParameterCombinationException',
      `Cannot scale from ${from.name} to ${to.name}. ListAllowedNodeTypeModifications answers what is possible.`,
    )
  const { desired } = await requireUsable(call.store, scopeOf(call), group.desired.parameterGroup)
  const values = effectiveParameters(familyOf(desired), desired.values, to)
  requireScaleDownFits(to, reservedMemory(values), group.observation?.observed.nodes ?? {})
}
