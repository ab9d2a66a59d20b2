// Leads endpoints to nodes where a forwarder or a name does it.
import type { EndpointRole, NodeId } from '@hotshelf/domain'
import { seen, type Turn } from './turn.ts'

export async function routeEndpoint(turn: Turn, role: EndpointRole, nodes: readonly NodeId[]): Promise<void> {
  const targets = nodes.map(node => seen(turn, node).place).map(place => ({ host: place.address, port: place.port }))
  await turn.options.endpoints.publish(turn.context.row.arn, role, targets)
}
