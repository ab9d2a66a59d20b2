/** What requests may ask for on AWS and cannot get here yet. Refused before anything else is looked at. */
import type { Fault, ReplicationGroupRow } from '@hotshelf/domain'
import { notBuilt } from '../not-built.ts'
import type { Input } from '../operation.ts'
import { cacheSecurityGroupsNotPermitted } from '../security-group/describe-cache-security-groups.ts'

type Create = Input<'CreateReplicationGroup'>
type Modify = Input<'ModifyReplicationGroup'>

export function refuseUnbuilt(input: Create): void {
  if (input.CacheSecurityGroupNames?.length) throw cacheSecurityGroupsNotPermitted()
  throwFirst(creations.map(refuse => refuse(input)))
}

/** A value that is in force already is no change, and is let through: some tools send everything they know. */
export function refuseUnbuiltChange(input: Modify, group: ReplicationGroupRow): undefined {
  if (input.CacheSecurityGroupNames?.length) throw cacheSecurityGroupsNotPermitted()
  throwFirst(changes.map(refuse => refuse(input, group)))
}

const throwFirst = (refusals: readonly (Fault | undefined)[]): undefined => {
  const first = refusals.find(refusal => refusal !== undefined)
  if (first) throw first
}

const when = (given: unknown, what: string, instead?: string): Fault | undefined =>
  given ? notBuilt(what, instead) : undefined

const creations: readonly ((input: Create) => Fault | undefined)[] = [
  ({ PrimaryClusterId: id }) => when(id, 'A replication group around an existing cache cluster (PrimaryClusterId)'),
  ({ GlobalReplicationGroupId: id }) => when(id, 'A member of a global datastore (GlobalReplicationGroupId)'),
  ({ SnapshotArns: arns }) => when(arns?.length, 'Seeding from snapshot files (SnapshotArns)'),
  ({ ServerlessCacheSnapshotName: name }) => when(name, 'Restoring from a snapshot (ServerlessCacheSnapshotName)'),
  ({ NetworkType: type }) => when(type !== undefined && type !== 'ipv4', `NetworkType ${type}`, 'Use ipv4.'),
  ({ IpDiscovery: type }) => when(type !== undefined && type !== 'ipv4', `IpDiscovery ${type}`, 'Use ipv4.'),
]

const changes: readonly ((input: Modify, group: ReplicationGroupRow) => Fault | undefined)[] = [
  ({ IpDiscovery: type }, { desired }) =>
    when(type && type !== desired.ipDiscovery, `IpDiscovery ${type}`, 'Use ipv4.'),
]
