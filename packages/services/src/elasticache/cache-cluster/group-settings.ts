/**
 * What a request on a cluster says that its replication group decides. AWS ignores or refuses it depending on the member;
 * here the same value as the group's is let through, and another is refused by name: kept or dropped in silence it would
 * be a difference that infrastructure tools find for ever.
 */
import { fault, type ReplicationGroupDesired } from '@hotshelf/domain'
import type { Input } from '../operation.ts'

type Given = Partial<Input<'CreateCacheCluster'> & Input<'ModifyCacheCluster'>>

type Setting = readonly [name: keyof Given, present: (desired: ReplicationGroupDesired) => unknown]

const settings: readonly Setting[] = [
  ['CacheNodeType', desired => desired.nodeType],
  ['Engine', desired => desired.engine],
  ['EngineVersion', desired => desired.engineVersion],
  ['CacheParameterGroupName', desired => desired.parameterGroup],
  ['CacheSubnetGroupName', desired => desired.subnetGroup],
  ['Port', desired => desired.port],
  ['PreferredMaintenanceWindow', desired => desired.maintenanceWindow],
  ['NotificationTopicArn', desired => desired.notificationTopicArn],
  ['AutoMinorVersionUpgrade', desired => desired.autoMinorVersionUpgrade],
  ['SnapshotRetentionLimit', desired => desired.snapshotRetentionDays],
  ['SnapshotWindow', desired => desired.snapshotWindow],
  ['TransitEncryptionEnabled', desired => desired.transitEncryption !== 'off'],
  ['NetworkType', desired => desired.networkType],
  ['IpDiscovery', desired => desired.ipDiscovery],
]

const text = (value: unknown): string => String(value).toLowerCase()

/** The settings that differ from the group's, by their names in the request. */
export function differing(given: Given, desired: ReplicationGroupDesired): readonly string[] {
  const single = settings
    .filter(([name, present]) => given[name] !== undefined && text(given[name]) !== text(present(desired)))
    .map(([name]) => name)
  const groups = given.SecurityGroupIds
  const others = groups?.length && groups.toSorted().join() !== desired.securityGroupIds.toSorted().join()
  return [
    ...single,
    ...(others ? ['SecurityGroupIds'] : []),
    ...(given.AuthToken !== undefined ? ['AuthToken'] : []),
    ...(given.LogDeliveryConfigurations?.length ? ['LogDeliveryConfigurations'] : []),
  ]
}

/** Memcached's, and what no member can have. The wording for the number of nodes is AWS's. */
export function requireMemberRequest(given: Given, { engine }: Pick<ReplicationGroupDesired, 'engine'>): void {
  if (given.NumCacheNodes !== undefined && given.NumCacheNodes !== 1)
    throw fault('InvalidParameterValueException', `NumCacheNodes should be 1 if engine is ${engine}`)
  const foreign = memcachedOnly.find(name => {
    const value = given[name]
    return Array.isArray(value) ? value.length > 0 : value !== undefined
  })
  if (foreign !== undefined)
    throw fault('InvalidParameterCombinationException', `${foreign} is not supported for engine ${engine}.`)
}

const memcachedOnly = [
  'AZMode',
  'PreferredAvailabilityZones',
  'NewAvailabilityZones',
  'CacheNodeIdsToRemove',
  'ScaleConfig',
] as const
