// A node must have a place, run, and answer. Nodes know nothing of each other, so all of them are treated at once.
import { discoveryNode, type InstalledEngine, type NodeId } from '@hotshelf/domain'
import type { ClusterContext } from '../context.ts'
import type { ClusterLook, ClusterNodeLook } from '../observe.ts'
import type { ClusterStep } from '../steps.ts'

export const wantedIds = (context: ClusterContext): readonly NodeId[] => context.desired.nodes.map(node => node.id)

export const some = (nodes: readonly string[]): string => {
  const names = nodes.map(node => (node === discoveryNode ? 'the configuration endpoint' : node))
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}

export function needEngine(context: ClusterContext): ClusterStep | undefined {
  if (context.engine.ok) return undefined
  return { do: 'wait', retryInMs: 5000, why: context.engine.message }
}

/** A stopped process holds its address for ever. */
export function fenceLostNodes(_context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const all = [...look.nodes.values(), ...(look.discovery ? [look.discovery] : [])]
  const lost = all.filter(node => node.running && node.verdict === 'lost').map(node => node.node)
  return lost.length === 0 ? undefined : { do: 'fence', nodes: lost, why: `${some(lost)} does not answer any more` }
}

export function placeNodes(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const nodes = wantedIds(context).filter(node => !look.nodes.has(node))
  const all = look.discovery ? nodes : [...nodes, discoveryNode]
  return all.length === 0 ? undefined : { do: 'place', nodes: all, why: `${some(all)} has no address yet` }
}

/** A lost node is replaced under its own id, on its own address, and empty. */
export function startMissingNodes(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const nodes = wantedIds(context).filter(node => look.nodes.get(node)?.running === false)
  const all = look.discovery?.running === false ? [...nodes, discoveryNode] : nodes
  return all.length === 0 ? undefined : { do: 'start', nodes: all, why: `${some(all)} is not running` }
}

export const programLabel = ({ kind, version }: InstalledEngine): string => `${kind} ${version}`

export const rebootIsDue = (context: ClusterContext, node: ClusterNodeLook | undefined): boolean => {
  const asked = context.desired.nodes.find(({ id }) => id === node?.node)?.rebootGeneration ?? 0
  return node?.running === true && node.launched?.labels['reboot'] !== String(asked)
}

export function rebootNodes(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const nodes = wantedIds(context).filter(node => rebootIsDue(context, look.nodes.get(node)))
  return nodes.length === 0 ? undefined : { do: 'restart', nodes, why: `a reboot of ${some(nodes)} was asked for` }
}

/** Another version or node type brings new, empty nodes, as on AWS. Other parameters wait for a reboot. */
export function replaceOutdatedNodes(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const { engineVersion, nodeType } = context.desired
  const nodes = wantedIds(context).filter(id => {
    const labels = look.nodes.get(id)?.launched?.labels
    return labels && (labels['version'] !== engineVersion || labels['nodeType'] !== nodeType)
  })
  if (nodes.length === 0) return undefined
  return { do: 'restart', nodes, why: `${some(nodes)} is replaced for ${engineVersion} on ${nodeType}` }
}

export function waitForAnswer(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const silent: NodeId[] = wantedIds(context).filter(node => !look.nodes.get(node)?.view)
  if (!look.discovery?.answers) silent.push(discoveryNode)
  if (silent.length === 0) return undefined
  const longest = Math.max(
    ...silent.map(node => (node === discoveryNode ? look.discovery : look.nodes.get(node))?.silentMs ?? 0),
  )
  const why = `${some(silent)} is running and does not answer yet`
  return { do: 'wait', retryInMs: longest < 3000 ? 10 : 250, why }
}
