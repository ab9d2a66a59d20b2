/** Nodes and endpoints with names: what places show, what resolves, and what certificates say. */
import { X509Certificate } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EndpointRequest, elasticacheArn, type NodeId, type PlaceRequest } from '@hotshelf/domain'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loopbackNetwork } from '../network/loopback.ts'
import type { Network } from '../network/network.ts'
import { processNodeProvider } from '../process/provider.ts'
import { certificateAuthority } from '../tls/authority.ts'
import { bindEndpointProvider } from './bind.ts'
import { type NameServer, serveNames } from './dns.ts'

const group = elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders')
const endpoint: EndpointRequest = { group, groupName: 'orders', role: 'primary', port: 6379, transitEncryption: 'off' }
const node = (number: number, wish: Partial<PlaceRequest> = {}): PlaceRequest => ({
  group,
  groupName: 'orders',
  node: `orders-00${number}` as NodeId,
  port: 6379,
  availabilityZone: 'us-east-1a',
  transitEncryption: 'required',
  clusterMode: false,
  ...wish,
})

let dataDir = ''
let network: Network
let names: NameServer
let resolver: Resolver

beforeEach(async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'hs-')))
  network = await loopbackNetwork({ dataDir, claimsDirectory: join(dataDir, 'claims') })
  names = await serveNames({ zone: 'hotshelf.test', port: 0 })
  resolver = new Resolver()
  resolver.setServers([`${names.address}:${names.port}`])
})
afterEach(async () => {
  network.close()
  await names.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const openNodes = (nameService: NameServer = names) =>
  processNodeProvider({
    dataDir,
    network,
    nameService,
    authority: certificateAuthority({ directory: join(dataDir, 'authority') }),
  })

test('a node shows a name, which resolves to it, stands in its certificate, and goes with it', async () => {
  const provider = await openNodes()
  const place = await provider.place(node(1))
  expect(place.hostname).toMatch(/^orders-001\.orders\.\w{6}\.use1\.cache\.hotshelf\.test$/)
  expect(await resolver.resolve4(place.hostname)).toEqual([place.address])
  await provider.certify(place, [])
  const certificate = new X509Certificate(readFileSync(place.tls?.certificate ?? ''))
  expect(certificate.checkHost(place.hostname)).toBe(place.hostname)
  await provider.remove(place)
  await expect(resolver.resolve4(place.hostname)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('a name stays as it is when encryption is turned on later, and after a restart', async () => {
  const provider = await openNodes()
  const { hostname } = await provider.place(node(1, { transitEncryption: 'off' }))
  expect((await provider.place(node(1))).hostname).toBe(hostname)
  const restarted = await serveNames({ zone: 'hotshelf.test', port: 0 })
  const [seen] = await (await openNodes(restarted)).observe(group)
  expect(seen?.place.hostname).toBe(hostname)
  resolver.setServers([`${restarted.address}:${restarted.port}`])
  expect(await resolver.resolve4(hostname)).toEqual([seen?.place.address])
  await restarted.close()
})

test('the primary’s name leads to the endpoint’s own address, whichever node is published', async () => {
  const endpoints = await bindEndpointProvider({ dataDir, network, nameService: names })
  const place = await endpoints.claim(endpoint)
  expect(place.hostname).toMatch(/^orders\.\w{6}\.ng\.0001\.use1\.cache\.hotshelf\.test$/)
  await endpoints.publish(group, 'primary', [{ host: '127.77.0.1', port: 6379 }])
  expect(await resolver.resolve4(place.hostname)).toEqual([place.address])
})

test('the reader’s name leads to every replica, after a restart too, and to nothing once it is released', async () => {
  const endpoints = await bindEndpointProvider({ dataDir, network, nameService: names })
  const { hostname, address } = await endpoints.claim({ ...endpoint, role: 'reader' })
  expect(await resolver.resolve4(hostname)).toEqual([address])
  const replicas = ['127.77.0.2', '127.77.0.3']
  await endpoints.publish(
    group,
    'reader',
    replicas.map(host => ({ host, port: 6379 })),
  )
  expect((await resolver.resolve4(hostname)).toSorted()).toEqual(replicas)
  names.withdraw(hostname)
  const returned = await bindEndpointProvider({ dataDir, network, nameService: names })
  expect((await resolver.resolve4(hostname)).toSorted()).toEqual(replicas)
  await returned.release(group)
  await expect(resolver.resolve4(hostname)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
