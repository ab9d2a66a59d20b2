/**
 * One look at a group: what the provider runs, what every running node says of itself, where endpoints stand.
 * Changes nothing. A node that does not answer is silence in the observation, never an exception.
 */
import type {
  Arn,
  CacheEngine,
  EndpointProvider,
  EngineView,
  NodeId,
  NodePlace,
  NodeProvider,
  ObservedEndpoint,
  ObservedNode,
  ReplicationGroupObserved,
} from '@hotshelf/domain'
import type { Heartbeat } from '../failure-detector/heartbeat.ts'
import { defaultPatience, type Patience, type Verdict, verdictOn } from '../failure-detector/verdict.ts'
import type { RestoreLook } from './restoring.ts'
import type { GroupContext } from './context.ts'

export interface NodeLook extends ObservedNode {
  /** The node's own words; undefined while it does not answer. */
  readonly view: EngineView | undefined
  /** How long it has run without answering. */
  readonly silentMs: number
  /** Why it did not answer. */
  readonly silence: string | undefined
  readonly verdict?: Verdict
  /** How long it has been seen not to run; 0 while it runs. */
  readonly goneMs?: number
  /** How long its replication offset has stood still. */
  readonly quietMs?: number
  /** The offset it told last, also while it is silent. */
  readonly lastOffset?: number
}

export interface GroupLook {
  readonly nodes: ReadonlyMap<NodeId, NodeLook>
  readonly endpoints: readonly ObservedEndpoint[]
  readonly endpointKind: 'bind' | 'forward'
  /** How far the feeding of its first data is, where that is under way. */
  readonly restore?: RestoreLook
  /** What the turn before this one knew. */
  readonly memory: ReplicationGroupObserved | undefined
}

export interface ObserveOptions {
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly engine: CacheEngine
  readonly now: () => number
  readonly patience?: Patience
  readonly heartbeat?: Heartbeat
  readonly restoreJob?: (group: Arn) => RestoreLook | undefined
}

/** What is remembered of a node between two looks. */
interface Memory {
  silentSince: number | undefined
  cpuMsThen: number | undefined
  goneSince: number | undefined
  offset: number | undefined
  offsetSince: number
}

/** Live values that rules look at. */
const watchedDirectives = ['port', 'tls-port', 'maxmemory'] as const
const watchedInClusters = [...watchedDirectives, 'cluster-node-timeout'] as const

export function groupObserver(options: ObserveOptions) {
  const { heartbeat, now, patience = defaultPatience } = options
  const memories = new Map<string, Memory>()

  function memoryOf(node: ObservedNode): Memory {
    const key = `${node.group} ${node.place.controlSocket}`
    const known = memories.get(key)
    if (known) return known
    const fresh = { silentSince: undefined, cpuMsThen: undefined, goneSince: undefined, offset: undefined }
    const memory: Memory = { ...fresh, offsetSince: now() }
    memories.set(key, memory)
    return memory
  }

  /** Nobody waits for a node that cannot answer, nor for one that owes an answer already: its heartbeat will tell. */
  async function ask(node: ObservedNode, context: GroupContext): Promise<EngineView | string> {
    const target = controlTarget(node.place, context)
    if (node.frozen) return 'it was stopped by a signal'
    if (heartbeat?.isOverdue(target)) return 'it has not answered for a while'
    try {
      const names = context.desired.clusterMode === 'disabled' ? watchedDirectives : watchedInClusters
      return await options.engine.observe(target, names)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  async function look(node: ObservedNode, context: GroupContext): Promise<NodeLook> {
    const memory = memoryOf(node)
    if (!node.running) {
      memory.goneSince ??= now()
      Object.assign(memory, { silentSince: undefined, offset: undefined })
      const goneMs = now() - memory.goneSince
      return { ...node, view: undefined, silentMs: 0, silence: undefined, verdict: 'gone', goneMs }
    }
    memory.goneSince = undefined
    const answer = await ask(node, context)
    if (typeof answer === 'string') return silentLook(node, context, answer)
    memory.silentSince = undefined
    if (answer.offset !== memory.offset) Object.assign(memory, { offset: answer.offset, offsetSince: now() })
    const standing = { goneMs: 0, quietMs: now() - memory.offsetSince, lastOffset: answer.offset }
    return { ...node, view: answer, silentMs: 0, silence: undefined, verdict: 'alive', ...standing }
  }

  function silentLook(node: ObservedNode, context: GroupContext, silence: string): NodeLook {
    const memory = memoryOf(node)
    if (memory.silentSince === undefined) {
      Object.assign(memory, { silentSince: now(), cpuMsThen: node.cpuMs })
    }
    const own = now() - (memory.silentSince ?? now())
    const silentMs = Math.max(own, heartbeat?.silentMs(controlTarget(node.place, context)) ?? 0)
    const workedMs =
      node.cpuMs === undefined || memory.cpuMsThen === undefined ? undefined : node.cpuMs - memory.cpuMsThen
    const verdict = verdictOn({ ...node, silentMs, workedMs }, patience)
    const last = memory.offset === undefined ? {} : { lastOffset: memory.offset }
    return { ...node, view: undefined, silentMs, silence, verdict, goneMs: 0, ...last }
  }

  function forgetOthers(group: string, nodes: readonly ObservedNode[]): void {
    for (const key of memories.keys()) {
      const [owner, socket] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)]
      if (owner === group && !nodes.some(node => node.place.controlSocket === socket)) memories.delete(key)
    }
  }

  return async (context: GroupContext): Promise<GroupLook> => {
    const [nodes, endpoints] = await Promise.all([
      options.provider.observe(context.row.arn),
      options.endpoints.observe(context.row.arn),
    ])
    const running = nodes.filter(node => node.running)
    heartbeat?.watch(
      context.row.arn,
      running.map(node => controlTarget(node.place, context)),
    )
    forgetOthers(context.row.arn, nodes)
    const looks = await Promise.all(nodes.map(node => look(node, context)))
    const restore = options.restoreJob?.(context.row.arn)
    return {
      ...(restore && { restore }),
      nodes: new Map(looks.map(found => [found.node, found])),
      endpoints,
      endpointKind: options.endpoints.kind,
      memory: context.row.observation?.observed,
    }
  }
}

export const controlTarget = (place: NodePlace, context: GroupContext) => ({
  place,
  password: context.controlPassword,
})
