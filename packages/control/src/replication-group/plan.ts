/**
 * The story of a replication group. The first rule that fires wins: the order is the safety argument,
 * and each line says what it guards.
 */
import { planWith } from '../runtime/plan-with.ts'
import type { GroupContext } from './context.ts'
import type { GroupLook } from './observe.ts'
import { applyAccess, applyParameters, confineCustomers } from './rules/configuration.ts'
import { restartMisled } from './rules/cluster-change.ts'
import { restartDurablePrimary, waitForLog } from './rules/durability.ts'
import { applyEncryption, renewCertificates } from './rules/encryption.ts'
import { forgetGhosts } from './rules/ghosts.ts'
import { admitSources, keepEndpoints, publishEndpoints } from './rules/endpoints.ts'
import { failOverOnRequest, promoteForLostPrimary } from './rules/failover.ts'
import { applyPending } from './rules/maintenance.ts'
import { waitForRoom } from './rules/memory.ts'
import {
  formCluster,
  settleNodeTimeout,
  waitForAgreement,
  waitForClusterOk,
  waitForGossip,
} from './rules/membership.ts'
import { fenceLostNode, needEngine, placeNodes, startMissingNodes, waitForAnswer } from './rules/nodes.ts'
import { attachReplicas, followPromoted, promoteIntended, waitForSync } from './rules/replication.ts'
import { bringData } from './rules/restore.ts'
import { rebootNodes, restartStrayReplicas, rollNodes } from './rules/rollout.ts'
import { releaseSavedNodes, retireEverything, retireSurplusNode } from './rules/retire.ts'
import { finishOpenSlot, moveSlots, releaseEmptyShards } from './rules/slots.ts'
import type { GroupStep } from './steps.ts'

/** In order, with what each rule is for; `docs/rules.md` is written from this list. */
export const replicationGroupRules = [
  { rule: retireEverything, caption: 'A group that is being deleted plans nothing else.' },
  { rule: fenceLostNode, caption: 'A stopped process is ended before anybody takes its role.' },
  { rule: releaseEmptyShards, caption: 'A shard that is empty and was asked to go needs no repair.' },
  { rule: restartDurablePrimary, caption: 'Under `sync` only the log of a lost primary has every acknowledged write.' },
  { rule: promoteForLostPrimary, caption: 'Promote before restarting: an old primary that comes back first is empty.' },
  { rule: applyEncryption, caption: 'Every node speaks as asked for before anybody connects anew.' },
  { rule: admitSources, caption: 'An endpoint knows whom to let in before it leads anywhere.' },
  { rule: keepEndpoints, caption: 'Clients come before repairs: endpoints follow a promotion at once.' },
  { rule: followPromoted, caption: 'Survivors follow the new primary before lost nodes are brought back.' },
  { rule: applyAccess, caption: 'Running nodes accept the credentials asked for, and no others.' },
  { rule: needEngine, caption: 'Nothing starts without a binary that serves the version asked for.' },
  { rule: placeNodes, caption: 'Addresses come before processes: peers and certificates name them.' },
  { rule: bringData, caption: 'Nodes that are to load a snapshot are started to be fed with it, and never without.' },
  { rule: startMissingNodes, caption: 'Every missing node starts at once, as a replica where a primary serves.' },
  { rule: rebootNodes, caption: 'A customer who asks for a reboot gets it, in place, also of a node that hangs.' },
  { rule: waitForAnswer, caption: 'A silent node makes every later rule a guess.' },
  { rule: formCluster, caption: 'Nodes know each other, and every slot has an owner.' },
  { rule: waitForGossip, caption: 'No roles are handed out on a split view.' },
  { rule: promoteIntended, caption: 'A shard without a primary gets the intended one.' },
  { rule: attachReplicas, caption: 'Every other node follows the primary.' },
  { rule: restartMisled, caption: 'A replica in cluster mode follows whom it was started to follow, and nobody else.' },
  { rule: restartStrayReplicas, caption: 'A replica that an old program keeps out of sync is started anew first.' },
  { rule: waitForSync, caption: 'A replica counts once it holds the data.' },
  { rule: publishEndpoints, caption: 'Every endpoint is held by the node that should serve it.' },
  { rule: waitForClusterOk, caption: 'Every node sees the cluster as up.' },
  { rule: waitForAgreement, caption: 'Every node tells clients the same replicas.' },
  { rule: forgetGhosts, caption: 'Who is no node of the group leaves every memory.' },
  { rule: finishOpenSlot, caption: 'A slot that was left half moved is finished before anything else changes.' },
  { rule: failOverOnRequest, caption: 'Another primary that was asked for takes over, once all is well.' },
  { rule: settleNodeTimeout, caption: 'A formed cluster suspects its nodes less readily.' },
  {
    rule: confineCustomers,
    caption: 'Customers are kept to database 0 before the first node speaks the cluster protocol.',
  },
  { rule: waitForRoom, caption: 'Memory is not taken away from under data.' },
  { rule: applyParameters, caption: 'Running nodes get the parameter values asked for.' },
  { rule: renewCertificates, caption: 'A certificate is renewed long before it ends, and nobody is disconnected.' },
  { rule: waitForLog, caption: 'Durability is promised once every primary has its whole data in its log.' },
  {
    rule: rollNodes,
    caption: 'One node of a shard after the other is started anew, the primary last, once it handed over.',
  },
  { rule: moveSlots, caption: 'Slots go where they belong once every node is as it should be.' },
  { rule: applyPending, caption: 'What waited for the maintenance window comes into force.' },
  { rule: releaseSavedNodes, caption: 'A node that was to be saved first leaves once its snapshot is whole.' },
  { rule: retireSurplusNode, caption: 'A node nobody asks for leaves last.' },
] as const

export const planReplicationGroup = planWith<GroupContext, GroupLook, GroupStep>(
  replicationGroupRules.map(entry => entry.rule),
)
