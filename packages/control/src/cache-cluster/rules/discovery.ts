// What clients are told of the nodes: who arrives once it serves, who leaves before it goes.
import { type MemberNode, type NodeId, renderMembership, sameMembers } from '@hotshelf/domain'
import type { ClusterContext } from '../context.ts'
import type { ClusterLook, ClusterNodeLook } from '../observe.ts'
import type { ClusterStep } from '../steps.ts'
import { wantedIds } from './nodes.ts'

const memberOf = ({ place }: ClusterNodeLook): MemberNode => ({
  host: place.hostname,
  address: place.address,
  port: place.port,
})

/** A starting node is waited for so long, so that nodes that were asked for together arrive in one change. */
const arrivalMs = 3000

/** Listed nodes stay listed while they are replaced: their endpoints stay. A new one is listed once it answered. */
export function announceMembers(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  if (!look.discovery?.answers) return undefined
  const listed = look.membership?.nodes ?? []
  const nodes = wantedIds(context)
    .map(id => look.nodes.get(id))
    .filter(node => node !== undefined)
  const isListed = (node: ClusterNodeLook): boolean => listed.some(member => sameMembers([member], [memberOf(node)]))
  const arriving = nodes.filter(node => !isListed(node))
  const leaving = listed.some(member => !nodes.some(node => sameMembers([member], [memberOf(node)])))
  const late = arriving.some(node => !node.view && (look.memory?.everAvailable !== true || node.silentMs < arrivalMs))
  if (late && !leaving) return undefined
  const members = nodes.filter(node => isListed(node) || node.view !== undefined).map(memberOf)
  if (sameMembers(members, listed)) return undefined
  const version = Math.max(look.membership?.version ?? 0, look.memory?.membership?.version ?? 0) + 1
  return {
    do: 'announce',
    version,
    members,
    why: `clients are to know of ${members.length} nodes, as version ${version}`,
  }
}

/** The process came back without its directory: what it told last is told again, never an older list. */
export function remindDiscovery(_context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const known = look.memory?.membership
  if (!look.discovery?.answers || !known || (look.membership?.version ?? 0) >= known.version) return undefined
  return {
    do: 'announce',
    version: known.version,
    members: known.nodes,
    why: 'the configuration endpoint forgot its list',
  }
}

/** Nobody is taken away whom clients still hear of. */
export function waitForDiscovery(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  if (look.discovery?.answers || surplus(context, look).length === 0) return undefined
  return { do: 'wait', retryInMs: 50, why: 'clients cannot be told yet which nodes leave' }
}

export const surplus = (context: ClusterContext, look: ClusterLook): readonly NodeId[] => {
  const wanted = new Set(wantedIds(context))
  return [...look.nodes.keys()].filter(node => !wanted.has(node))
}

export function tellNodes(context: ClusterContext, look: ClusterLook): ClusterStep | undefined {
  const { membership } = look
  if (!membership) return undefined
  const text = renderMembership(membership)
  const nodes = wantedIds(context).filter(id => {
    const view = look.nodes.get(id)?.view
    return view && (view.membership === undefined || renderMembership(view.membership) !== text)
  })
  if (nodes.length === 0) return undefined
  return {
    do: 'tell-nodes',
    nodes,
    membership,
    why: `${nodes.length} nodes do not tell version ${membership.version} yet`,
  }
}
