/**
 * Whether a group's data fits a smaller node type. AWS: "you can scale down only if the data and what is reserved fit the
 * target" (User Guide, Scaling down). Asked when the change is requested, and again when it is carried out: data grows.
 */
import { maxmemoryFor } from '../catalog/parameters/node-type-parameters.ts'
import type { NodeType } from '../catalog/node-types.ts'
import type { ParameterValues } from '../catalog/parameters/definition.ts'
import type { NodeObserved } from '../resources/node.ts'

export interface ScaleDown {
  readonly to: NodeType
  /** Of the group's parameter group: they say how much is reserved. */
  readonly values: ParameterValues
  readonly nodes: Readonly<Record<string, Pick<NodeObserved, 'usedMemoryBytes'>>>
}

/** The node that holds too much, in a sentence; undefined when everything fits, or nobody has told how much there is. */
export function scaleDownObstacle({ to, values, nodes }: ScaleDown): string | undefined {
  const room = maxmemoryFor(to, values)
  const [node, used] = Object.entries(nodes)
    .map(([id, { usedMemoryBytes = 0 }]) => [id, usedMemoryBytes] as const)
    .toSorted((a, b) => b[1] - a[1])[0] ?? ['', 0]
  if (used <= room) return undefined
  return `${node} uses ${megabytes(used)} MB, and ${to.name} has room for ${megabytes(room)} MB`
}

const megabytes = (bytes: number): number => Math.ceil(bytes / (1024 * 1024))
