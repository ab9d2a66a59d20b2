/**
 * Puts into force what waited for the maintenance window. In one transaction, and only what still waits in it: a later
 * request with ApplyImmediately may have taken it over, or withdrawn it, since it was looked at.
 */
import { eventSource, withSlots } from '@hotshelf/domain'
import type { StepOf } from '../replication-group/steps.ts'
import type { Turn } from '../replication-group/performers/turn.ts'
import { pendingIsDue } from './window.ts'

export async function applyPending(_step: StepOf<'apply-pending'>, { context, options }: Turn): Promise<void> {
  const at = options.clock.now()
  const { arn } = context.row
  await options.store.transaction(async store => {
    const row = await store.replicationGroups.get(arn)
    if (!row?.pending || !pendingIsDue(row, at)) return
    const { pending } = row
    await store.replicationGroups.change(arn, desired => withSlots({ ...desired, ...pending }))
    await store.replicationGroups.setPending(arn, undefined)
    const message = `Applying the changes that waited for the maintenance window: ${Object.keys(pending).toSorted().join(', ')}`
    await store.events.append(row, { ...eventSource(row), message, at })
  })
  options.onEffect('row:pending-applied')
}
