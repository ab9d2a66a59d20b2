/**
 * Which resources a call is about, as ARNs, for policies: each of them must be allowed. Taken from the members that name
 * resources; a call that names none asks for all of its kind (`…:cluster:*`), or for `*` where it has no kind.
 * ElastiCache's names are written in any case and mean the same, so they are lowered here: a policy cannot be passed
 * by writing a name in capitals. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
 */
import type { ArnType } from '@hotshelf/domain'
import type { WireCall } from '@hotshelf/wire'

type Asked = Pick<WireCall, 'service' | 'operation' | 'region' | 'caller'>

/** Never empty. */
export function askedResources(call: Asked, input: unknown): readonly string[] {
  const named = namedResources(call, input)
  return named.length > 0 ? named : [allOfKind(call)]
}

/** The ARNs of what the members of an input, or an output, name; empty when they name nothing. */
export function namedResources(call: Asked, input: unknown): readonly string[] {
  return [...new Set(namersOf[call.service]?.flatMap(namer => namer(call, input)))]
}

type Namer = (call: Asked, input: unknown) => readonly string[]

/** The values of a member, wherever its name stands at the top: one text or a list of them. */
function textsAt(input: unknown, member: string): readonly string[] {
  const value = (input as Readonly<Record<string, unknown>> | null)?.[member]
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((item): item is string => typeof item === 'string' && item !== '')
}

const elasticacheMembers: Readonly<Record<string, ArnType>> = {
  ReplicationGroupId: 'replicationgroup',
  CacheClusterId: 'cluster',
  PrimaryClusterId: 'cluster',
  SnapshottingClusterId: 'cluster',
  CacheParameterGroupName: 'parametergroup',
  CacheSubnetGroupName: 'subnetgroup',
  CacheSecurityGroupName: 'securitygroup',
  SnapshotName: 'snapshot',
  SourceSnapshotName: 'snapshot',
  TargetSnapshotName: 'snapshot',
  FinalSnapshotIdentifier: 'snapshot',
  FinalSnapshotName: 'snapshot',
  UserId: 'user',
  UserIds: 'user',
  UserIdsToAdd: 'user',
  UserIdsToRemove: 'user',
  UserGroupId: 'usergroup',
  UserGroupIds: 'usergroup',
  UserGroupIdsToAdd: 'usergroup',
  UserGroupIdsToRemove: 'usergroup',
  ServerlessCacheName: 'serverlesscache',
  ServerlessCacheSnapshotName: 'serverlesscachesnapshot',
}

const ec2Members: Readonly<Record<string, string>> = {
  GroupId: 'security-group',
  VpcId: 'vpc',
  SubnetId: 'subnet',
}

/** EC2's ids say their kind. */
const ec2Prefixes: Readonly<Record<string, string>> = { sg: 'security-group', vpc: 'vpc', subnet: 'subnet' }

const arnOf = ({ region, caller }: Asked, service: string, rest: string): string =>
  `arn:aws:${service}:${region}:${caller.accountId}:${rest}`

/** An ARN as the caller wrote it, with the kind and name lowered. */
const loweredArn = (arn: string): string => {
  const parts = arn.split(':')
  return [...parts.slice(0, 5), ...parts.slice(5).map(part => part.toLowerCase())].join(':')
}

const namersOf: Readonly<Record<string, readonly Namer[]>> = {
  elasticache: [
    (call, input) =>
      Object.entries(elasticacheMembers).flatMap(([member, type]) =>
        textsAt(input, member).map(name => arnOf(call, 'elasticache', `${type}:${name.toLowerCase()}`)),
      ),
    (_, input) => ['ResourceName', 'ResourceArn'].flatMap(member => textsAt(input, member).map(loweredArn)),
  ],
  ec2: [
    (call, input) =>
      call.operation.startsWith('Describe')
        ? [] // EC2's lists know no resources: they need `*`
        : Object.entries(ec2Members).flatMap(([member, type]) =>
            textsAt(input, member).map(id => arnOf(call, 'ec2', `${type}/${id}`)),
          ),
    (call, input) =>
      textsAt(input, 'Resources').map(id => {
        const type = ec2Prefixes[id.slice(0, id.indexOf('-'))] ?? '*'
        return arnOf(call, 'ec2', `${type}/${id}`)
      }),
  ],
  kms: [
    (call, input) =>
      ['KeyId', 'TargetKeyId'].flatMap(member =>
        textsAt(input, member).map(id =>
          id.startsWith('arn:') ? id : arnOf(call, 'kms', id.startsWith('alias/') ? id : `key/${id}`),
        ),
      ),
    (call, input) => textsAt(input, 'AliasName').map(name => arnOf(call, 'kms', name)),
    // What CreateKey made.
    (_, output) => textsAt((output as { KeyMetadata?: unknown } | null)?.KeyMetadata, 'Arn'),
  ],
  logs: [
    (call, input) => textsAt(input, 'logGroupName').map(name => arnOf(call, 'logs', `log-group:${name}`)),
    (_, input) => textsAt(input, 'resourceArn').map(arn => arn.replace(/:\*$/, '')),
  ],
}

const elasticacheKinds: Readonly<Record<string, ArnType>> = {
  ReplicationGroup: 'replicationgroup',
  CacheCluster: 'cluster',
  CacheParameterGroup: 'parametergroup',
  CacheParameter: 'parametergroup',
  CacheSubnetGroup: 'subnetgroup',
  CacheSecurityGroup: 'securitygroup',
  Snapshot: 'snapshot',
  User: 'user',
  UserGroup: 'usergroup',
  ServerlessCache: 'serverlesscache',
  ServerlessCacheSnapshot: 'serverlesscachesnapshot',
}

function allOfKind(call: Asked): string {
  const kind = /^Describe(\w+)s$/.exec(call.operation)?.[1]
  if (call.service === 'elasticache' && kind !== undefined && Object.hasOwn(elasticacheKinds, kind)) {
    return arnOf(call, 'elasticache', `${elasticacheKinds[kind]}:*`)
  }
  if (call.service === 'logs' && kind === 'LogGroup') return arnOf(call, 'logs', 'log-group:*')
  return '*'
}
