// Leads endpoints to nodes: by what nodes listen on, or where a forwarder or a name does it.
import type { EndpointRole, NodeId } from '@hotshelf/domain'
import type { StepOf } from '../steps.ts'
import { forEach, seen, tell, type Turn } from './turn.ts'

/** One after the other: an address must be let go before the next node can take it. */
export async function bindAddresses(step: StepOf<'bind'>, turn: Turn): Promise<void> {
  for (const move of step.moves) await tell(turn, move.node, { do: 'bind', addresses: move.addresses })
  await forEach(step.moves, move => cutClients(turn, move.node, move.addresses))
}

/**
 * Connections outlive the address they came through: without this, clients of an endpoint that moved would go on with the
 * node it left. Only endpoints: whoever came through the address of a node that was stood in for is served well.
 */
async function cutClients(turn: Turn, node: NodeId, kept: readonly string[]): Promise<void> {
  const { view, place } = seen(turn, node)
  const endpoints = new Set(turn.look.endpoints.map(endpoint => endpoint.address))
  const left = (view?.boundAddresses ?? []).filter(address => endpoints.has(address) && !kept.includes(address))
  const ports = place.tlsPort === undefined ? [place.port] : [place.port, place.tlsPort]
  const cuts = left.flatMap(address => ports.map(port => ({ do: 'cut-clients', address, port }) as const))
  await forEach(cuts, cut => tell(turn, node, cut))
}

export async function routeEndpoint(turn: Turn, role: EndpointRole, nodes: readonly NodeId[]): Promise<void> {
  const targets = nodes.map(node => seen(turn, node).place).map(place => ({ host: place.address, port: place.port }))
  await turn.options.endpoints.publish(turn.context.row.arn, role, targets)
}
