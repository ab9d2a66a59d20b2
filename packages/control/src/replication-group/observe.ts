/**
 * One look at a group: what the provider runs, what every running node says of itself, where endpoints stand.
 * Changes nothing. A node that does not answer is silence in the observation, never an exception.
 */
import type {
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
import type { GroupContext } from './context.ts'

export interface NodeLook extends ObservedNode {
  /** The node's own words; undefined while it does not answer. */
  readonly view: EngineView | undefined
  /** How long it has run without answering. */
  readonly silentMs: number
  /** Why it did not answer. */
  readonly silence: string | undefined
}

export interface GroupLook {
  readonly nodes: ReadonlyMap<NodeId, NodeLook>
  readonly endpoints: readonly ObservedEndpoint[]
  readonly endpointKind: 'bind' | 'forward'
  /** What the turn before this one knew. */
  readonly memory: ReplicationGroupObserved | undefined
}

export interface ObserveOptions {
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly engine: CacheEngine
  readonly now: () => number
}

/** Live values that rules look at. */
const watchedDirectives = ['port', 'tls-port', 'maxmemory'] as const
const watchedInClusters = [...watchedDirectives, 'cluster-node-timeout'] as const

export function groupObserver(options: ObserveOptions) {
  const silentSince = new Map<string, number>()

  async function ask(node: ObservedNode, context: GroupContext): Promise<NodeLook> {
    const key = node.place.controlSocket
    if (!node.running) {
      silentSince.delete(key)
      return { ...node, view: undefined, silentMs: 0, silence: undefined }
    }
    try {
      const names = context.desired.clusterMode === 'disabled' ? watchedDirectives : watchedInClusters
      const view = await options.engine.observe(controlTarget(node.place, context), names)
      silentSince.delete(key)
      return { ...node, view, silentMs: 0, silence: undefined }
    } catch (error) {
      const since = silentSince.get(key) ?? options.now()
      silentSince.set(key, since)
      const silence = error instanceof Error ? error.message : String(error)
      return { ...node, view: undefined, silentMs: options.now() - since, silence }
    }
  }

  return async (context: GroupContext): Promise<GroupLook> => {
    const [nodes, endpoints] = await Promise.all([
      options.provider.observe(context.row.arn),
      options.endpoints.observe(context.row.arn),
    ])
    const looks = await Promise.all(nodes.map(node => ask(node, context)))
    return {
      nodes: new Map(looks.map(look => [look.node, look])),
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
