/** Writes down what was seen, and tells customers what changed; nothing is written while nothing changed. */
import {
  type Arn,
  type Clock,
  type Condition,
  digestOf,
  type MemcachedClusterObserved,
  type MemcachedNodeObserved,
  type NodeId,
  type Store,
} from '@hotshelf/domain'
import type { Progress } from '../runtime/reconciler.ts'
import { stuckAfter } from '../runtime/stuck.ts'
import type { ClusterContext } from './context.ts'
import { clusterEvents } from './events.ts'
import type { ClusterLook } from './observe.ts'
import { rebootIsDue } from './rules/nodes.ts'
import type { ClusterStep } from './steps.ts'

export interface ReportOptions {
  readonly store: Store
  readonly clock: Clock
}

export function clusterReporter({ store, clock }: ReportOptions) {
  const written = new Map<Arn, string>()
  return async (context: ClusterContext, look: ClusterLook, next: ClusterStep | undefined, progress: Progress) => {
    const { row } = context
    if (row.deleteRequestedAt) return
    const observed = summarise(context, look, next, progress)
    const generation = observed.settled ? row.generation : (row.observation?.generation ?? 0)
    const at = clock.now()
    const conditions = [conditionOf(context, next, progress, at)]
    const digest = digestOf([generation, observed, conditions.map(c => [c.type, c.ok, c.reason, c.message])])
    if (written.get(row.arn) === digest) return
    await store.transaction(async inside => {
      await inside.observations.put(row.arn, { generation, observed, conditions, seenAt: at })
      for (const event of clusterEvents(context, look.memory, observed, at)) await inside.events.append(row, event)
    })
    written.set(row.arn, digest)
  }
}

function summarise(
  context: ClusterContext,
  look: ClusterLook,
  next: ClusterStep | undefined,
  progress: Progress,
): MemcachedClusterObserved {
  const settled = next === undefined
  const place = look.discovery?.place
  const [told, known] = [look.membership, look.memory?.membership]
  return {
    everAvailable: settled || (look.memory?.everAvailable ?? false),
    settled,
    failure: settled ? undefined : failureOf(context, look, progress),
    nodes: Object.fromEntries(context.desired.nodes.map(({ id }) => [id, nodeSummary(context, look, id)])) as Record<
      NodeId,
      MemcachedNodeObserved
    >,
    configuration: place && { host: place.hostname, port: place.port },
    settledNodes: settled ? context.desired.nodes.length : look.memory?.settledNodes,
    membership: told && told.version >= (known?.version ?? 0) ? told : known,
  }
}

function nodeSummary(context: ClusterContext, look: ClusterLook, id: NodeId): MemcachedNodeObserved {
  const found = look.nodes.get(id)
  const before = look.memory?.nodes[id]
  const served = before !== undefined && before.status !== 'creating'
  const reboots = served && (rebootIsDue(context, found) || (before.status === 'rebooting' && !found?.view))
  const serves = found?.view !== undefined && !reboots
  const was = served || before?.recovering === true
  return {
    status: serves ? 'available' : reboots ? 'rebooting' : 'creating',
    endpoint: found && { host: found.place.hostname, port: found.place.port },
    program: found?.launched?.labels['program'],
    parametersInSync: found?.launched === undefined || found.launched.labels['flags'] === context.flagsDigest,
    recovering: !serves && !reboots && was,
  }
}

function failureOf(context: ClusterContext, look: ClusterLook, progress: Progress): string | undefined {
  if (!context.engine.ok) return context.engine.message
  if (progress.repeats < 3 && look.memory?.failure === undefined) return undefined
  const ended = [...look.nodes.values(), ...(look.discovery ? [look.discovery] : [])].find(
    node => !node.running && node.exit !== undefined,
  )
  return ended ? `node ${ended.node}: ${ended.exit}` : progress.trouble
}

function conditionOf(context: ClusterContext, next: ClusterStep | undefined, progress: Progress, now: Date): Condition {
  const stuck = next !== undefined && next.do !== 'wait' && progress.repeats >= stuckAfter
  const word = next?.do.replaceAll(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase())
  const reason = word === undefined ? 'Converged' : stuck ? 'Stuck' : word
  const type = next === undefined ? 'Ready' : stuck ? 'Degraded' : 'Progressing'
  const same = context.row.observation?.conditions.find(one => one.type === type && one.reason === reason)
  const why = next?.why ?? 'every node answers'
  const message = progress.trouble && next ? `${why}: ${progress.trouble}` : why
  return { type, ok: !stuck, reason, message, since: same ? new Date(same.since) : now }
}
