/**
 * What ModifyReplicationGroup can change, one function per subject, each undefined when the request does not touch it.
 * A subject whose change control cannot carry out yet is refused by name; the same value as before is no change.
 */
import { allNodes, fault, type NodeId, type ReplicationGroupDesired } from '@hotshelf/domain'
import { requireSubnetGroupForCache } from '../subnet-group/find.ts'
import { changeTokens, unsealTokens } from './auth-token.ts'
import { changeClusterMode } from './change-cluster-mode.ts'
import { changeEngine } from './change-engine.ts'
import { changeNodeType } from './change-node-type.ts'
import { changePrimary } from './change-primary.ts'
import { changeTransitEncryption } from './change-transit-encryption.ts'
import { durabilityNote, isDurable, readDurability } from './durability.ts'
import { requireToken } from './encryption.ts'
import { changeFailover } from './failover.ts'
import { changeLogDelivery } from './log-delivery.ts'
import type { Change, Modification, Modify } from './modification.ts'
import { readNotificationTopic } from './notification.ts'
import { refuseUnbuiltChange } from './refuse-unbuilt.ts'
import { changeSchedule } from './schedule.ts'
import { requireSecurityGroups } from './security-groups.ts'
import { defaultSnapshottingNode } from './to-desired.ts'
import { changeUserGroups } from './user-groups.ts'

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

/** After `schedule`, whose choice it replaces. The words are AWS's. */
const snapshottingCluster: Modification = ({ SnapshottingClusterId: given }, { desired }) => {
  if (given === undefined) return undefined
  if (desired.clusterMode === 'enabled')
    throw combination('Cannot set snapshotting cluster for cluster mode enabled replication group')
  const id = given.toLowerCase() as NodeId
  if (!allNodes(desired).some(node => node.id === id))
    throw fault('CacheClusterNotFoundFault', 'Specified snapshotting cluster does not exist')
  return { desired: { snapshottingNode: id } }
}

/** Judged on what will be in force by then: what waits for the window counts. */
const failover: Modification = (input, { desired, pending }) => {
  const { AutomaticFailoverEnabled: automatic, MultiAZEnabled: multiAz } = input
  if (automatic === undefined && multiAz === undefined) return undefined
  return {
    deferrable: changeFailover(
      { ...desired, ...pending },
      {
        ...(automatic !== undefined && { automaticFailover: automatic }),
        ...(multiAz !== undefined && { multiAz }),
      },
    ),
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

/** `default` means what there is: it changes nothing. */
const durability: Modification = ({ Durability: asked }, { desired }) => {
  const wish = readDurability(asked)
  if (wish === undefined || wish === desired.durability) return undefined
  const note = durabilityNote({ ...desired, durability: wish })
  return {
    desired: { durability: wish, atRestEncryption: desired.atRestEncryption || isDurable(wish) },
    ...(note !== undefined && { notes: [note] }),
  }
}

const authToken: Modification = async (input, { arn, desired, generation }, call) => {
  const { AuthToken: token, AuthTokenUpdateStrategy: strategy } = input
  if (strategy === 'DELETE') return deleteToken(input, desired)
  if (token === undefined) {
    if (strategy !== undefined) throw combination('AuthTokenUpdateStrategy must be given together with AuthToken.')
    return undefined
  }
  // AWS's words.
  if (desired.userGroupIds.length > 0 && !input.RemoveUserGroups)
    throw combination(
      "Auth tokens can't be enabled with a user group already associated. Pass RemoveUserGroups to proceed.",
    )
  requireToken(token, desired.transitEncryption)
  const present = desired.authToken ? await unsealTokens(call.store, arn) : []
  const { tokens, note } = changeTokens(present, token, strategy)
  if (tokens.join('\n') === present.join('\n')) return undefined
  return {
    desired: {
      authToken: true,
      authTokenVersion: desired.authTokenVersion + 1,
      authTokenUpdate: { status: tokens.length > 1 ? 'ROTATING' : 'SETTING', askedAt: generation + 1 },
    },
    tokens,
    ...(note !== undefined && { notes: [note] }),
  }
}

/** Only a user group can take a token's place: without either everybody could log in. */
function deleteToken(input: Modify, desired: ReplicationGroupDesired): Change | undefined {
  if (input.AuthToken !== undefined)
    throw combination('AuthToken cannot be given together with AuthTokenUpdateStrategy DELETE.')
  // AWS's words.
  if (!desired.authToken || !input.UserGroupIdsToAdd?.length)
    throw fault('InvalidParameterValueException', 'Auth token update strategy delete is not supported currently')
  return {
    desired: { authToken: false, authTokenVersion: desired.authTokenVersion + 1, authTokenUpdate: undefined },
    tokens: [],
  }
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
  changeEngine,
  changeNodeType,
  changeTransitEncryption,
  changePrimary,
  changeClusterMode,
  durability,
  changeUserGroups,
  authToken,
]

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
