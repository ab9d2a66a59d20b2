/**
 * What ModifyReplicationGroup can change, one function per subject, each undefined when the request does not touch it.
 * A subject whose change control cannot carry out yet is refused by name; the same value as before is no change.
 */
import {
  allNodes,
  allowedScaleUps,
  fault,
  type NodeId,
  type ReplicationGroupDesired,
  type ReplicationGroupRow,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { notBuilt } from '../not-built.ts'
import type { Input } from '../operation.ts'
import { requireUsable } from '../parameter-group/find.ts'
import { requireSubnetGroupForCache } from '../subnet-group/find.ts'
import { changeTokens, deleteRefused, unsealTokens } from './auth-token.ts'
import { requireToken } from './encryption.ts'
import { requireNodeType, requireRunsOn } from './engine.ts'
import { changeFailover } from './failover.ts'
import { changeLogDelivery } from './log-delivery.ts'
import { readNotificationTopic } from './notification.ts'
import { enablesCluster, requireFamily } from './parameter-group-choice.ts'
import { refuseUnbuiltChange } from './refuse-unbuilt.ts'
import { changeSchedule } from './schedule.ts'
import { requireSecurityGroups } from './security-groups.ts'
import { defaultSnapshottingNode } from './to-desired.ts'

export interface Change {
  /** In force at once. */
  readonly desired?: Partial<ReplicationGroupDesired>
  /** In force at once with ApplyImmediately, in the maintenance window otherwise. */
  readonly deferrable?: Partial<ReplicationGroupDesired>
  /** AUTH tokens from now on, newest first. */
  readonly tokens?: readonly string[]
  /** For the group's events. */
  readonly notes?: readonly string[]
}

type Modify = Input<'ModifyReplicationGroup'>
type Answer = Change | undefined
type Modification = (input: Modify, group: ReplicationGroupRow, call: Call) => Answer | Promise<Answer>

const description: Modification = ({ ReplicationGroupDescription: text }) =>
  text === undefined ? undefined : { desired: { description: text } }

const autoMinorVersionUpgrade: Modification = ({ AutoMinorVersionUpgrade: wish }) =>
  wish === undefined ? undefined : { desired: { autoMinorVersionUpgrade: wish } }

/** An inactive topic hears nothing: it is let go. */
const notification: Modification = ({ NotificationTopicArn: arn, NotificationTopicStatus: status }) => {
  if (status !== undefined && status !== 'active' && status !== 'inactive')
    throw fault('InvalidParameterValueException', 'NotificationTopicStatus must be active or inactive.')
  if (status === 'inactive') return { desired: { notificationTopicArn: undefined } }
  return arn === undefined ? undefined : { desired: { notificationTopicArn: readNotificationTopic(arn) } }
}

const schedule: Modification = (input, { desired }) => {
  const changed = changeSchedule(desired, input)
  const snapshottingNode =
    changed.snapshotRetentionDays === 0 ? undefined : (desired.snapshottingNode ?? defaultSnapshottingNode(desired))
  return { desired: { ...changed, snapshottingNode } }
}

/** After `schedule`, whose choice it replaces. */
const snapshottingCluster: Modification = ({ SnapshottingClusterId: given }, { desired }) => {
  if (given === undefined) return undefined
  if (desired.clusterMode === 'enabled')
    throw combination('SnapshottingClusterId cannot be set for a replication group with cluster mode enabled.')
  const id = given.toLowerCase() as NodeId
  if (!allNodes(desired).some(node => node.id === id))
    throw fault('CacheClusterNotFoundFault', `CacheCluster not found: ${id}`)
  return { desired: { snapshottingNode: id } }
}

const failover: Modification = ({ AutomaticFailoverEnabled: automatic, MultiAZEnabled: multiAz }, { desired }) => {
  if (automatic === undefined && multiAz === undefined) return undefined
  return {
    desired: changeFailover(desired, {
      ...(automatic !== undefined && { automaticFailover: automatic }),
      ...(multiAz !== undefined && { multiAz }),
    }),
  }
}

const securityGroups: Modification = async ({ SecurityGroupIds: ids }, { desired }, call) => {
  if (!ids?.length) return undefined
  const subnetGroup = await requireSubnetGroupForCache(desired.subnetGroup, call)
  return { desired: { securityGroupIds: await requireSecurityGroups(ids, subnetGroup.desired.vpcId, call) } }
}

const logDelivery: Modification = async ({ LogDeliveryConfigurations: requests }, { desired }, call) => {
  if (!requests?.length) return undefined
  return { desired: { logDelivery: await changeLogDelivery(requests, desired.logDelivery, desired, call) } }
}

const parameterGroup: Modification = async ({ CacheParameterGroupName: name }, { desired }, call) => {
  if (!name) return undefined
  const present = await requireUsable(call.store, scopeOf(call), desired.parameterGroup)
  const next = await requireUsable(call.store, scopeOf(call), name)
  requireFamily(present.desired.family, next.desired)
  if (desired.clusterMode === 'disabled' && enablesCluster(next.desired))
    throw combination(
      `Parameter group ${next.desired.name} enables cluster mode, which is disabled for this replication group.`,
    )
  return { desired: { parameterGroup: next.desired.name } }
}

const authToken: Modification = async (input, { arn, desired }, call) => {
  const { AuthToken: token, AuthTokenUpdateStrategy: strategy } = input
  if (token === undefined) {
    if (strategy === 'DELETE') throw deleteRefused()
    if (strategy !== undefined) throw combination('AuthTokenUpdateStrategy must be given together with AuthToken.')
    return undefined
  }
  requireToken(token, desired.transitEncryption)
  const present = desired.authToken ? await unsealTokens(call.store, arn) : []
  const { tokens, note } = changeTokens(present, token, strategy)
  if (tokens.join('\n') === present.join('\n')) return undefined
  return {
    desired: { authToken: true, authTokenVersion: desired.authTokenVersion + 1 },
    tokens,
    ...(note !== undefined && { notes: [note] }),
  }
}

/** More memory reaches running nodes at once. Less could cost data, and whether it fits is not judged yet. */
const scale: Modification = ({ CacheNodeType: name }, { desired }) => {
  if (!name || name.toLowerCase() === desired.nodeType) return undefined
  const next = requireNodeType(name)
  requireRunsOn(next, desired.engine, desired.engineVersion)
  const from = requireNodeType(desired.nodeType)
  if (!allowedScaleUps(from, { engine: desired.engine, version: desired.engineVersion }).includes(next.name))
    throw notBuilt(`Scaling from ${from.name} down to ${next.name}`)
  return { deferrable: { nodeType: next.name } }
}

/** In this order: refusals first, so that a request is never half looked at. */
export const modifications: readonly Modification[] = [
  refuseUnbuiltChange,
  description,
  autoMinorVersionUpgrade,
  notification,
  schedule,
  snapshottingCluster,
  failover,
  securityGroups,
  logDelivery,
  parameterGroup,
  authToken,
  scale,
]

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
