/**
 * A controller that dies: `node chaos-driver.ts <data directory> <effect at which to die, 0 for never> <address mode>`.
 * It does what control does to nodes and endpoints, in an order that needs every kind of effect, and kills itself right
 * after the N-th effect. A later run, which does the same again, must bring the same world about.
 */
import { join } from 'node:path'
import { elasticacheArn, type NodeId, type PlaceRequest } from '@hotshelf/domain'
import { type BindEndpointOptions, bindEndpointProvider } from '../src/endpoints/bind.ts'
import {
  type ForwardEndpointOptions,
  type ForwardEndpointProvider,
  forwardEndpointProvider,
} from '../src/endpoints/forward.ts'
import type { AddressMode } from '../src/network/network.ts'
import { processNodeProvider } from '../src/process/provider.ts'
import { certificateAuthority } from '../src/tls/authority.ts'
import { launchValkey, openNetwork } from './real-machine.ts'

export const group = elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders')

const request = (number: number): PlaceRequest => ({
  group,
  groupName: 'orders',
  node: `orders-00${number}` as NodeId,
  port: 6379,
  availabilityZone: 'us-east-1a',
  transitEncryption: number === 1 ? 'required' : 'off',
  clusterMode: false,
})

type EndpointOptions = BindEndpointOptions & ForwardEndpointOptions

export const openEndpoints = async (options: EndpointOptions): Promise<ForwardEndpointProvider> =>
  options.network.mode === 'ports'
    ? forwardEndpointProvider(options)
    : { ...(await bindEndpointProvider(options)), close: () => {} }

export async function control(dataDir: string, mode: AddressMode, onEffect: () => void): Promise<void> {
  const network = await openNetwork(dataDir, mode)
  const authority = certificateAuthority({ directory: join(dataDir, 'authority') })
  const provider = await processNodeProvider({ dataDir, network, authority, onEffect })
  const endpoints = await openEndpoints({ dataDir, network, onEffect })
  const endpoint = await endpoints.claim({ ...request(1), role: 'primary' })
  const one = await provider.place(request(1))
  await provider.certify(one, [endpoint.address])
  await provider.start(launchValkey(one, 'first'))
  await endpoints.publish(group, 'primary', [{ host: one.address, port: one.port }])
  const two = await provider.place(request(2))
  await provider.start(launchValkey(two, 'first'))
  await provider.stop(two, 'now')
  await provider.start(launchValkey(two, 'second'))
  await provider.start(launchValkey(one, 'second'))
  await provider.remove(await provider.place(request(3)))
  await provider.place({ ...request(2), transitEncryption: 'preferred' })
  provider.close()
  endpoints.close()
  network.close()
}

if (process.argv[1]?.endsWith('chaos-driver.ts')) {
  const [dataDir = '', last = '0', mode] = process.argv.slice(2)
  let effects = 0
  process.stdout.write('begun\n')
  await control(dataDir, mode === 'ports' ? 'ports' : 'addresses', () => {
    effects += 1
    if (effects === Number(last)) process.kill(process.pid, 'SIGKILL')
  })
  process.exit(0)
}
