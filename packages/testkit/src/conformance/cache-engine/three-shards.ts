/** The smallest real cluster: three primaries with a replica each, formed with nothing but the port's commands. */
import type { EngineCommand, EngineView, SlotRange } from '@hotshelf/domain'
import { type Bench, clusterId, meet, type Running } from './bench.ts'

export const thirds: readonly SlotRange[] = [
  { from: 0, to: 5460 },
  { from: 5461, to: 10_922 },
  { from: 10_923, to: 16_383 },
]

export interface ThreeShards {
  /** Primaries first. */
  readonly nodes: readonly Running[]
  readonly primaries: readonly Running[]
  /** In the order of their primaries. */
  readonly replicas: readonly Running[]
}

/** Each command is given twice, because a step may be performed again. */
export async function threeShards(bench: Bench): Promise<ThreeShards> {
  const { start, perform, sees, until } = bench
  const nodes = await Promise.all(Array.from({ length: 6 }, () => start({ clusterMode: true })))
  const [primaries, replicas] = [nodes.slice(0, 3), nodes.slice(3)]
  const twice = async (node: Running, command: EngineCommand) => {
    await perform(node, command)
    await perform(node, command)
  }
  for (const [i, node] of nodes.entries()) await twice(node, { do: 'set-config-epoch', epoch: i + 1 })
  for (const [i, node] of primaries.entries()) await twice(node, { do: 'add-slots', ranges: [thirds[i]!] })
  for (const node of nodes.slice(1)) for (let i = 0; i < 2; i++) await meet(bench, node, nodes[0]!)
  for (const node of nodes) {
    await sees(node, 'five peers', view => view.cluster?.peers.filter(peer => peer.known).length === 6)
  }
  for (const [i, node] of replicas.entries()) {
    const primaryId = await clusterId(bench, primaries[i]!)
    await until('gossip has named the primary', () => perform(node, { do: 'replicate', primaryId }).then(() => true))
    await perform(node, { do: 'replicate', primaryId })
  }
  for (const node of nodes) await sees(node, 'a healthy cluster', isWhole)
  for (const node of replicas) await sees(node, 'a link', view => view.following?.linkUp)
  return { nodes, primaries, replicas }
}

export const isWhole = ({ cluster }: EngineView): boolean =>
  cluster?.ok === true &&
  cluster.peers.filter(peer => peer.slots.length === 1 && peer.role === 'primary').length === 3 &&
  cluster.peers.filter(peer => peer.role === 'replica' && peer.primaryId !== undefined).length === 3

export const ownLine = (view: EngineView) => lineOf(view, view.cluster?.myId ?? '')

export const lineOf = (view: EngineView, id: string) => view.cluster?.peers.find(peer => peer.id === id)

/** Only the owner of the key's slot takes it, so one of the primaries does. */
export async function writeSomewhere(primaries: readonly Running[], key: string): Promise<void> {
  for (const { node } of primaries) if ((await (await node.customer()).text('SET', key, 'value')) === 'OK') return
  throw new Error(`nobody took ${key}`)
}
