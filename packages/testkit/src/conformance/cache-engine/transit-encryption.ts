/** TLS towards clients, between nodes, and what a cluster tells each kind of client. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, clusterId, meet } from './bench.ts'

const titles = {
  required: 'TLS required: takes TLS alone, and replicates over it',
  preferred: 'TLS preferred: takes both kinds of clients, and replicates',
  endpoint: 'an endpoint moves under TLS as without',
  requiredCluster: 'TLS required in a cluster: members and clients speak TLS, and learn the names and ports they need',
  preferredCluster: 'TLS preferred in a cluster: each kind of client is told the ports of its kind',
} as const

/** For adapters without a wire to encrypt. */
export const transitEncryptionTitles: readonly string[] = Object.values(titles)

export function transitEncryption({ it }: Suite<Bench>): void {
  it(titles.required, async ({ start, perform, sees }) => {
    const wish = { transitEncryption: 'required' } as const
    const [primary, replica] = [await start(wish), await start(wish)]
    const customer = await primary.node.customer({ tls: true })
    expect(await customer.text('SET', 'key', 'value')).toBe('OK')
    const plain = await primary.node.customer()
    await expect(plain.text('PING')).rejects.toThrow()
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    expect(await (await replica.node.customer({ tls: true })).text('GET', 'key')).toBe('value')
  })

  it(titles.preferred, async ({ start, perform, sees }) => {
    const wish = { transitEncryption: 'preferred' } as const
    const [primary, replica] = [await start(wish), await start(wish)]
    expect(await (await primary.node.customer({ tls: true })).text('SET', 'key', 'value')).toBe('OK')
    expect(await (await primary.node.customer()).text('GET', 'key')).toBe('value')
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    expect(await (await replica.node.customer()).text('GET', 'key')).toBe('value')
  })

  it(titles.endpoint, async ({ world, start, perform }) => {
    for (const transitEncryption of ['required', 'preferred'] as const) {
      const [from, to] = [await start({ transitEncryption }), await start({ transitEncryption })]
      const address = world.newAddress()
      await perform(from, { do: 'bind', addresses: [from.node.place.address, address] })
      expect(await (await from.node.customer({ tls: true, address })).text('PING')).toBe('PONG')
      await perform(from, { do: 'bind', addresses: [from.node.place.address] })
      await perform(to, { do: 'bind', addresses: [to.node.place.address, address] })
      expect(await (await to.node.customer({ tls: true, address })).text('PING')).toBe('PONG')
    }
  })

  it(titles.requiredCluster, async bench => {
    const { primary } = await clusterPair(bench, 'required')
    const slots = await (await primary.node.customer({ tls: true })).text('CLUSTER', 'SLOTS')
    expect(slots).toContain(`node.example,${primary.node.place.port}`)
  })

  it(titles.preferredCluster, async bench => {
    const { primary } = await clusterPair(bench, 'preferred')
    const { port, tlsPort } = primary.node.place
    expect(await (await primary.node.customer()).text('CLUSTER', 'SLOTS')).toContain(`node.example,${port}`)
    const encrypted = await primary.node.customer({ tls: true })
    expect(await encrypted.text('CLUSTER', 'SLOTS')).toContain(`node.example,${tlsPort}`)
  })
}

async function clusterPair(bench: Bench, transitEncryption: 'preferred' | 'required') {
  const { start, perform, sees, until } = bench
  const wish = { clusterMode: true, transitEncryption, hostname: 'node.example' } as const
  const [primary, replica] = [await start(wish), await start(wish)]
  await perform(primary, { do: 'add-slots', ranges: [{ from: 0, to: 16_383 }] })
  await meet(bench, replica, primary)
  const primaryId = await clusterId(bench, primary)
  await until('they know each other', () => perform(replica, { do: 'replicate', primaryId }).then(() => true))
  await sees(replica, 'a link', view => view.following?.linkUp)
  await sees(primary, 'a healthy cluster', view => view.cluster?.ok)
  for (const node of [primary, replica]) {
    const { cluster } = await sees(node, 'two members', view => view.cluster?.peers.every(peer => peer.known))
    // Over control's own, unencrypted connection.
    const ports = cluster?.peers.map(({ host, port }) => ({ host, port }))
    expect(ports).toEqual(expect.arrayContaining([addressOf(primary), addressOf(replica)]))
  }
  return { primary, replica }
}
