/**
 * CreateCacheCluster for a single node of Redis or Valkey without a group: a group of one, under a name that no customer
 * sees. Nothing starts here; the answer says `creating`.
 */
import {
  AlreadyExists,
  customerArn,
  fault,
  type NodeId,
  type ReplicationGroupRow,
  shardId,
  standaloneKey,
  standaloneName,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../../call.ts'
import { notBuilt } from '../../not-built.ts'
import type { Input } from '../../operation.ts'
import { requireUsable } from '../../parameter-group/find.ts'
import { tellGroup } from '../../replication-group/events.ts'
import { enablesCluster } from '../../replication-group/parameter-group-choice.ts'
import { type Origin, readOrigin, requireHolds, requireOriginStays } from '../../replication-group/restore.ts'
import { type NewGroup, toDesired } from '../../replication-group/to-desired.ts'
import { cacheSecurityGroupsNotPermitted } from '../../security-group/describe-cache-security-groups.ts'
import { readTags } from '../../tag/tags.ts'
import { memberIds } from '../find-member.ts'
import { requireMemberRequest } from '../group-settings.ts'

type Create = Input<'CreateCacheCluster'>

export async function createStandalone(id: NodeId, input: Create, call: Call): Promise<ReplicationGroupRow> {
  const scope = scopeOf(call)
  await requireRequest(input, call)
  const tags = readTags(input.Tags)
  const { desired, notes, origin } = await desiredOf(id, input, call)
  const row = await call.store.transaction(async store => {
    if ((await memberIds(store, scope)).has(id)) throw alreadyExists(id)
    await requireOriginStays(origin, call, store)
    const createdAt = call.now()
    const inserted = await store.replicationGroups
      .insert({ ...scope, arn: standaloneKey(scope, id, createdAt), name: standaloneName(id), desired, createdAt })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists(id) : error
      })
    await store.tags.set(customerArn(inserted), tags)
    const from = origin.restore ? [`Restoring the data of ${origin.what}`] : []
    await tellGroup(store, inserted, [`Creating cache cluster ${id}`, ...from, ...notes], call.now())
    return inserted
  })
  call.wake(row.arn)
  return row
}

/** The words on encryption are AWS's: it offers TLS, and so AUTH, to replication groups only. */
async function requireRequest(input: Create, call: Call): Promise<void> {
  const engine = input.Engine?.toLowerCase() === 'valkey' ? 'valkey' : 'redis'
  requireMemberRequest(input, { engine })
  if (input.CacheSecurityGroupNames?.length) throw cacheSecurityGroupsNotPermitted()
  if (input.PreferredOutpostArn !== undefined || input.PreferredOutpostArns?.length || input.OutpostMode)
    throw notBuilt('Placement on Outposts')
  for (const type of [input.NetworkType, input.IpDiscovery])
    if (type !== undefined && type !== 'ipv4') throw notBuilt(`NetworkType ${type}`, 'Use ipv4.')
  if (input.TransitEncryptionEnabled || input.AuthToken !== undefined)
    throw combination(`Encryption feature is not supported for engine ${engine.toUpperCase()}.`)
  // API reference: "A single-element string list". The wording is ours.
  if ((input.SnapshotArns?.length ?? 0) > 1)
    throw fault('InvalidParameterValueException', 'SnapshotArns takes one file for a cache cluster.')
  const group = input.CacheParameterGroupName
  if (group && enablesCluster((await requireUsable(call.store, scopeOf(call), group)).desired))
    // AWS's words, as its customers report them.
    throw combination('Cluster mode should be disabled in parameter group, but found it is enabled.')
}

/** Everything is decided as for a group of one node; then the node has the cluster's own name. */
async function desiredOf(id: NodeId, input: Create, call: Call): Promise<NewGroup & { readonly origin: Origin }> {
  const { AZMode: _mode, PreferredAvailabilityZone: zone, ...common } = input
  const request = {
    ...common,
    ReplicationGroupId: id,
    ReplicationGroupDescription: '',
    NumCacheClusters: 1,
    AtRestEncryptionEnabled: false,
    ...(zone !== undefined && { PreferredCacheClusterAZs: [zone] }),
  }
  const { input: completed, origin } = await readOrigin(request, call)
  const { desired, notes } = await toDesired(id, completed, call)
  await requireHolds(desired, origin, call)
  const [node] = desired.shards[0]?.nodes ?? []
  const nodes = node ? [{ ...node, id }] : []
  return {
    desired: {
      ...desired,
      standalone: true,
      shards: [{ id: shardId(1), slots: undefined, nodes }],
      snapshottingNode: desired.snapshotRetentionDays > 0 ? id : undefined,
      ...(origin.restore && { restore: origin.restore }),
    },
    notes,
    origin,
  }
}

const alreadyExists = (id: string) =>
  fault('CacheClusterAlreadyExistsFault', `Cache cluster with the id ${id} already exists.`)

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
