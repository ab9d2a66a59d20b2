/**
 * Where nodes run and how clients reach them, according to the settings: addresses of their own where the machine has
 * them, ports where it has not; names on top where a DNS zone was asked for.
 */
import { join } from 'node:path'
import type { EndpointProvider, NodeProvider } from '@hotshelf/domain'
import {
  type AddressMode,
  addressModeHere,
  type Authority,
  bindEndpointProvider,
  certificateAuthority,
  forwardEndpointProvider,
  loopbackNetwork,
  type NameServer,
  type Network,
  portsNetwork,
  processNodeProvider,
  serveNames,
} from '@hotshelf/providers'
import { CannotStart } from './cannot-start.ts'
import { type Config, flagOf } from './config.ts'
import type { OnEffect } from './crash-hook.ts'
import type { Log } from './log.ts'

export interface NodesAndEndpoints {
  readonly addressMode: AddressMode
  readonly authority: Authority
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly names: NameServer | undefined
  /** Lets go of everything; nodes and forwarders go on. */
  close(): Promise<void>
}

export interface NodesOptions {
  readonly config: Config
  readonly log: Log
  readonly onEffect: OnEffect
}

export async function openNodesAndEndpoints(options: NodesOptions): Promise<NodesAndEndpoints> {
  const { config, log, onEffect } = options
  const { dataDir } = config
  const addressMode = await chooseAddressMode(config)
  const network = await openNetwork(addressMode, config, log)
  const names = await openNames(config)
  const named = names ? { nameService: names } : {}
  const authority = certificateAuthority({ directory: join(dataDir, 'authority') })
  const common = { dataDir, network, log, onEffect, ...named }
  const provider = await processNodeProvider({ ...common, authority })
  const forwarding = addressMode === 'ports' ? await forwardEndpointProvider(common) : undefined
  const endpoints = forwarding ?? (await bindEndpointProvider(common))
  return {
    addressMode,
    authority,
    provider,
    endpoints,
    names,
    async close() {
      provider.close()
      forwarding?.close()
      await names?.close()
      network.close()
    },
  }
}

async function chooseAddressMode(config: Config): Promise<AddressMode> {
  if (config.addressMode === 'ports') return 'ports'
  const here = await addressModeHere()
  if (config.addressMode === 'auto' || here === 'addresses') return here
  throw new CannotStart(
    `${flagOf('addressMode')} addresses: this machine has only one loopback address. ` +
      'Leave the setting out to use ports, or add addresses (macOS: ifconfig lo0 alias 127.64.0.1).',
  )
}

const openNetwork = (mode: AddressMode, config: Config, log: Log): Promise<Network> =>
  mode === 'ports'
    ? portsNetwork({ dataDir: config.dataDir })
    : loopbackNetwork({
        dataDir: config.dataDir,
        log,
        ...(config.network === undefined ? {} : { network: config.network }),
      })

async function openNames(config: Config): Promise<NameServer | undefined> {
  if (config.dnsZone === undefined) return undefined
  return serveNames({ zone: config.dnsZone, port: config.dnsPort })
}
