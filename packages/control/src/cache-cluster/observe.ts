/** One look at a Memcached cluster. Changes nothing; a node that does not answer is silence, never an exception. */
import {
  discoveryNode,
  type MemcachedClusterObserved,
  type MemcachedEngine,
  type MemcachedView,
  type Membership,
  type NodeId,
  type NodeProvider,
  type ObservedNode,
} from '@hotshelf/domain'
import { defaultPatience, type Patience, type Verdict, verdictOn } from '../failure-detector/verdict.ts'
import type { ClusterContext } from './context.ts'

export interface ClusterNodeLook extends ObservedNode {
  /** The node's own words; undefined while it does not answer. */
  readonly view: MemcachedView | undefined
  readonly silentMs: number
  readonly verdict: Verdict
}

export interface ClusterLook {
  /** The customer's nodes. */
  readonly nodes: ReadonlyMap<NodeId, ClusterNodeLook>
  /** The process behind the configuration endpoint; `answers` also when it has no list yet. */
  readonly discovery: (ClusterNodeLook & { readonly answers: boolean }) | undefined
  /** What clients are told now. */
  readonly membership: Membership | undefined
  readonly memory: MemcachedClusterObserved | undefined
}

export interface ObserveOptions {
  readonly provider: NodeProvider
  readonly memcached: MemcachedEngine
  readonly now: () => number
  readonly patience?: Patience
}

export function clusterObserver({ provider, memcached, now, patience = defaultPatience }: ObserveOptions) {
  const silentSince = new Map<string, number>()

  async function look<T>(node: ObservedNode, ask: () => Promise<T>) {
    const key = node.place.controlSocket
    const answer =
      node.running && !node.frozen
        ? await ask().then(
            value => ({ value }),
            () => undefined,
          )
        : undefined
    if (answer || !node.running) silentSince.delete(key)
    else if (!silentSince.has(key)) silentSince.set(key, now())
    const silentMs = now() - (silentSince.get(key) ?? now())
    return { answer, silentMs, verdict: verdictOn({ ...node, silentMs, workedMs: undefined }, patience) }
  }

  return async (context: ClusterContext): Promise<ClusterLook> => {
    const found = await provider.observe(context.row.arn)
    const nodes = await Promise.all(
      found
        .filter(node => node.node !== discoveryNode)
        .map(async node => {
          const { answer, silentMs, verdict } = await look(node, () => memcached.observe(node.place))
          return { ...node, view: answer?.value, silentMs, verdict }
        }),
    )
    const cfg = found.find(node => node.node === discoveryNode)
    const told = cfg && (await look(cfg, () => memcached.observeDiscovery(cfg.place)))
    return {
      nodes: new Map(nodes.map(node => [node.node, node])),
      discovery: cfg &&
        told && {
          ...cfg,
          view: undefined,
          silentMs: told.silentMs,
          verdict: told.verdict,
          answers: told.answer !== undefined,
        },
      membership: told?.answer?.value,
      memory: context.row.observation?.observed,
    }
  }
}
