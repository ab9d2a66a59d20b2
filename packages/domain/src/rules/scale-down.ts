/**
 * Whether a group's data would fit into a smaller node type. A node that is given less memory than its data takes evicts
 * keys or refuses writes, so a change down is judged on what the nodes hold now, and on nothing that is not known.
 */
import { maxmemoryBytes, type NodeType } from '../catalog/node-types.ts'
import { fault } from '../faults.ts'
import type { NodeId, NodeObserved } from '../resources/node.ts'

/** `reserved` as the parameter group has it: percent of the type's maxmemory, or bytes. */
export const fitsIn = (nodeType: NodeType, reserved: number | { readonly bytes: number }, usedBytes: number): boolean =>
  usedBytes <= maxmemoryBytes(nodeType, reserved)

/** Throws for the fullest node that would not fit, or for one whose memory nobody has measured. The words are ours. */
export function requireScaleDownFits(
  nodeType: NodeType,
  reserved: number | { readonly bytes: number },
  nodes: Readonly<Record<NodeId, Pick<NodeObserved, 'usedMemoryBytes'>>>,
): void {
  const used = Object.entries(nodes).map(([id, { usedMemoryBytes }]) => ({ id, bytes: usedMemoryBytes }))
  const unmeasured = used.find(({ bytes }) => bytes === undefined)
  if (unmeasured)
    throw fault(
      'InvalidParameterCombinationException',
      `How much memory ${unmeasured.id} uses is not known yet, so whether its data fits ${nodeType.name} is not either.`,
    )
  const fullest = used.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))[0]
  if (!fullest || fitsIn(nodeType, reserved, fullest.bytes ?? 0)) return
  throw fault(
    'InvalidParameterCombinationException',
    `${fullest.id} uses ${fullest.bytes} bytes, and ${nodeType.name} has room for ` +
      `${maxmemoryBytes(nodeType, reserved)} beside what is reserved. Remove data or choose a larger node type.`,
  )
}
