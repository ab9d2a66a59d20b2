/**
 * ModifyCacheCluster for Memcached. Nodes, version and node type come into force at once with ApplyImmediately, in the
 * maintenance window otherwise; the rest at once. Whatever brings new processes brings empty ones, as on AWS.
 */
import {
  compareVersions,
  freeCacheNodeIds,
  installedEngineFor,
  type MemcachedClusterDesired,
  type MemcachedClusterRow,
  resolveEngineVersion,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../../call.ts'
import { notBuilt } from '../../not-built.ts'
import type { Input } from '../../operation.ts'
import { requireUsable } from '../../parameter-group/find.ts'
import { requireNodeType } from '../../replication-group/engine.ts'
import { readNotificationTopic } from '../../replication-group/notification.ts'
import { requireFamily } from '../../replication-group/parameter-group-choice.ts'
import { changeSchedule } from '../../replication-group/schedule.ts'
import { requireSecurityGroups } from '../../replication-group/security-groups.ts'
import { requireSubnetGroupForCache } from '../../subnet-group/find.ts'
import { changeCluster } from './change.ts'
import { requireCount } from './create.ts'
import { combination, invalid, refuseRedisOnly, requireAvailable } from './refusals.ts'
import { chooseZones } from './zones.ts'

type Modify = Input<'ModifyCacheCluster'>

export async function modifyMemcached(
  row: MemcachedClusterRow,
  input: Modify,
  call: Call,
): Promise<MemcachedClusterRow> {
  refuseRedisOnly(input)
  if (input.ScaleConfig !== undefined) throw notBuilt('Scaling in steps (ScaleConfig)')
  requireAvailable(row)
  const nodes = await changeNodes(row, input, call)
  const deferrable: Partial<MemcachedClusterDesired> = { ...nodes, ...changeVersion(row, input, call), ...type(input) }
  const now = await settings(row, input, call)
  const family = resolveEngineVersion('memcached', deferrable.engineVersion ?? row.desired.engineVersion).family
  const group = await requireUsable(call.store, scopeOf(call), now.parameterGroup ?? row.desired.parameterGroup)
  requireFamily(family, group.desired)
  const waiting = { ...(row.pending as Partial<MemcachedClusterDesired> | undefined), ...deferrable }
  const immediately = input.ApplyImmediately ?? false
  const later = immediately || Object.keys(waiting).length === 0 ? undefined : waiting
  return changeCluster(
    row,
    call,
    nodes && immediately ? [notice(row, nodes)] : [],
    desired => {
      const next = { ...desired, ...now, ...(immediately && waiting) }
      return JSON.stringify(next) === JSON.stringify(desired) ? desired : next
    },
    { is: later },
  )
}

const notice = (row: MemcachedClusterRow, { nodes }: Pick<MemcachedClusterDesired, 'nodes'>): string =>
  nodes.length > row.desired.nodes.length
    ? 'Increasing number of requested nodes'
    : 'Decreasing number of requested nodes'

async function changeNodes({ desired, name }: MemcachedClusterRow, input: Modify, call: Call) {
  const remove = input.CacheNodeIdsToRemove ?? []
  const zones = input.NewAvailabilityZones ?? []
  if (input.NumCacheNodes === undefined) {
    if (remove.length > 0) throw combination('NumCacheNodes must be given together with CacheNodeIdsToRemove.')
    if (zones.length > 0) throw combination('NumCacheNodes must be given together with NewAvailabilityZones.')
    if (input.AZMode === 'cross-az' && desired.nodes.length < 2)
      throw combination('AZMode cross-az requires at least two cache nodes.')
    if (input.AZMode === undefined) return undefined
    throw combination('AZMode is changed together with NumCacheNodes: existing cache nodes stay where they are.')
  }
  const wanted = requireCount(input.NumCacheNodes)
  const difference = wanted - desired.nodes.length
  if (difference < 0) return { nodes: without(desired, name, remove, -difference) }
  if (remove.length > 0)
    throw combination('CacheNodeIdsToRemove is only valid when NumCacheNodes is less than the number of cache nodes.')
  if (difference === 0) {
    if (zones.length > 0) throw combination('NewAvailabilityZones is only valid when cache nodes are added.')
    return undefined
  }
  const subnetGroup = await requireSubnetGroupForCache(desired.subnetGroup, call)
  const placed = chooseZones({
    count: difference,
    azMode: input.AZMode ?? (desired.crossAz ? 'cross-az' : undefined),
    zones,
    existing: desired.nodes.map(node => node.availabilityZone),
    possible: [...new Set(subnetGroup.desired.subnets.map(subnet => subnet.availabilityZone))],
  })
  const taken = desired.nodes.map(node => node.id)
  const added = freeCacheNodeIds(taken, difference).map((id, at) => ({
    id,
    availabilityZone: placed.zones[at] ?? '',
    rebootGeneration: 0,
    createdAt: call.now().toISOString(),
  }))
  return { nodes: [...desired.nodes, ...added].toSorted((a, b) => (a.id < b.id ? -1 : 1)), crossAz: placed.crossAz }
}

/** AWS wants the ids named, and as many as leave: so are its words, as customers report them. */
function without(desired: MemcachedClusterDesired, name: string, remove: readonly string[], count: number) {
  const [present, named] = [desired.nodes.length, new Set(remove).size]
  if (named !== count)
    throw combination(
      `The number of CacheNodeIdsToRemove must match the number of nodes you are trying to remove, current number of cache nodes is ${present}, requested number of cache nodes is ${present - count} and CacheNodeIdsToRemove supplied are ${named}`,
    )
  const strange = remove.find(id => !desired.nodes.some(node => node.id === id))
  if (strange !== undefined) throw invalid(`Cache node ${strange} does not exist in cache cluster ${name}.`)
  return desired.nodes.filter(node => !remove.includes(node.id))
}

function changeVersion({ desired }: MemcachedClusterRow, { EngineVersion }: Modify, call: Call) {
  if (EngineVersion === undefined) return undefined
  const version = resolveEngineVersion('memcached', EngineVersion)
  const choice = installedEngineFor(version, call.settings.engines)
  if (!choice.ok) throw combination(choice.message)
  if (compareVersions(version.version, desired.engineVersion) < 0)
    throw combination(
      `Cannot downgrade cache cluster ${desired.id} from memcached ${desired.engineVersion} to ${version.version}.`,
    )
  return { engineVersion: version.version }
}

const type = ({ CacheNodeType }: Modify) =>
  CacheNodeType === undefined ? undefined : { nodeType: requireNodeType(CacheNodeType).name }

async function settings(
  { desired }: MemcachedClusterRow,
  input: Modify,
  call: Call,
): Promise<Partial<MemcachedClusterDesired>> {
  const schedule = { maintenanceWindow: desired.maintenanceWindow, snapshotWindow: '', snapshotRetentionDays: 0 }
  const subnetGroup = input.SecurityGroupIds && (await requireSubnetGroupForCache(desired.subnetGroup, call))
  const group = input.CacheParameterGroupName
  return {
    ...(group && { parameterGroup: (await requireUsable(call.store, scopeOf(call), group)).desired.name }),
    ...(subnetGroup && {
      securityGroupIds: await requireSecurityGroups(input.SecurityGroupIds, subnetGroup.desired.vpcId, call),
    }),
    ...(input.PreferredMaintenanceWindow !== undefined && {
      maintenanceWindow: changeSchedule(schedule, { PreferredMaintenanceWindow: input.PreferredMaintenanceWindow })
        .maintenanceWindow,
    }),
    ...(input.NotificationTopicArn !== undefined && {
      notificationTopicArn: readNotificationTopic(input.NotificationTopicArn),
    }),
    ...(input.NotificationTopicStatus === 'inactive' && { notificationTopicArn: undefined }),
    ...(input.AutoMinorVersionUpgrade !== undefined && { autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade }),
  }
}
