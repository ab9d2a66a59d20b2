/**
 * Changes a group. Each member of the request is read by one small function into a change of desired; all of them
 * stand together, in one transaction, or none does. What AWS keeps for the maintenance window unless ApplyImmediately is
 * given goes into the pending overlay, and ApplyImmediately also puts into force what waits there already.
 */
import { Bug, fault, type ReplicationGroupDesired, type ReplicationGroupRow, withSlots } from '@hotshelf/domain'
import type { Call } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { sealTokens } from './auth-token.ts'
import { tellGroup } from './events.ts'
import type { Change, Modify } from './modification.ts'
import { modifications } from './modifications.ts'
import { renderReplicationGroup } from './render.ts'
import { requireAvailable, requireReplicationGroup, requireUnchanged } from './require.ts'
import { requireSound } from './sound.ts'
import { requireStillUsable } from './user-groups.ts'

export const modifyReplicationGroup: Operation<'ModifyReplicationGroup'> = async (input, call) => {
  const group = await requireReplicationGroup(input.ReplicationGroupId, call)
  if (!asksForSomething(input)) throw noModifications()
  requireAvailable(group)
  return { ReplicationGroup: renderReplicationGroup(await modifyGroup(group, input, call)) }
}

/** Infrastructure tools take exactly this text for success. */
export const noModifications = () => fault('InvalidParameterCombinationException', 'No modifications were requested')

/** NodeGroupId is AWS's own left-over: it is documented as unused. */
const asksForSomething = (input: Modify): boolean =>
  Object.entries(input).some(
    ([name, value]) => value !== undefined && !['ReplicationGroupId', 'ApplyImmediately', 'NodeGroupId'].includes(name),
  )

export async function modifyGroup(group: ReplicationGroupRow, input: Modify, call: Call): Promise<ReplicationGroupRow> {
  const changes: Change[] = []
  for (const modification of modifications) changes.push((await modification(input, group, call)) ?? {})
  const changed = await apply(group, input.ApplyImmediately ?? false, changes, call)
  call.wake(group.arn)
  return changed
}

function apply(
  group: ReplicationGroupRow,
  immediately: boolean,
  changes: readonly Change[],
  call: Call,
): Promise<ReplicationGroupRow> {
  return call.store.transaction(async store => {
    // Read again: what waits may have changed since, without a new generation.
    const found = await store.replicationGroups.get(group.arn)
    if (!found) throw new Bug(`replication group ${group.name} vanished while it was changed`)
    requireUnchanged(group, found)
    const { now, later } = share(found, immediately, changes)
    await requireSound({ ...found.desired, ...now }, { ...found.desired, ...now, ...later }, found, store)
    await requireStillUsable(store, { desired: { ...found.desired, ...now } }, call)
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

interface Shared {
  readonly now: Partial<ReplicationGroupDesired>
  readonly later: Partial<ReplicationGroupDesired>
}

/** A newer request replaces what waits of the same subject, and a value that is in force already has nothing to wait for. */
function share(group: ReplicationGroupRow, immediately: boolean, changes: readonly Change[]): Shared {
  const merged = (parts: readonly (Partial<ReplicationGroupDesired> | undefined)[]): Partial<ReplicationGroupDesired> =>
    Object.assign({}, ...parts)
  const atOnce = merged(changes.map(change => change.desired))
  const waiting = merged([group.pending, ...changes.map(change => change.deferrable)])
  if (immediately) return { now: { ...waiting, ...atOnce }, later: {} }
  const after = { ...group.desired, ...atOnce }
  const still = Object.entries(waiting).filter(
    ([name, value]) => !same(value, after[name as keyof ReplicationGroupDesired]),
  )
  return { now: atOnce, later: Object.fromEntries(still) }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The same reference when nothing differs: then no generation passes and the group stays available. */
function withChanges(
  desired: ReplicationGroupDesired,
  changes: Partial<ReplicationGroupDesired>,
): ReplicationGroupDesired {
  const next = withSlots({ ...desired, ...changes })
  return same(next, desired) ? desired : next
}
