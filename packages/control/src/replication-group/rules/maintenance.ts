// What customers left for the maintenance window comes into force in it, once the group is well otherwise.
import type { GroupContext } from '../context.ts'
import type { GroupStep } from '../steps.ts'

export function applyPending(context: GroupContext): GroupStep | undefined {
  if (!context.pendingIsDue) return undefined
  const names = Object.keys(context.row.pending ?? {}).toSorted()
  return { do: 'apply-pending', why: `the maintenance window is open; ${names.join(', ')} waited for it` }
}
