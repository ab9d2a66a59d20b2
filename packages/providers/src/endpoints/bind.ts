/**
 * Endpoints as addresses that the nodes themselves listen on: nothing of ours is in the way of a client's bytes. Control
 * moves an endpoint by telling engines what to bind; here it only gets its address, and its name where names are served.
 */
import { isIPv4 } from 'node:net'
import type { EndpointProvider } from '@hotshelf/domain'
import type { OnEffect } from '../effects.ts'
import type { Network } from '../network/network.ts'
import type { NameService } from './names.ts'
import { type EndpointRecord, endpointPlace, openEndpointRecords } from './records.ts'

export interface BindEndpointOptions {
  /** Absolute path; made when missing. */
  readonly dataDir: string
  /** loopbackNetwork of the same data directory. */
  readonly network: Network
  readonly nameService?: NameService
  readonly onEffect?: OnEffect
}

export async function bindEndpointProvider(options: BindEndpointOptions): Promise<EndpointProvider> {
  const { network, nameService } = options
  const records = await openEndpointRecords(options.dataDir, network, options.onEffect)
  const publishName = (record: EndpointRecord): void => {
    nameService?.publish(endpointPlace(record, nameService).hostname, addressesBehind(record))
  }
  for (const record of records.all()) publishName(record)
  return {
    kind: 'bind',
    claim: async request => {
      const record = await records.claim(request)
      publishName(record)
      return endpointPlace(record, nameService)
    },
    observe: async group =>
      records.of(group).map(record => ({
        ...endpointPlace(record, nameService),
        // Without names nobody would see where else a reader could lead.
        targets: nameService && record.role === 'reader' ? record.targets : undefined,
      })),
    publish: async (group, role, targets) => {
      if (!(await records.retarget(group, role, targets))) return
      for (const record of records.of(group)) publishName(record)
    },
    // The node listens itself, and an engine looks at no source address.
    admit: async () => {},
    release: async group => {
      for (const record of await records.drop(group)) {
        network.freeEndpoint(record.at)
        nameService?.withdraw(endpointPlace(record, nameService).hostname)
      }
    },
  }
}

/**
 * Only one node can listen on the endpoint's address, so a name that may lead to several nodes (AWS: "a reader endpoint
 * is not a load balancer, it is a DNS record") answers with the addresses of the nodes themselves. The primary's name
 * always leads to the endpoint's address, which follows the primary at once and whatever resolvers remember.
 */
function addressesBehind(record: EndpointRecord): readonly string[] {
  const nodes = record.targets
    .filter(({ host, port }) => isIPv4(host) && port === record.at.port)
    .map(({ host }) => host)
  return record.role === 'primary' || nodes.length === 0 ? [record.at.address] : nodes
}
