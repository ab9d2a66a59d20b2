/**
 * Writes down what was seen, and tells customers what changed. Runs before the step is performed.
 * Writes only when the summary changed: a turn that waits costs no write.
 */
import {
  allNodes,
  type Arn,
  type Clock,
  type Condition,
  digestOf,
  keepsLog,
  type Endpoint,
  type EndpointRole,
  formatSlotRanges,
  type NodeId,
  type NodeObserved,
  type NodeStatus,
  type Observation,
  type ReplicationGroupObserved,
  type ShardDesired,
  type ShardId,
  slotCount,
  type Store,
  subtractSlots,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { Progress } from '../runtime/reconciler.ts'
import { stuckAfter } from '../runtime/stuck.ts'
import type { GroupContext } from './context.ts'
import { groupEvents } from './events.ts'
import type { GroupLook, NodeLook } from './observe.ts'
import { appliedTo } from './rules/applied.ts'
import { endedWithoutLog, loggedNow } from './rules/durability.ts'
import { inSync } from './rules/replication.ts'
import { slotsByShard } from './rules/slots.ts'
import { isSpare, rebootIsDue } from './rules/rollout.ts'
import type { GroupStep } from './steps.ts'
import { actingPrimary, answering, answeringIn, ownedSlots, slotsOf } from './view.ts'

export interface ReportOptions {
  readonly store: Store
  readonly clock: Clock
  /** Which of the group's nodes a snapshot is taken from now. */
  readonly snapshotting?: (group: Arn) => readonly NodeId[]
}

export function groupReporter(options: ReportOptions) {
  const written = new Map<Arn, string>()

  return async (context: GroupContext, look: GroupLook, next: GroupStep | undefined, progress: Progress) => {
    if (context.row.deleteRequestedAt && context.awaitsFinalSnapshot === undefined) return
    const observed = summarise(context, look, next, progress)
    const settledGeneration = observed.settled ? context.row.generation : (context.row.observation?.generation ?? 0)
    const conditions = conditionsOf(context, next, progress, options.clock.now())
    const digest = digestOf([settledGeneration, observed, conditions.map(c => [c.type, c.ok, c.reason, c.message])])
    if (written.get(context.row.arn) === digest) return
    const at = options.clock.now()
    await options.store.transaction(async store => {
      const { snapshotting: _, ...rest } = observed
      // A snapshot that ended since the look was made has told customers that the group is free again.
      const isFree = options.snapshotting?.(context.row.arn).length === 0
      const seen = isFree ? rest : observed
      const observation = { generation: settledGeneration, observed: seen, conditions, seenAt: at }
      await store.observations.put(context.row.arn, observation)
      const leftNoLog = (node: NodeId): boolean => endedWithoutLog(context, look, node)
      for (const event of groupEvents(context, look.memory, observed, at, leftNoLog))
        await store.events.append(context.row, event)
    })
    written.set(context.row.arn, digest)
  }
}

/** Records what a running node was given between two reports. Only control writes here, under its lease. */
export async function givenTo(
  store: Store,
  arn: Arn,
  node: NodeId,
  given: ReplicationGroupObserved['applied'][NodeId],
): Promise<void> {
  await store.transaction(async inside => {
    const last: Observation<ReplicationGroupObserved> | undefined = await inside.observations.get(arn)
    if (!last) return
    const observed = { ...last.observed, applied: { ...last.observed.applied, [node]: given } }
    await inside.observations.put(arn, { ...last, observed })
  })
}

/** A hand-over is remembered at once: the new primary's end in the very next moment must be known for what it is. */
export async function rememberPrimary(
  store: Store,
  context: GroupContext,
  { shard, node, at }: { readonly shard: ShardId; readonly node: NodeId; readonly at: Date },
): Promise<void> {
  await store.transaction(async inside => {
    const last: Observation<ReplicationGroupObserved> | undefined = await inside.observations.get(context.row.arn)
    if (!last) return
    const observed = { ...last.observed, primaryOf: { ...last.observed.primaryOf, [shard]: node } }
    await inside.observations.put(context.row.arn, { ...last, observed })
    for (const event of groupEvents(context, last.observed, observed, at))
      await inside.events.append(context.row, event)
  })
}

function summarise(
  context: GroupContext,
  look: GroupLook,
  next: GroupStep | undefined,
  progress: Progress,
): ReplicationGroupObserved {
  const settled = next === undefined
  const nodes: Record<NodeId, NodeObserved> = {}
  for (const shard of context.desired.shards) {
    for (const node of shard.nodes)
      if (!isSpare(context, node.id)) nodes[node.id] = nodeSummary(context, look, shard, node.id)
  }
  return {
    everAvailable: settled || (look.memory?.everAvailable ?? false),
    settled,
    failure: settled ? undefined : failureOf(context, look, next, progress),
    nodes,
    primaryOf: primaries(context, look),
    endpoints: {
      primary: endpointAt(look, 'primary'),
      reader: endpointAt(look, 'reader'),
      configuration: endpointAt(look, 'configuration'),
    },
    ...slotSummary(context, look),
    ...loggedSpares(context, look),
    ...(context.snapshotting && { snapshotting: context.snapshotting }),
    applied: look.memory?.applied ?? {},
    ...userAccess(context, look),
  }
}

/** Remembered like those of customers' nodes: a spare that ends while it is primary is started again from its log. */
function loggedSpares(context: GroupContext, look: GroupLook): Pick<ReplicationGroupObserved, 'loggedSpares'> {
  const logged = [...(context.spares ?? [])].filter(node => keepsLog(context.desired) && loggedNow(look, node))
  return logged.length > 0 ? { loggedSpares: logged } : {}
}

/** Told once no running node is behind, also none that is silent: one that wakes up must not know who left. */
function userAccess(context: GroupContext, look: GroupLook): Pick<ReplicationGroupObserved, 'userAccess'> {
  const behind = [...look.nodes.values()].some(
    node => node.running && appliedTo(look, node).access !== context.accessDigest,
  )
  const told = behind ? look.memory?.userAccess : context.userAccess
  return told ? { userAccess: told } : {}
}

/** The slots of each shard, and how many the reshard moves in all: the most that were ever missing while it is under way. */
function slotSummary(context: GroupContext, look: GroupLook): Pick<ReplicationGroupObserved, 'slots' | 'resharding'> {
  if (!usesClusterProtocol(context.desired)) return {}
  const slots = slotsByShard(context, look)
  const left = context.desired.shards
    .map(shard => slotCount(subtractSlots(slotsOf(shard), slots[shard.id] ?? [])))
    .reduce((sum, count) => sum + count, 0)
  const text = Object.fromEntries(Object.entries(slots).map(([shard, ranges]) => [shard, formatSlotRanges(ranges)]))
  const busy = look.memory?.everAvailable === true && (left > 0 || context.desired.shards.some(shard => shard.leaving))
  if (!busy) return { slots: text }
  return { slots: text, resharding: { slots: Math.max(left, look.memory?.resharding?.slots ?? 0) } }
}

/** A lost primary stays remembered until another acts: that is how the loss is known. */
function primaries(context: GroupContext, look: GroupLook): Record<ShardId, NodeId> {
  const found: Record<ShardId, NodeId> = {}
  for (const shard of context.desired.shards) {
    const node =
      actingPrimary(context, look, shard)?.node ?? look.memory?.primaryOf[shard.id] ?? onlyPrimary(look, shard)
    if (node !== undefined) found[shard.id] = node
  }
  return found
}

/** Once everybody has answered: before that the node that starts fastest would become the primary of a new shard, not the first. */
function onlyPrimary(look: GroupLook, shard: ShardDesired): NodeId | undefined {
  const nodes = answeringIn(look, shard)
  if (nodes.length < shard.nodes.length) return undefined
  const all = nodes.filter(node => node.view.role === 'primary')
  return all.length === 1 ? all[0]!.node : undefined
}

function endpointAt(look: GroupLook, role: EndpointRole): Endpoint | undefined {
  const place = look.endpoints.find(endpoint => endpoint.role === role)
  return place && { host: place.hostname, port: place.port }
}

function nodeSummary(context: GroupContext, look: GroupLook, shard: ShardDesired, node: NodeId): NodeObserved {
  const found = look.nodes.get(node)
  const status = statusOfNode(context, look, shard, node)
  return {
    status,
    role: answering(look, node)?.view.role ?? look.memory?.nodes[node]?.role,
    endpoint: found && { host: found.place.hostname, port: found.place.port },
    program: found?.launched?.labels['program'],
    // What can be set while a node runs is given to it at once: it asks nobody for a reboot.
    parametersInSync: found?.launched === undefined || found.launched.labels['start'] === context.startDigest,
    recovering: isRecovering(look, node, status),
    ...remedyOf(look, node, status),
    ...(keepsLog(context.desired) && { logged: loggedNow(look, node) ?? false }),
    usedMemoryBytes:
      roundedUp(answering(look, node)?.view.usedMemoryBytes) ?? look.memory?.nodes[node]?.usedMemoryBytes,
  }
}

/** To a megabyte: every byte that changes would be a write of the observation. */
const roundedUp = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : Math.ceil(bytes / megabyte) * megabyte
const megabyte = 1024 * 1024

/** Never `available` without an answering, in-sync engine. */
function statusOfNode(context: GroupContext, look: GroupLook, shard: ShardDesired, node: NodeId): NodeStatus {
  const me = answering(look, node)
  const before = look.memory?.nodes[node]?.status
  if (rebootIsDue(context, look.nodes.get(node)) && before !== 'creating') return 'rebooting cluster nodes'
  const primary = actingPrimary(context, look, shard) ?? answering(look, onlyPrimary(look, shard) ?? ('' as NodeId))
  const serves = me !== undefined && (me === primary ? ownsWhatItShould(context, me) : inSync(me, primary))
  if (serves) return 'available'
  if (before === 'rebooting cluster nodes') return before
  return before === undefined || before === 'creating' ? 'creating' : 'modifying'
}

/** A replica that only resyncs is not being recovered; one whose process ended is, until it serves again. */
function isRecovering(look: GroupLook, node: NodeId, status: NodeStatus): boolean {
  if (status !== 'modifying') return false
  const found = look.nodes.get(node)
  return !found?.running || found.frozen || (look.memory?.nodes[node]?.recovering ?? false)
}

/** It stands while the node is tried again: whether it serves this time is not known yet. */
function remedyOf(look: GroupLook, node: NodeId, status: NodeStatus): Pick<NodeObserved, 'remedy'> {
  if (status === 'available') return {}
  const remedy = look.nodes.get(node)?.remedy ?? look.memory?.nodes[node]?.remedy
  return remedy === undefined ? {} : { remedy }
}

const ownsWhatItShould = (context: GroupContext, node: Parameters<typeof ownedSlots>[0]): boolean =>
  !usesClusterProtocol(context.desired) || (node.view.cluster?.ok === true && ownedSlots(node).length > 0)

/** What keeps the group from being made, once it failed often enough not to be a passing thing. */
function failureOf(
  context: GroupContext,
  look: GroupLook,
  next: GroupStep | undefined,
  progress: Progress,
): string | undefined {
  if (!context.engine.ok) return context.engine.message
  const { restore } = look
  if (restore?.trouble !== undefined && (restore.hopeless || restore.failures >= startTries)) return restore.trouble
  const exits = allNodes(context.desired)
    .map(node => look.nodes.get(node.id))
    .filter((node): node is NodeLook => node !== undefined && !node.running && node.exit !== undefined)
  const again = progress.repeats >= startTries || look.memory?.failure !== undefined
  if ((next?.do === 'start' || next?.do === 'bring-data') && exits.length > 0 && again)
    return `${exits[0]!.node}: ${exits[0]!.exit}`
  if (progress.trouble !== undefined && again) return progress.trouble
  // Between two tries the failure stands: whether this one succeeds is not known yet.
  const trying = next !== undefined && ['wait', 'start', 'bring-data', 'place'].includes(next.do)
  return trying ? look.memory?.failure : undefined
}

/** Starts that fail alike this often in a row are a failure to tell people about. */
const startTries = 3

function conditionsOf(
  context: GroupContext,
  next: GroupStep | undefined,
  progress: Progress,
  now: Date,
): readonly Condition[] {
  const before = context.row.observation?.conditions ?? []
  const since = (type: Condition['type'], reason: string): Date => {
    const same = before.find(condition => condition.type === type && condition.reason === reason)
    return same ? new Date(same.since) : now
  }
  const condition = (type: Condition['type'], ok: boolean, reason: string, message: string): Condition => ({
    type,
    ok,
    reason,
    message,
    since: since(type, reason),
  })
  if (!next && context.awaitsFinalSnapshot !== undefined)
    return [condition('Progressing', true, 'FinalSnapshot', context.awaitsFinalSnapshot)]
  if (!next) return [condition('Ready', true, 'Converged', 'every node answers and is in sync')]
  const stuck = next.do !== 'wait' && progress.repeats >= stuckAfter
  return [
    condition('Progressing', true, reasonOf(next), progress.trouble ? `${next.why}: ${progress.trouble}` : next.why),
    ...(stuck ? [condition('Degraded', false, 'Stuck', `the same step again and again: ${next.why}`)] : []),
  ]
}

const reasonOf = (step: GroupStep): string =>
  step.do.replaceAll(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase())
