/**
 * Commands that change who is whose primary and who owns which slot. Each is idempotent: asked again after it was done, it
 * succeeds without disturbing anybody, also where the engine's own command would refuse or drop a link.
 */
import { type EngineCommand, slotCount, type SlotRange, subtractSlots, Unavailable } from '@hotshelf/domain'
import type { Command } from '../control-connection.ts'
import { bind } from './bind.ts'
import { parseClusterNodes } from './cluster-nodes.ts'
import { type Conversation, demand } from './conversation.ts'
import { failure, refusalOf, textOf } from './refusals.ts'
import { capabilities } from './versions.ts'

type Asked<D extends EngineCommand['do']> = Extract<EngineCommand, { readonly do: D }>

/** Meeting a peer one knows already ends in a handshake that the engine drops by itself. */
export const meet = (node: Conversation, { host, port, busPort }: Asked<'meet'>): Promise<void> =>
  demand(node, 'CLUSTER MEET', ['CLUSTER', 'MEET', host, String(port), String(busPort)])

export async function forget(node: Conversation, { peerId }: Asked<'forget'>): Promise<void> {
  const refusal = refusalOf(await node.ask('CLUSTER', 'FORGET', peerId))
  if (!refusal || /unknown node/i.test(refusal.refused)) return
  // It still follows the peer that is to be forgotten; the next look sees to that first.
  if (/can't forget my (master|primary)/i.test(refusal.refused)) throw stale('CLUSTER FORGET', refusal.refused)
  throw failure('CLUSTER FORGET', refusal.refused)
}

/**
 * The engine takes all ranges or none, and calls a slot busy whoever owns it. So when it refuses, the slots that this node
 * owns already are left out and the rest is asked for again; a slot that another peer owns is news to whoever asked.
 */
export async function addSlots(node: Conversation, { ranges }: Asked<'add-slots'>): Promise<void> {
  if (ranges.length === 0) return
  const refusal = refusalOf(await node.ask(...addSlotsCommand(node, ranges)))
  if (!refusal) return
  if (!/already busy/.test(refusal.refused)) throw failure('CLUSTER ADDSLOTS', refusal.refused)
  const { myId, peers } = await clusterNodes(node)
  const missing = subtractSlots(ranges, peers.find(peer => peer.id === myId)?.slots ?? [])
  if (missing.length === 0) return
  const free = subtractSlots(
    missing,
    peers.flatMap(peer => peer.slots),
  )
  if (slotCount(free) < slotCount(missing)) throw stale('CLUSTER ADDSLOTS', refusal.refused)
  await demand(node, 'CLUSTER ADDSLOTS', addSlotsCommand(node, missing))
}

function addSlotsCommand({ member }: Conversation, ranges: readonly SlotRange[]): Command {
  if (capabilities(member).slotRanges) {
    return ['CLUSTER', 'ADDSLOTSRANGE', ...ranges.flatMap(({ from, to }) => [String(from), String(to)])]
  }
  const slots = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i)))
  return ['CLUSTER', 'ADDSLOTS', ...slots]
}

/** Only for a node that knows nobody yet: later the cluster gives out epochs, and only equal ones are a success. */
export async function setConfigEpoch(node: Conversation, { epoch }: Asked<'set-config-epoch'>): Promise<void> {
  const refusal = refusalOf(await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(epoch)))
  if (!refusal) return
  if (!/already non-zero|does not know any other node/.test(refusal.refused)) {
    throw failure('CLUSTER SET-CONFIG-EPOCH', refusal.refused)
  }
  const { myId, peers } = await clusterNodes(node)
  if (peers.find(peer => peer.id === myId)?.configEpoch !== epoch) {
    throw stale('CLUSTER SET-CONFIG-EPOCH', refusal.refused)
  }
}

/** Asked first whether it is so already: REPLICATE drops and rebuilds even the link that is asked for. */
export async function replicate(node: Conversation, { primaryId }: Asked<'replicate'>): Promise<void> {
  const { myId, peers } = await clusterNodes(node)
  if (peers.find(peer => peer.id === myId)?.primaryId === primaryId) return
  const refusal = refusalOf(await node.ask('CLUSTER', 'REPLICATE', primaryId))
  if (!refusal) return
  // Gossip has not told this node yet, or the peer has just become a replica: both are seen by looking again.
  if (/unknown node|only replicate a (master|primary)/i.test(refusal.refused)) {
    throw stale('CLUSTER REPLICATE', refusal.refused)
  }
  throw failure('CLUSTER REPLICATE', refusal.refused)
}

export async function takeOver(node: Conversation, { listenOn }: Asked<'take-over'>): Promise<void> {
  const refusal = await listeningTo(node, ['CLUSTER', 'FAILOVER', 'TAKEOVER'], listenOn)
  if (!refusal || /send CLUSTER FAILOVER to a (replica|slave)/i.test(refusal.refused)) return prove(node, listenOn)
  if (/my (master|primary) is unknown/i.test(refusal.refused)) throw stale('CLUSTER FAILOVER', refusal.refused)
  throw failure('CLUSTER FAILOVER', refusal.refused)
}

/** The engine answers `OK Already connected to specified master` where it follows this address, and keeps the link. */
export const follow = (node: Conversation, { host, port }: Asked<'follow'>): Promise<void> =>
  demand(node, 'REPLICAOF', [node.name('replicaof'), host, String(port)])

export async function promote(node: Conversation, { listenOn }: Asked<'promote'>): Promise<void> {
  const refusal = await listeningTo(node, [node.name('replicaof'), 'NO', 'ONE'], listenOn)
  if (refusal) throw failure('REPLICAOF NO ONE', refusal.refused)
  await prove(node, listenOn)
}

/** The role first and its addresses right behind, in one write: nobody reaches the addresses before the role is taken. */
async function listeningTo(node: Conversation, command: Command, listenOn: readonly string[] | undefined) {
  const listen: Command[] = listenOn ? [[node.name('config'), 'SET', 'bind', listenOn.join(' ')]] : []
  const [reply] = await node.askAll([command, ...listen])
  return refusalOf(reply)
}

/** The write may have been refused, as it is while a dying process holds an address: `bind` looks, and tries until it holds. */
async function prove(node: Conversation, listenOn: readonly string[] | undefined): Promise<void> {
  if (listenOn) await bind(node, { do: 'bind', addresses: listenOn })
}

const clusterNodes = async (node: Conversation) =>
  parseClusterNodes(textOf('CLUSTER NODES', await node.ask('CLUSTER', 'NODES')))

/** The world is not as whoever asked believed it to be, and a new look will show it. */
const stale = (what: string, refused: string): Unavailable => new Unavailable(`${what}: ${refused}`)
