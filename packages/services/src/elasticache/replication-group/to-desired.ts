/**
 * From a creation request to desired: every default of a replication group is decided here or in a file this one calls,
 * so that nothing later has to guess. Reads the store (parameter group, subnets, security groups, log groups), writes
 * nothing. `notes` are what the group's events should tell a person about the answer.
 */
import {
  type ReplicationGroupDesired,
  requireGroupCombination,
  requirePort,
  requireSnapshotsSupported,
  type ShardDesired,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { Call } from '../../call.ts'
import type { Input } from '../operation.ts'
import { requireSubnetGroupForCache } from '../subnet-group/find.ts'
import { durabilityNote, readDurability } from './durability.ts'
import { requireKmsKey } from '../kms-key.ts'
import { decideEncryption } from './encryption.ts'
import { chooseEngine, requireNodeType, requireRunsOn } from './engine.ts'
import { changeLogDelivery } from './log-delivery.ts'
import { readNotificationTopic } from './notification.ts'
import { chooseParameterGroup } from './parameter-group-choice.ts'
import { placeShards } from './place-shards.ts'
import { decideSchedule } from './schedule.ts'
import { requireSecurityGroups } from './security-groups.ts'
import { readShape } from './shape.ts'
import { chooseUserGroups } from './user-groups.ts'

type Create = Input<'CreateReplicationGroup'>
type SubnetGroup = Awaited<ReturnType<typeof requireSubnetGroupForCache>>
/** What can be decided from the request alone, with the engines of this machine. */
type Decided = Awaited<ReturnType<typeof decide>>

export interface NewGroup {
  readonly desired: ReplicationGroupDesired
  readonly notes: readonly string[]
}

export async function toDesired(id: string, input: Create, call: Call): Promise<NewGroup> {
  const decided = await decide(id, input, call)
  const subnetGroup = await requireSubnetGroupForCache(input.CacheSubnetGroupName, call)
  const zones = subnetGroup.desired.subnets.map(subnet => subnet.availabilityZone)
  requireCombination(decided, input, zones)
  const { engine, cluster, shapes } = decided
  const shards = placeShards(shapes, {
    group: id,
    clustered: cluster.clusterMode === 'enabled',
    multiAz: decided.multiAz,
    zones,
    createdAt: call.now(),
  })
  const desired = { ...settled(id, decided, shards, input), ...(await lookedUp(decided, subnetGroup, input, call)) }
  return { desired, notes: [engine.note, cluster.note, durabilityNote(desired)].filter(text => text !== undefined) }
}

async function decide(id: string, input: Create, call: Call) {
  const engine = chooseEngine(input.Engine, input.EngineVersion, call.settings)
  const type = requireNodeType(input.CacheNodeType)
  requireRunsOn(type, engine.engine, engine.version.version)
  const shapes = readShape(input)
  const question = { asked: input.ClusterMode, shards: shapes.length }
  const cluster = await chooseParameterGroup(input.CacheParameterGroupName, engine.version, question, call)
  const schedule = decideSchedule({ id, region: call.region }, input)
  if (schedule.snapshotRetentionDays > 0) requireSnapshotsSupported(engine.engine, type)
  const encryption = decideEncryption(input, engine.engine)
  const kmsKeyId = await requireKmsKey(encryption.kmsKeyId, call)
  return {
    engine,
    type,
    shapes,
    cluster,
    schedule,
    encryption: { ...encryption, kmsKeyId },
    // Cluster mode cannot do without failover, so leaving it out there turns it on.
    automaticFailover: input.AutomaticFailoverEnabled ?? cluster.clusterMode === 'enabled',
    multiAz: input.MultiAZEnabled ?? false,
  }
}

function requireCombination(decided: Decided, input: Create, zones: readonly string[]): void {
  requireGroupCombination({
    engine: decided.engine.engine,
    engineVersion: decided.engine.version.version,
    nodeType: decided.type,
    clusterMode: decided.cluster.clusterMode,
    nodesOfShards: decided.shapes.map(shape => shape.zones.length),
    automaticFailover: decided.automaticFailover,
    multiAz: decided.multiAz,
    zones,
    transitEncryption: decided.encryption.transitEncryption,
    atRestEncryption: decided.encryption.atRestEncryption,
    authToken: decided.encryption.authToken,
    userGroups: input.UserGroupIds?.length ?? 0,
    dataTiering: input.DataTieringEnabled,
    networkType: 'ipv4',
    durability: false,
  })
}

type LookedUp = 'subnetGroup' | 'securityGroupIds' | 'logDelivery' | 'userGroupIds'

function settled(
  id: string,
  { engine, type, cluster, schedule, encryption, automaticFailover, multiAz }: Decided,
  shards: readonly ShardDesired[],
  input: Create,
): Omit<ReplicationGroupDesired, LookedUp> {
  const { clusterMode, parameterGroup } = cluster
  return {
    id,
    description: input.ReplicationGroupDescription ?? '',
    engine: engine.engine,
    engineVersion: engine.version.version,
    nodeType: type.name,
    clusterMode,
    shards,
    port: requirePort(input.Port, engine.engine),
    parameterGroup,
    automaticFailover,
    multiAz,
    ...encryption,
    ...schedule,
    snapshottingNode: schedule.snapshotRetentionDays > 0 ? defaultSnapshottingNode({ clusterMode, shards }) : undefined,
    notificationTopicArn: readNotificationTopic(input.NotificationTopicArn),
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
    dataTiering: type.dataTiering,
    networkType: 'ipv4',
    ipDiscovery: 'ipv4',
    durability: readDurability(input.Durability),
    targetPrimary: {},
  }
}

async function lookedUp(
  { engine, encryption }: Decided,
  subnetGroup: SubnetGroup,
  input: Create,
  call: Call,
): Promise<Pick<ReplicationGroupDesired, LookedUp>> {
  const running = { engine: engine.engine, engineVersion: engine.version.version }
  return {
    subnetGroup: subnetGroup.name,
    securityGroupIds: await requireSecurityGroups(input.SecurityGroupIds, subnetGroup.desired.vpcId, call),
    logDelivery: await changeLogDelivery(input.LogDeliveryConfigurations ?? [], [], running, call),
    userGroupIds: await chooseUserGroups(input.UserGroupIds, { ...running, ...encryption }, call),
  }
}

/** With cluster mode disabled: the first replica where there is one, so that the primary is spared. */
export function defaultSnapshottingNode(
  group: Pick<ReplicationGroupDesired, 'clusterMode' | 'shards'>,
): ReplicationGroupDesired['snapshottingNode'] {
  if (usesClusterProtocol(group)) return undefined
  const [shard] = group.shards
  return (shard?.nodes[1] ?? shard?.nodes[0])?.id
}
