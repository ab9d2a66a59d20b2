/**
 * What must hold of a group once a modification is in force, and once all that waits is: subjects that were each fine by
 * themselves may not be fine together.
 */
import {
  engineVersion,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
  type Scope,
  type Store,
} from '@hotshelf/domain'
import { requireUsable } from '../parameter-group/find.ts'
import { requireNodeType, requireRunsOn } from './engine.ts'
import { requireFamily } from './parameter-group-choice.ts'

export async function requireSound(
  now: ReplicationGroupDesired,
  later: ReplicationGroupDesired,
  group: ReplicationGroupRow,
  store: Store,
): Promise<void> {
  for (const desired of [now, later]) await requireTogether(desired, group, store)
}

async function requireTogether(desired: ReplicationGroupDesired, scope: Scope, store: Store): Promise<void> {
  requireRunsOn(requireNodeType(desired.nodeType), desired.engine, desired.engineVersion)
  const version = engineVersion(desired.engine, desired.engineVersion)
  const { desired: parameterGroup } = await requireUsable(store, scope, desired.parameterGroup)
  if (version) requireFamily(version.family, parameterGroup)
}
