/** Inserts a replication group. Nothing starts here: control finds the row, and the answer says `creating`. */
import {
  allNodes,
  AlreadyExists,
  elasticacheArn,
  fault,
  type ReplicationGroupDesired,
  requireIdentifier,
  type Scope,
  type Store,
} from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import { memberIds } from '../cache-cluster/find-member.ts'
import type { Operation } from '../operation.ts'
import { requireUsable } from '../parameter-group/find.ts'
import { readTags } from '../tag/tags.ts'
import { sealTokens } from './auth-token.ts'
import { tellGroup } from './events.ts'
import { refuseUnbuilt } from './refuse-unbuilt.ts'
import { renderReplicationGroup } from './render.ts'
import { readOrigin, requireHolds, requireOriginStays } from './restore.ts'
import { toDesired } from './to-desired.ts'
import { requireStillUsable } from './user-groups.ts'

export const createReplicationGroup: Operation<'CreateReplicationGroup'> = async (asked, call) => {
  const scope = scopeOf(call)
  const name = requireIdentifier('ReplicationGroupId', asked.ReplicationGroupId)
  refuseUnbuilt(asked)
  if (await call.store.replicationGroups.find(scope, name)) throw alreadyExists()
  const tags = readTags(asked.Tags)
  const { input, origin } = await readOrigin(asked, call)
  const { desired: made, notes } = await toDesired(name, input, call)
  await requireHolds(made, origin, call)
  const desired = origin.restore ? { ...made, restore: origin.restore } : made
  const arn = elasticacheArn(scope, 'replicationgroup', name)
  const row = await call.store.transaction(async store => {
    await requireStillThere(store, scope, desired)
    await requireStillUsable(store, { desired }, call)
    await requireOriginStays(origin, call, store)
    await requireFreeMembers(store, scope, desired)
    const inserted = await store.replicationGroups
      .insert({ ...scope, arn, name, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists() : error
      })
    await store.tags.set(arn, tags)
    if (input.AuthToken !== undefined) await sealTokens(store, arn, [input.AuthToken])
    const from = origin.restore ? [`Restoring the data of ${origin.what}`] : []
    await tellGroup(store, inserted, [`Creating replication group ${name}`, ...from, ...notes], call.now())
    return inserted
  })
  call.wake(arn)
  return { ReplicationGroup: renderReplicationGroup(row) }
}

/** Between looking and inserting somebody may have deleted what the group stands on. */
async function requireStillThere(store: Store, scope: Scope, desired: ReplicationGroupDesired): Promise<void> {
  await requireUsable(store, scope, desired.parameterGroup)
  const name = desired.subnetGroup ?? ''
  if (!(await store.subnetGroups.find(scope, name)))
    throw fault('CacheSubnetGroupNotFoundFault', `Cache Subnet Group ${name} does not exist.`)
}

/** A replica that a customer named may have the id that a member of this group would get. */
async function requireFreeMembers(store: Store, scope: Scope, desired: ReplicationGroupDesired): Promise<void> {
  const taken = await memberIds(store, scope)
  const twice = allNodes(desired).find(node => taken.has(node.id))
  if (twice) throw fault('InvalidParameterValueException', `A cache cluster with the id ${twice.id} already exists.`)
}

const alreadyExists = () =>
  fault('ReplicationGroupAlreadyExistsFault', 'Replication group with specified name already exists.')
