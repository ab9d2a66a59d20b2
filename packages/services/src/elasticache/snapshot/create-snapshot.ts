/** Asks for a snapshot of a group, or of a member where cluster mode is disabled. It shows `creating` until control has it. */
import {
  fault,
  type NodeId,
  nodeType,
  type ReplicationGroupRow,
  replicationGroupStatus,
  requireSnapshotName,
  requireSnapshotsSupported,
  usesClusterProtocol,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { findMemcached } from '../cache-cluster/find-cluster.ts'
import { findMember } from '../cache-cluster/find-member.ts'
import { requireKmsKey } from '../kms-key.ts'
import type { Input, Operation } from '../operation.ts'
import { tellGroup } from '../replication-group/events.ts'
import { requireReplicationGroup } from '../replication-group/require.ts'
import { readTags } from '../tag/tags.ts'
import { insertSnapshot, requireFreeName, takenNow } from './find.ts'
import { newSnapshot, requireSnapshotsLeft } from './new-snapshot.ts'
import { renderSnapshot } from './render.ts'

export const createSnapshot: Operation<'CreateSnapshot'> = async (input, call) => {
  const name = requireSnapshotName('SnapshotName', input.SnapshotName)
  const { group, member } = await requireSource(input, call)
  const tags = readTags(input.Tags)
  const type = nodeType(group.desired.nodeType)
  if (type) requireSnapshotsSupported(group.desired.engine, type)
  const kmsKeyId = await requireKmsKey(input.KmsKeyId, call)
  const row = await call.store.transaction(async store => {
    const now = (await store.replicationGroups.get(group.arn)) ?? group
    await requireFreeName(store, scopeOf(call), name)
    requireReady(now, member)
    // Its status may not show yet what was asked for a moment ago.
    if ((await takenNow(store, now)).length > 0) throw notReady(now, member, 'snapshotting')
    await requireSnapshotsLeft(store, now, call.now())
    const desired = await newSnapshot(store, now, { name, member, kmsKeyId })
    const inserted = await insertSnapshot(store, scopeOf(call), { desired, createdAt: call.now() })
    await store.tags.set(inserted.arn, tags)
    await tellGroup(store, now, [`Creating snapshot ${name}`], call.now())
    return inserted
  })
  call.wake(row.arn)
  return { Snapshot: renderSnapshot(row) }
}

interface Source {
  readonly group: ReplicationGroupRow
  readonly member: NodeId | undefined
}

/** The wording of the two refusals is AWS's. */
async function requireSource(input: Input<'CreateSnapshot'>, call: Call): Promise<Source> {
  const { ReplicationGroupId: group, CacheClusterId: cluster } = input
  if (!group && !cluster) throw combination('One of CacheClusterId or ReplicationGroupId must be provided.')
  if (group && cluster) throw combination('Only one of CacheClusterId or ReplicationGroupId can be provided.')
  if (group) return { group: await requireReplicationGroup(group, call), member: undefined }
  const id = (cluster ?? '').toLowerCase()
  const scope = scopeOf(call)
  if (await findMemcached(call.store, scope, id))
    throw fault('SnapshotFeatureNotSupportedFault', 'Snapshots are not supported for Memcached.')
  const member = await findMember(call.store, scope, id)
  if (!member) throw fault('CacheClusterNotFoundFault', `CacheCluster not found: ${id}`)
  if (usesClusterProtocol(member.group.desired))
    throw combination(
      `Cache cluster ${id} holds a part of replication group ${member.group.name} with cluster mode enabled. Use ReplicationGroupId.`,
    )
  return { group: member.group, member: member.node.id }
}

function requireReady(group: ReplicationGroupRow, member: NodeId | undefined): void {
  const status = replicationGroupStatus(group)
  if (status !== 'available') throw notReady(group, member, status)
}

/** The wording is ours. */
function notReady({ name }: ReplicationGroupRow, member: NodeId | undefined, status: string) {
  return member === undefined
    ? fault('InvalidReplicationGroupStateFault', `Replication group ${name} is not in available state: ${status}.`)
    : fault('InvalidCacheClusterStateFault', `Cache cluster ${member} is not in available state: ${status}.`)
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
