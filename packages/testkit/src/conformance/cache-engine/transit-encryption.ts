/** TLS towards clients, between nodes, and what a cluster tells each kind of client. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, clusterId, meet, type Running, type SetupWish } from './bench.ts'

const titles = {
  required: 'TLS required: takes TLS alone, and replicates over it',
  preferred: 'TLS preferred: takes both kinds of clients, and replicates',
  endpoint: 'an endpoint moves under TLS as without',
  requiredCluster: 'TLS required in a cluster: members and clients speak TLS, and learn the names and ports they need',
  preferredCluster: 'TLS preferred in a cluster: each kind of client is told the ports of its kind',
  changed:
    'TLS off, preferred, required and back: a running pair changes over, keeps its link, and cuts who is not encrypted',
  changedCluster: 'TLS off, preferred, required in a running cluster: nobody loses sight of anybody',
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

  it(titles.changed, async bench => {
    const { perform, observe, sees } = bench
    // Its place has all the files and ports; it starts as if it had none.
    const wish = { transitEncryption: 'preferred' } as const
    const nodes = await Promise.all([1, 2].map(() => startPlain(bench, wish)))
    const [primary, replica] = [nodes[0]!, nodes[1]!]
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    const plain = await primary.node.customer()
    expect(await plain.text('SET', 'key', 'off')).toBe('OK')

    for (const node of nodes) await changeTo(bench, node, 'preferred', false)
    expect(await plain.text('SET', 'key', 'preferred')).toBe('OK')
    const encrypted = await primary.node.customer({ tls: true })
    expect(await encrypted.text('GET', 'key')).toBe('preferred')

    for (const node of nodes.toReversed()) await changeTo(bench, node, 'required', false)
    await bench.until(
      'it is cut',
      async () =>
        plain.closed ||
        plain.text('PING').then(
          () => false,
          () => true,
        ),
    )
    const onPlainPort = await startCustomer(primary)
    expect(await onPlainPort.text('SET', 'key', 'required')).toBe('OK')
    const { offset } = await observe(primary)
    await sees(replica, 'an encrypted link', view => view.following?.linkUp && view.offset >= offset)

    for (const node of nodes) await changeTo(bench, node, 'preferred', false)
    for (const node of nodes) await changeTo(bench, node, 'off', false)
    expect(await (await primary.node.customer()).text('GET', 'key')).toBe('required')
    await sees(replica, 'a link', view => view.following?.linkUp)
  })

  it(titles.changedCluster, async bench => {
    const { perform, sees, until, observe } = bench
    const wish = { transitEncryption: 'preferred', clusterMode: true } as const
    const nodes = await Promise.all([1, 2].map(() => startPlain(bench, wish)))
    const [primary, replica] = [nodes[0]!, nodes[1]!]
    await perform(primary, { do: 'add-slots', ranges: [{ from: 0, to: 16_383 }] })
    await meet(bench, replica, primary)
    const primaryId = await clusterId(bench, primary)
    await until('they know each other', () => perform(replica, { do: 'replicate', primaryId }).then(() => true))
    await sees(replica, 'a link', view => view.following?.linkUp)
    await sees(primary, 'a healthy cluster', view => view.cluster?.ok)
    for (const mode of ['preferred', 'required'] as const) {
      await Promise.all(nodes.map(node => changeTo(bench, node, mode, true)))
      for (const node of nodes) {
        await sees(node, 'its peer', view => view.cluster?.ok && view.cluster.peers.every(peer => peer.linkUp))
      }
      const { offset } = await observe(primary)
      await sees(replica, 'a link', view => view.following?.linkUp && view.offset >= offset)
    }
    const customer = await startCustomer(primary)
    await until('nobody is told the former port any more', async () => {
      const slots = await customer.text('CLUSTER', 'SLOTS')
      return !slots.includes(`,${primary.node.place.tlsPort},`)
    })
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

async function startPlain(bench: Bench, wish: SetupWish): Promise<Running> {
  return bench.restart(bench.prepare(wish), { transitEncryption: 'off' })
}

/** The place that a provider would give for this mode: in the others there is no second port. */
function changeTo(bench: Bench, { target }: Running, transitEncryption: Mode, clusterMode: boolean): Promise<void> {
  const place = transitEncryption === 'preferred' ? target.place : { ...target.place, tlsPort: undefined }
  const command = { do: 'encrypt', transitEncryption, clusterMode } as const
  return bench.world.engine.perform({ ...target, place }, command)
}

/** TLS on the port where plain text was. */
const startCustomer = ({ node }: Running) => node.customer({ tls: true, port: node.place.port })

type Mode = 'off' | 'preferred' | 'required'
