/**
 * Endpoints as ports of 127.0.0.1 that a small forwarder process listens on, for machines with one loopback address
 * (macOS without aliases) and containers whose ports are published. Every byte passes through the forwarder, which leaves a
 * third to a half of a direct connection's throughput.
 */
import { Unavailable, type EndpointProvider } from '@hotshelf/domain'
import type { OnEffect } from '../effects.ts'
import { type Log, silent } from '../log.ts'
import type { Network } from '../network/network.ts'
import { holderOf } from '../process/port-holder.ts'
import { openForwarder } from './forwarder-process.ts'
import type { NameService } from './names.ts'
import { endpointPlace, openEndpointRecords } from './records.ts'

export interface ForwardEndpointOptions {
  /** Absolute path; made when missing. */
  readonly dataDir: string
  /** portsNetwork of the same data directory. */
  readonly network: Network
  /** What endpoints' listeners bind; default 127.0.0.1. `0.0.0.0` inside a container whose ports are published. */
  readonly listen?: string
  readonly nameService?: NameService
  readonly log?: Log
  readonly onEffect?: OnEffect
}

export interface ForwardEndpointProvider extends EndpointProvider {
  /** Lets go of the forwarder, which goes on forwarding. */
  close(): void
}

export async function forwardEndpointProvider(options: ForwardEndpointOptions): Promise<ForwardEndpointProvider> {
  const { network, nameService, onEffect } = options
  const records = await openEndpointRecords(options.dataDir, network, onEffect)
  const listen = options.listen ?? '127.0.0.1'
  const forwarder = await openForwarder({
    dataDir: options.dataDir,
    listen,
    log: options.log ?? silent,
    onEffect: onEffect ?? (() => {}),
    needed: () => records.all().some(({ targets }) => targets.length > 0),
  })
  // The forwarder may have missed what our predecessor wrote last, or have died with the machine.
  await forwarder.apply()
  return {
    kind: 'forward',
    claim: async request => {
      const before = records.of(request.group).find(({ role }) => role === request.role)
      const record = await records.claim(request)
      // A change of encryption decides whether its port is shared by clients with and without TLS.
      if (before && before !== record) await forwarder.apply()
      const place = endpointPlace(record, nameService)
      nameService?.publish(place.hostname, [place.address])
      return place
    },
    observe: async group =>
      records.of(group).map(record => ({
        ...endpointPlace(record, nameService),
        targets: record.targets,
        admits: record.admits ?? 'everybody',
      })),
    publish: async (group, role, targets) => {
      await records.retarget(group, role, targets)
      const { failures, trouble } = await forwarder.apply()
      if (trouble !== undefined) throw new Unavailable(`The forwarder cannot read where to forward: ${trouble}`)
      const own = records.of(group).find(record => record.role === role)
      const failure = failures.find(({ port }) => port === own?.at.port)
      if (failure) throw new Unavailable(whyNot(failure.host, failure.port, failure.code), 1000)
    },
    admit: async (group, sources) => {
      await records.admit(group, sources)
      // Also when nothing was written: an apply before may have been lost.
      const { trouble } = await forwarder.apply()
      if (trouble !== undefined) throw new Unavailable(`The forwarder cannot read whom to admit: ${trouble}`)
    },
    release: async group => {
      const gone = await records.drop(group)
      try {
        if (gone.length > 0) await forwarder.apply()
      } finally {
        for (const record of gone) {
          network.freeEndpoint(record.at)
          nameService?.withdraw(endpointPlace(record, nameService).hostname)
        }
      }
    },
    close: forwarder.close,
  }
}

function whyNot(address: string, port: number, code: string): string {
  if (code !== 'EADDRINUSE') return `The forwarder cannot listen on ${address}:${port} (${code}).`
  const holder = holderOf({ address, port }) ?? 'another process'
  return `The endpoint's port ${address}:${port} is taken by ${holder}. Stop that, and the endpoint works at once.`
}
