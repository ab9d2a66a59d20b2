/** CreateCacheCluster for Memcached: inserts a row. Nothing starts here; the answer says `creating`. */
import {
  AlreadyExists,
  compareVersions,
  defaultParameterGroupName,
  elasticacheArn,
  fault,
  freeCacheNodeIds,
  installedEngineFor,
  type MemcachedClusterDesired,
  type MemcachedClusterRow,
  type NodeId,
  quotas,
  overQuota,
  requirePort,
  resolveEngineVersion,
  tlsRefusal,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../../call.ts'
import { notBuilt } from '../../not-built.ts'
import type { Input } from '../../operation.ts'
import { requireUsable } from '../../parameter-group/find.ts'
import { requireNodeType } from '../../replication-group/engine.ts'
import { readNotificationTopic } from '../../replication-group/notification.ts'
import { requireFamily } from '../../replication-group/parameter-group-choice.ts'
import { decideSchedule } from '../../replication-group/schedule.ts'
import { requireSecurityGroups } from '../../replication-group/security-groups.ts'
import { cacheSecurityGroupsNotPermitted } from '../../security-group/describe-cache-security-groups.ts'
import { requireSubnetGroupForCache } from '../../subnet-group/find.ts'
import { readTags } from '../../tag/tags.ts'
import { clustersIn } from '../find-cluster.ts'
import { memberIds } from '../find-member.ts'
import { combination, invalid, refuseRedisOnly } from './refusals.ts'
import { tellCluster } from './change.ts'
import { chooseZones } from './zones.ts'

type Create = Input<'CreateCacheCluster'>

export async function createMemcached(id: NodeId, input: Create, call: Call): Promise<MemcachedClusterRow> {
  const scope = scopeOf(call)
  const tags = readTags(input.Tags)
  const desired = await toDesired(id, input, call)
  const arn = elasticacheArn(scope, 'cluster', id)
  const row = await call.store.transaction(async store => {
    if ((await memberIds(store, scope)).has(id)) throw alreadyExists(id)
    const inserted = await clustersIn(store)
      .insert({ ...scope, arn, name: id, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists(id) : error
      })
    await store.tags.set(arn, tags)
    return inserted
  })
  await tellCluster(call.store, row, [`Creating cache cluster ${id}`], call.now())
  call.wake(arn)
  return row
}

export const alreadyExists = (id: string) =>
  fault('CacheClusterAlreadyExistsFault', `Cache cluster with the id ${id} already exists.`)

async function toDesired(id: NodeId, input: Create, call: Call): Promise<MemcachedClusterDesired> {
  refuseRedisOnly(input)
  if (input.CacheSecurityGroupNames?.length) throw cacheSecurityGroupsNotPermitted()
  if (input.PreferredOutpostArn !== undefined || input.PreferredOutpostArns?.length || input.OutpostMode)
    throw notBuilt('Placement on Outposts')
  const version = resolveEngineVersion('memcached', input.EngineVersion)
  const choice = installedEngineFor(version, call.settings.engines)
  if (!choice.ok) throw combination(choice.message)
  const withoutTls = input.TransitEncryptionEnabled ? tlsRefusal(choice.binary) : undefined
  if (withoutTls) throw combination(withoutTls)
  const type = requireNodeType(input.CacheNodeType)
  const count = requireCount(input.NumCacheNodes)
  const subnetGroup = await requireSubnetGroupForCache(input.CacheSubnetGroupName, call)
  const placed = chooseZones({
    count,
    azMode: input.AZMode,
    zone: input.PreferredAvailabilityZone,
    zones: input.PreferredAvailabilityZones ?? [],
    existing: [],
    possible: [...new Set(subnetGroup.desired.subnets.map(subnet => subnet.availabilityZone))],
  })
  const createdAt = call.now().toISOString()
  const { maintenanceWindow } = decideSchedule({ id, region: call.region }, input)
  return {
    id,
    engine: 'memcached',
    engineVersion: version.version,
    nodeType: type.name,
    nodes: freeCacheNodeIds([], count).map((node, at) => ({
      id: node,
      availabilityZone: placed.zones[at] ?? '',
      rebootGeneration: 0,
      createdAt,
    })),
    crossAz: placed.crossAz,
    port: requirePort(input.Port, 'memcached'),
    parameterGroup: await chooseParameterGroup(input.CacheParameterGroupName, version.family, call),
    subnetGroup: subnetGroup.name,
    securityGroupIds: await requireSecurityGroups(input.SecurityGroupIds, subnetGroup.desired.vpcId, call),
    transitEncryption: encryption(input.TransitEncryptionEnabled ?? false, version.version),
    maintenanceWindow,
    notificationTopicArn: readNotificationTopic(input.NotificationTopicArn),
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
  }
}

export function requireCount(count: number | undefined): number {
  const nodes = count ?? 1
  if (!Number.isInteger(nodes) || nodes < 1) throw invalid('NumCacheNodes must be at least 1.')
  if (nodes > quotas.nodesPerMemcachedCluster.limit) throw overQuota(quotas.nodesPerMemcachedCluster)
  return nodes
}

async function chooseParameterGroup(name: string | undefined, family: string, call: Call): Promise<string> {
  if (!name) return defaultParameterGroupName(family as Parameters<typeof defaultParameterGroupName>[0], false)
  const { desired } = await requireUsable(call.store, scopeOf(call), name)
  requireFamily(family, desired)
  return desired.name
}

/** ElastiCache encrypts Memcached from version 1.6.12 on. The words are AWS's. */
function encryption(asked: boolean, version: string): MemcachedClusterDesired['transitEncryption'] {
  if (!asked) return 'off'
  if (compareVersions(version, '1.6.12') < 0)
    throw combination(
      `Encryption features are not supported for engine version ${version}. Please use engine version 1.6.12`,
    )
  return 'required'
}
