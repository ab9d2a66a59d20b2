// What each running node was given since it was started, or with its start.
import type { GroupLook, NodeLook } from '../observe.ts'

export interface Applied {
  readonly access: string | undefined
  readonly directives: string | undefined
}

/** What the node was started with, or given since. A restart voids what was given while it ran. */
export function appliedTo(look: GroupLook, node: NodeLook): Applied {
  const since = look.memory?.applied[node.node]
  const startedAt = node.launched?.at.toISOString()
  if (since && since.startedAt === startedAt) return since
  return { access: node.launched?.labels['access'], directives: node.launched?.labels['directives'] }
}
