// The end of nodes, and of the cluster: nodes first, the row last, so that a crash never forgets a process.
import { discoveryNode } from '@hotshelf/domain'
import type { ClusterContext } from '../context.ts'
import type { ClusterLook } from '../observe.ts'
import type { ClusterStep } from '../steps.ts'
import { surplus } from './discovery.ts'
import { some } from './nodes.ts'

export function retireEverything(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  if (!context.row.deleteRequestedAt) return undefined
  const nodes = [...look.nodes.keys(), ...(look.discovery ? [discoveryNode] : [])]
  if (nodes.length > 0) return { do: 'retire', nodes, why: `the cluster is being deleted; removing ${some(nodes)}` }
  return { do: 'remove-cluster', why: 'no node is left' }
}

export function retireSurplusNodes(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const nodes = surplus(context, look)
  return nodes.length === 0
    ? undefined
    : { do: 'retire', nodes, why: `${some(nodes)} is no longer part of the cluster` }
}

export function applyPending({ pendingIsDue }: ClusterContext): ClusterStep | undefined {
  return pendingIsDue ? { do: 'apply-pending', why: 'the maintenance window is open' } : undefined
}
