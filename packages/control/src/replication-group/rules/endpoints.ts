// What clients see: every endpoint's address is held by the node that should serve it, and by no other.
import { allNodes, type EndpointRole, type NodeId } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook, NodeLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { type AnsweringNode, actingPrimary, answering, answeringIn, everAvailable } from '../view.ts'
import { inSync } from './replication.ts'
import { standsInFor } from './stand-in.ts'

/** Before an endpoint leads anywhere, and at once when rules change: a refused client is refused by the next connection. */
export function admitSources({ sources }: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!sources) return undefined
  const stale = look.endpoints.filter(({ admits }) => admits !== undefined && `${admits}` !== `${sources}`)
  if (stale.length === 0) return undefined
  const whom = sources.length === 0 ? 'nobody' : sources.join(', ')
  return { do: 'admit-sources', sources, why: `security groups let ${whom} in` }
}

/** Moves endpoints to their nodes: whoever lets go first, then whoever takes, in that order. */
export function publishEndpoints(context: GroupContext, look: GroupLook): GroupStep | undefined {
  return (look.endpointKind === 'bind' ? bindEndpoints(context, look) : undefined) ?? routeEndpoints(context, look)
}

/** A group that served before keeps serving: endpoints move before lost nodes are brought back. */
export function keepEndpoints(context: GroupContext, look: GroupLook): GroupStep | undefined {
  return everAvailable(look) ? publishEndpoints(context, look) : undefined
}

function bindEndpoints(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const wanted = new Map<NodeId, string[]>()
  for (const place of look.endpoints) {
    const [holder] = holdersOf(context, look, place.role)
    if (holder) wanted.set(holder.node, [...(wanted.get(holder.node) ?? []), place.address])
  }
  // Nodes that leave are asked too: an address must be let go before another can take it.
  const moves = [...look.nodes.keys()]
    .map(node => answering(look, node))
    .filter(node => node !== undefined)
    .map(node => {
      const endpoints = (wanted.get(node.node) ?? []).toSorted()
      return { node, addresses: [node.place.address, ...endpoints, ...standsInFor(context, look, node)] }
    })
    .filter(({ node, addresses }) => !sameAddresses(node.view.boundAddresses, addresses))
  if (moves.length === 0) return undefined
  const why = moves.map(({ node, addresses }) => `${node.node} should listen on ${addresses.join(' and ')}`).join('; ')
  return { do: 'bind', moves: inOrder(moves), why }
}

interface Move {
  readonly node: AnsweringNode
  readonly addresses: readonly string[]
}

/**
 * Nobody can take an address before its holder has let go of it. Two that swap theirs (a hand-over was cut off between the
 * roles and the endpoints) would wait for each other for ever: one of them lets go of its own first.
 */
function inOrder(moves: readonly Move[]): readonly { readonly node: NodeId; readonly addresses: readonly string[] }[] {
  const held = new Map(moves.map(({ node }) => [node.node, node.view.boundAddresses]))
  const isFree = (address: string, taker: NodeId): boolean =>
    [...held].every(([holder, addresses]) => holder === taker || !addresses.includes(address))
  const pending = moves.toSorted((a, b) => gains(a.node, a.addresses) - gains(b.node, b.addresses))
  const ordered: { node: NodeId; addresses: readonly string[] }[] = []
  const move = (node: NodeId, addresses: readonly string[]): void => {
    ordered.push({ node, addresses })
    held.set(node, addresses)
  }
  while (pending.length > 0) {
    const at = pending.findIndex(({ node, addresses }) => addresses.every(address => isFree(address, node.node)))
    if (at >= 0) {
      const [{ node, addresses }] = pending.splice(at, 1) as [Move]
      move(node.node, addresses)
      continue
    }
    const kept = ({ node, addresses }: Move) => (held.get(node.node) ?? []).filter(have => addresses.includes(have))
    const loser = pending.find(found => kept(found).length < (held.get(found.node.node) ?? []).length)
    // Held by a node that is not to move: the engine says so, and the next look may differ.
    if (!loser) return [...ordered, ...pending.map(({ node, addresses }) => ({ node: node.node, addresses }))]
    move(loser.node.node, kept(loser))
  }
  return ordered
}

