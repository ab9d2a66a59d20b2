/**
 * CreateReplicationGroup with PrimaryClusterId: a cache cluster without a group becomes the primary of one. Its row takes
 * the group's name, so node, data, address and parameters stay as they are; the group's endpoints are new. Replicas are added
 * afterwards, as AWS's guide does it.
 */
import {
  AlreadyExists,
  customerArn,
  fault,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { findMemcached } from '../cache-cluster/find-cluster.ts'
import { type Member, requireMember } from '../cache-cluster/find-member.ts'
import { differing } from '../cache-cluster/group-settings.ts'
import { requireAvailableMember } from '../cache-cluster/require-available.ts'
import type { Input } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { tellGroup } from './events.ts'
import { requireUnchanged } from './require.ts'

type Create = Input<'CreateReplicationGroup'>

export async function formAround(
  name: string,
  cluster: string,
  input: Create,
  call: Call,
): Promise<ReplicationGroupRow> {
  const member = await requirePrimary(cluster, call)
  requireRequest(input, member)
  const tags = readTags(input.Tags)
  const { group: found } = member
  const formed = await call.store.transaction(async store => {
    const row = await store.replicationGroups
      .rename(found.arn, name, (desired, now) => {
        requireUnchanged(found, now)
        return asGroup(desired, { name, input, generation: now.generation + 1 })
      })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists() : error
      })
    if (!row) throw notFound(member.node.id)
    await store.tags.set(customerArn(row), tags)
    await tellGroup(store, row, [`Creating replication group ${name}`], call.now())
    return row
  })
  call.wake(formed.arn)
  return formed
}

export const alreadyExists = () =>
  fault('ReplicationGroupAlreadyExistsFault', 'Replication group with specified name already exists.')

interface Forming {
  readonly name: string
  readonly input: Create
  readonly generation: number
}

function asGroup(desired: ReplicationGroupDesired, { name, input, generation }: Forming): ReplicationGroupDesired {
  const { standalone: _, ...kept } = desired
  return { ...kept, id: name, description: input.ReplicationGroupDescription ?? '', formedAt: generation }
}

async function requirePrimary(cluster: string, call: Call): Promise<Member> {
  if (await findMemcached(call.store, scopeOf(call), cluster))
    throw fault(
      'InvalidParameterValueException',
      `Cache cluster ${cluster} is of engine memcached, which has no replication.`,
    )
  const member = await requireMember(call.store, scopeOf(call), cluster)
  if (!member.group.desired.standalone)
    throw fault(
      'InvalidCacheClusterStateFault',
      `Cache cluster ${member.node.id} is already a member of replication group ${member.group.name}.`,
    )
  requireAvailableMember(member)
  return member
}

/** What the cluster has already may be said again; another value, and everything that needs replicas, is refused by name. */
function requireRequest(input: Create, { group, node }: Member): void {
  if (input.AutomaticFailoverEnabled || input.MultiAZEnabled)
    throw combination(
      'When using automatic failover, there must be at least 2 cache clusters in the replication group.',
    )
  const shape = [
    ['NumCacheClusters', (input.NumCacheClusters ?? 1) > 1],
    ['NumNodeGroups', (input.NumNodeGroups ?? 1) > 1],
    ['ReplicasPerNodeGroup', (input.ReplicasPerNodeGroup ?? 0) > 0],
    ['NodeGroupConfiguration', (input.NodeGroupConfiguration?.length ?? 0) > 0],
    ['PreferredCacheClusterAZs', (input.PreferredCacheClusterAZs?.length ?? 0) > 0],
    ['SnapshotName', input.SnapshotName !== undefined],
    ['SnapshotArns', (input.SnapshotArns?.length ?? 0) > 0],
  ] as const
  const shaped = shape.find(([, given]) => given)?.[0]
  if (shaped !== undefined)
    throw combination(`${shaped} cannot be used with PrimaryClusterId. Add replicas once the group is available.`)
  const { desired } = group
  const others = [
    ...differing(input, desired),
    ...(input.ClusterMode !== undefined && input.ClusterMode !== 'disabled' ? ['ClusterMode'] : []),
    ...(input.AtRestEncryptionEnabled && !desired.atRestEncryption ? ['AtRestEncryptionEnabled'] : []),
    ...(input.KmsKeyId ? ['KmsKeyId'] : []),
    ...(input.UserGroupIds?.length ? ['UserGroupIds'] : []),
    ...(input.Durability !== undefined && input.Durability !== 'default' ? ['Durability'] : []),
  ]
  if (others.length > 0)
    throw combination(
      `Cache cluster ${node.id} decides ${others.join(', ')}: leave out what the group takes over from its primary.`,
    )
}

const notFound = (id: string) => fault('CacheClusterNotFoundFault', `CacheCluster not found: ${id}`)
const combination = (message: string) => fault('InvalidParameterCombinationException', message)
