// What each running node was given since it was started, or with its start.
import type { GroupLook, NodeLook } from '../observe.ts'

export interface Applied {
  readonly access: string | undefined
  /** Which user each name was, as far as it is known. */
  readonly names: Readonly<Record<string, string>>
  readonly directives: string | undefined
}

/** What the node was started with, or given since. A restart voids what was given while it ran. */
export function appliedTo(look: GroupLook, node: NodeLook): Applied {
  const since = look.memory?.applied[node.node]
  const startedAt = node.launched?.at.toISOString()
  if (since && since.startedAt === startedAt) return { ...since, names: since.names ?? labelled(node) }
  return {
    access: node.launched?.labels['access'],
    directives: node.launched?.labels['directives'],
    names: labelled(node),
  }
}

/** Nodes that an older Hotshelf started have no such label. */
const labelled = (node: NodeLook): Readonly<Record<string, string>> =>
  JSON.parse(node.launched?.labels['names'] ?? '{}') as Record<string, string>
