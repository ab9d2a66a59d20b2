/** What customers are told, derived from the difference of two summaries: in AWS's words, each once. Pure. */
import {
  elasticacheArn,
  eventSource,
  type EventRecord,
  isForming,
  memberArnType,
  type NodeId,
  type ReplicationGroupObserved,
  type ShardId,
  slotMigration,
} from '@hotshelf/domain'
import type { GroupContext } from './context.ts'
import { isSpareId } from './rules/spares.ts'

/** `leftNoLog`: whether a primary of a group with durability `sync` ended without its log. */
export function groupEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
  at: Date,
  leftNoLog: (node: NodeId) => boolean = () => false,
): readonly EventRecord[] {
  return [
    ...failureEvents(context, before, after),
    ...failoverEvents(context, before, after, leftNoLog),
    ...rebootEvents(context, before, after),
    ...recoveryEvents(context, before, after),
    ...remedyEvents(before, after).map(([node, message]) => aboutNode(context, node, message)),
    ...creationEvents(context, before, after),
    ...reshardEvents(context, before, after),
  ].map(event => ({ ...event, at }))
}

type Draft = Omit<EventRecord, 'at'>

const aboutGroup = (context: GroupContext, message: string): Draft => ({
  ...eventSource(context.row),
  message,
})

const aboutNode = (context: GroupContext, node: NodeId, message: string): Draft => ({
  sourceType: 'cache-cluster',
  sourceId: node,
  arn: elasticacheArn(context.row, memberArnType, node),
  message,
})

function creationEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
): readonly Draft[] {
  const fresh = context.desired.shards
    .flatMap(shard => shard.nodes)
    .filter(node => after.nodes[node.id]?.status === 'available' && isNew(before, node.id))
  const nodes = fresh.flatMap(node => [
    aboutNode(context, node.id, `Added cache node 0001 in availability zone ${node.availabilityZone}`),
    aboutNode(context, node.id, `Cache cluster created, running ${after.nodes[node.id]?.program ?? 'its engine'}`),
  ])
  const served = before?.everAvailable && !isForming(context.row)
  const ready = after.everAvailable && after.settled && !served && !context.desired.standalone
  return ready ? [...nodes, aboutGroup(context, `Replication group ${context.row.name} created`)] : nodes
}

/** ElastiCache's documentation names no texts for these; these say what its console shows, at every tenth part. */
function reshardEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
): readonly Draft[] {
  const [was, is] = [before, after].map(observed => partMoved(context, observed))
  if (is === undefined && was === undefined) return []
  const group = context.row.name
  if (was === undefined) return [aboutGroup(context, `Started slot migration for replication group ${group}`)]
  if (is === undefined) return [aboutGroup(context, `Finished slot migration for replication group ${group}`)]
  const tenth = Math.floor(is / 10)
  if (tenth <= Math.floor(was / 10) || tenth === 10) return []
  return [aboutGroup(context, `Slot migration for replication group ${group}: ${tenth * 10}% completed`)]
}

/** In percent; undefined while nothing is resharded. */
function partMoved(context: GroupContext, observed: ReplicationGroupObserved | undefined): number | undefined {
  if (!observed?.resharding) return undefined
  const seen = { generation: 0, observed, conditions: [], seenAt: context.row.createdAt }
  const migration = slotMigration({ desired: context.desired, observation: seen })
  return migration && (100 * migration.moved) / Math.max(1, migration.total)
}

const isNew = (before: ReplicationGroupObserved | undefined, node: NodeId): boolean => {
  const status = before?.nodes[node]?.status
  return status === undefined || status === 'creating'
}

function failoverEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
  leftNoLog: (node: NodeId) => boolean,
): readonly Draft[] {
  if (!before?.everAvailable) return []
  return Object.entries(after.primaryOf).flatMap(([shard, now]) => {
    const was = before.primaryOf[shard as ShardId]
    // What a spare did for a while is no failover that anybody could see.
    if (was === undefined || was === now || isSpareId(was) || isSpareId(now)) return []
    const message = `Failover from primary node ${was} to replica node ${now} completed`
    const loss = `The log of ${was} is gone: what it acknowledged and ${now} had not received is lost`
    const told = [aboutNode(context, now, message), aboutGroup(context, message)]
    return leftNoLog(was) ? [...told, aboutGroup(context, loss)] : told
  })
}

/** ElastiCache:CacheNodesRebooted: one message when the node goes down, another when it is back. */
function rebootEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
): readonly Draft[] {
  const reboots = (seen: ReplicationGroupObserved | undefined, node: NodeId): boolean =>
    seen?.nodes[node]?.status === 'rebooting cluster nodes'
  const nodes = Object.keys(after.nodes) as NodeId[]
  return [
    ...nodes
      .filter(node => !reboots(before, node) && reboots(after, node))
      .map(node => aboutNode(context, node, 'Cache node 0001 shutdown')),
    ...nodes
      .filter(node => reboots(before, node) && !reboots(after, node))
      .map(node => aboutNode(context, node, 'Cache node 0001 restarted')),
  ]
}

/** Told when the recovery of a lost node begins, and when it ends. */
function recoveryEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
): readonly Draft[] {
  const changed = (to: boolean): readonly NodeId[] =>
    (Object.keys(after.nodes) as NodeId[]).filter(
      node => (before?.nodes[node]?.recovering ?? false) !== to && after.nodes[node]?.recovering === to,
    )
  return [
    ...changed(true).map(node => aboutNode(context, node, 'Recovering cache nodes 0001')),
    ...changed(false).map(node => aboutNode(context, node, 'Finished recovery for cache nodes 0001')),
  ]
}

/** A node that served and cannot be brought back by us; before it ever served, the failure of the group says so. */
function remedyEvents(
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
): readonly (readonly [NodeId, string])[] {
  if (!before?.everAvailable) return []
  return (Object.keys(after.nodes) as NodeId[]).flatMap(node => {
    const remedy = after.nodes[node]?.remedy
    if (remedy === undefined || remedy === before.nodes[node]?.remedy) return []
    return [[node, `Cache node 0001 ended. ${remedy}`] as const]
  })
}

function failureEvents(
  context: GroupContext,
  before: ReplicationGroupObserved | undefined,
  after: ReplicationGroupObserved,
): readonly Draft[] {
  if (after.failure === undefined || after.failure === before?.failure) return []
  const what = context.desired.standalone ? 'Cache cluster' : `Replication group ${context.row.name}`
  return [aboutGroup(context, `${what} cannot be completed: ${after.failure}`)]
}