const sameAddresses = (have: readonly string[], want: readonly string[]): boolean =>
  have.length === want.length && want.every(address => have.includes(address))

const gains = (node: AnsweringNode, want: readonly string[]): number =>
  want.filter(address => !node.view.boundAddresses.includes(address)).length

function routeEndpoints(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const routes = look.endpoints
    .map(place => ({ place, holders: allHolders(context, look, place.role) }))
    .filter(({ place, holders }) => place.targets && holders.length > 0 && !sameTargets(place.targets, holders))
    .map(({ place, holders }) => ({ role: place.role, nodes: holders.map(node => node.node) }))
  if (routes.length === 0) return undefined
  return { do: 'route', routes, why: `endpoint ${routes.map(route => route.role).join(', ')} leads elsewhere` }
}

const sameTargets = (have: readonly { host: string; port: number }[], want: readonly NodeLook[]): boolean =>
  have.length === want.length &&
  want.every(node => have.some(at => at.host === node.place.address && at.port === node.place.port))

/** A forwarder can spread a reader over every replica; an address can be held by one node only. */
function allHolders(context: GroupContext, look: GroupLook, role: EndpointRole): readonly AnsweringNode[] {
  if (role === 'primary') return holdersOf(context, look, role)
  return role === 'reader' ? readersOf(context, look) : clusterMembers(context, look)
}

/** Who may hold the endpoint, the present holder first: an endpoint does not move without need. */
function holdersOf(context: GroupContext, look: GroupLook, role: EndpointRole): readonly AnsweringNode[] {
  const address = look.endpoints.find(place => place.role === role)?.address ?? ''
  const holds = (node: AnsweringNode): number => (node.view.boundAddresses.includes(address) ? 0 : 1)
  const shard = context.desired.shards[0]!
  if (role === 'primary') {
    const primary = actingPrimary(context, look, shard) ?? firstPrimary(context, look)
    return primary ? [primary] : []
  }
  const able = role === 'reader' ? readersOf(context, look) : clusterMembers(context, look)
  // Nobody is able: whoever has it keeps it, since old reads are better than none.
  if (able.length === 0) return allAnswering(context, look).filter(node => holds(node) === 0)
  return able.toSorted((a, b) => holds(a) - holds(b))
}

/** Before the first report nobody is remembered: the one node that says primary is it. */
const firstPrimary = (context: GroupContext, look: GroupLook): AnsweringNode | undefined =>
  answeringIn(look, context.desired.shards[0]!).find(node => node.view.role === 'primary')

/**
 * Replicas in sync; the primary where there is none. A replica that speaks the cluster protocol sends clients that do not
 * on to the primary (MOVED), which they do not understand: so such a one is no reader for them.
 */
function readersOf(context: GroupContext, look: GroupLook): readonly AnsweringNode[] {
  const shard = context.desired.shards[0]!
  const nodes = answeringIn(look, shard)
  const primary = actingPrimary(context, look, shard) ?? nodes.find(node => node.view.role === 'primary')
  const replicas = nodes.filter(node => node !== primary && !node.view.cluster && inSync(node, primary))
  if (replicas.length > 0) return replicas
  return primary ? [primary] : []
}

function allAnswering(context: GroupContext, look: GroupLook): readonly AnsweringNode[] {
  return allNodes(context.desired)
    .map(node => answering(look, node.id))
    .filter(node => node !== undefined)
}

/** Who can tell a client of the cluster where its slots are. */
const clusterMembers = (context: GroupContext, look: GroupLook): readonly AnsweringNode[] =>
  allAnswering(context, look).filter(node => node.view.cluster)
