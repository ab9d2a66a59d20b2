/**
 * Changes a group. Each member of the request is read by one small function into a change of desired; all of them
 * stand together, in one transaction, or none does. What AWS keeps for the maintenance window unless ApplyImmediately is
 * given goes into the pending overlay, and ApplyImmediately also puts into force what waits there already.
 */
import { Bug, fault, type ReplicationGroupDesired, type ReplicationGroupRow } from '@hotshelf/domain'
import type { Call } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { sealTokens } from './auth-token.ts'
import { tellGroup } from './events.ts'
import { type Change, modifications } from './modifications.ts'
import { renderReplicationGroup } from './render.ts'
import { requireAvailable, requireReplicationGroup, requireUnchanged } from './require.ts'

export const modifyReplicationGroup: Operation<'ModifyReplicationGroup'> = async (input, call) => {
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  if (!asksForSomething(input)) throw fault('InvalidParameterCombinationException', 'No modifications were requested')
  requireAvailable(group)
  const changes: Change[] = []
  for (const modification of modifications) changes.push((await modification(input, group, call)) ?? {})
  const changed = await apply(group, input.ApplyImmediately ?? false, changes, call)
  call.wake(group.arn)
  return { ReplicationGroup: renderReplicationGroup(changed) }
}

/** NodeGroupId is AWS's own left-over: it is documented as unused. */
const asksForSomething = (input: Input<'ModifyReplicationGroup'>): boolean =>
  Object.entries(input).some(
    ([name, value]) => value !== undefined && !['ReplicationGroupId', 'ApplyImmediately', 'NodeGroupId'].includes(name),
  )

function apply(
  group: ReplicationGroupRow,
  immediately: boolean,
  changes: readonly Change[],
  call: Call,
): Promise<ReplicationGroupRow> {
  const merged = <Part>(parts: readonly (Partial<Part> | undefined)[]): Partial<Part> => Object.assign({}, ...parts)
  const deferrable = changes.map(change => change.deferrable)
  const now = merged<ReplicationGroupDesired>([
    ...changes.map(change => change.desired),
    ...(immediately ? [group.pending, ...deferrable] : []),
  ])
  const later = immediately ? {} : merged<ReplicationGroupDesired>([group.pending, ...deferrable])
  return call.store.transaction(async store => {
    await store.replicationGroups.setPending(group.arn, Object.keys(later).length > 0 ? later : undefined)
    for (const { tokens } of changes) if (tokens) await sealTokens(store, group.arn, tokens)
    await tellGroup(
      store,
      group,
      changes.flatMap(change => change.notes ?? []),
      call.now(),
    )
    const changed = await store.replicationGroups.change(group.arn, (desired, row) => {
      requireUnchanged(group, row)
      return withChanges(desired, now)
    })
    if (!changed) throw new Bug(`replication group ${group.name} vanished while it was changed`)
    return changed
  })
}

/** The same reference when nothing differs: then no generation passes and the group stays available. */
function withChanges(
  desired: ReplicationGroupDesired,
  changes: Partial<ReplicationGroupDesired>,
): ReplicationGroupDesired {
  const next = { ...desired, ...changes }
  return JSON.stringify(next) === JSON.stringify(desired) ? desired : next
}
