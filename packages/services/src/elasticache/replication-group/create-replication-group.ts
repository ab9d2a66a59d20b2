/** Inserts a replication group. Nothing starts here: control finds the row, and the answer says `creating`. */
import { AlreadyExists, elasticacheArn, fault, requireIdentifier } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { sealTokens } from './auth-token.ts'
import { tellGroup } from './events.ts'
import { refuseUnbuilt } from './refuse-unbuilt.ts'
import { renderReplicationGroup } from './render.ts'
import { toDesired } from './to-desired.ts'

export const createReplicationGroup: Operation<'CreateReplicationGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireIdentifier('ReplicationGroupId', input.ReplicationGroupId)
  refuseUnbuilt(input)
  if (await call.store.replicationGroups.find(scope, name)) throw alreadyExists()
  const tags = readTags(input.Tags)
  const { desired, notes } = await toDesired(name, input, call)
  const arn = elasticacheArn(scope, 'replicationgroup', name)
  const row = await call.store.transaction(async store => {
    const inserted = await store.replicationGroups
      .insert({ ...scope, arn, name, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists() : error
      })
    await store.tags.set(arn, tags)
    if (input.AuthToken !== undefined) await sealTokens(store, arn, [input.AuthToken])
    await tellGroup(store, inserted, [`Creating replication group ${name}`, ...notes], call.now())
    return inserted
  })
  call.wake(arn)
  return { ReplicationGroup: renderReplicationGroup(row) }
}

const alreadyExists = () =>
  fault('ReplicationGroupAlreadyExistsFault', 'Replication group with specified name already exists.')
