// Cluster mode: every node must know every other before slots and replicas are handed out.
import { normaliseSlots, slotCount, type SlotRange, subtractSlots, usesClusterProtocol } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep, NodePair } from '../steps.ts'
import {
  type AnsweringNode,
  answeringIn,
  everAvailable,
  intendedPrimary,
  ownedSlots,
  peerOf,
  peerOnBus,
  selfOf,
  slotsOf,
  some,
} from '../view.ts'

/** Meeting a handful of primaries is enough: gossip does the rest, and a full mesh costs more than it saves past this. */
const seedCount = 10

const members = (context: GroupContext, look: GroupLook): readonly AnsweringNode[] =>
  context.desired.shards.flatMap(shard => answeringIn(look, shard)).filter(node => node.view.cluster)

/**
 * Introduces strangers and hands out unowned slots, in one step: neither waits for the other.
 * A new node first gets an epoch of its own, since equal epochs make primaries argue; only a node that knows nobody takes one.
 */
export function formCluster(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const nodes = members(context, look)
  const meet = strangers(context, look, nodes)
  const slots = unownedSlots(context, look, nodes)
  if (meet.length === 0 && slots.length === 0) return undefined
  const epochs = nodes
    .map((node, position) => ({ node: node.node, epoch: position + 1, cluster: node.view.cluster }))
    .filter(item => !everAvailable(look) && item.cluster?.peers.length === 1 && item.cluster.currentEpoch === 0)
    .map(({ node, epoch }) => ({ node, epoch }))
  const why =
    meet.length > 0
      ? `${some([...new Set(meet.map(pair => pair.node))])} does not know the others yet`
      : `${slotCount(slots.flatMap(item => item.ranges))} slots have no owner`
  return { do: 'form', epochs, meet, slots, why }
}

/** Pairs where one side has never heard of the other's address. A handshake in progress counts as having heard. */
function strangers(context: GroupContext, look: GroupLook, nodes: readonly AnsweringNode[]): readonly NodePair[] {
  const primaries = context.desired.shards.map(shard => intendedPrimary(context, look, shard))
  const seeds = nodes.filter(node => primaries.includes(node.node)).slice(0, seedCount)
  const pairs = new Map<string, NodePair>()
  for (const node of nodes) {
    for (const seed of seeds) {
      if (seed === node || peerOnBus(node, seed)) continue
      if (pairs.has(`${seed.node} ${node.node}`)) continue
      pairs.set(`${node.node} ${seed.node}`, { node: node.node, other: seed.node })
    }
  }
  return [...pairs.values()]
}

function unownedSlots(context: GroupContext, look: GroupLook, nodes: readonly AnsweringNode[]) {
  const claimed = claims(nodes)
  return context.desired.shards.flatMap(shard => {
    const ranges: readonly SlotRange[] = subtractSlots(slotsOf(shard), claimed)
    const node = intendedPrimary(context, look, shard)
    return ranges.length > 0 ? [{ node, ranges }] : []
  })
}

/** Everybody repeats everybody's claim: each range is taken once. */
function claims(nodes: readonly AnsweringNode[]): readonly SlotRange[] {
  const found = new Map<number, SlotRange>()
  for (const { view } of nodes) {
    for (const peer of view.cluster?.peers ?? []) {
      for (const range of peer.slots) found.set(range.from * 65_536 + range.to, range)
    }
  }
  return normaliseSlots([...found.values()])
}

/** Never hand out roles on a split view: every node must see every other, with its link up. */
export function waitForGossip(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const nodes = members(context, look)
  const behind = nodes.find(node => nodes.some(other => other !== node && !sees(node, other)))
  if (!behind) return undefined
  const seen = nodes.filter(other => other !== behind && sees(behind, other)).length
  return { do: 'wait', retryInMs: 10, why: `${behind.node} sees ${seen} of ${nodes.length - 1} peers` }
}

function sees(node: AnsweringNode, other: AnsweringNode): boolean {
  const peer = peerOf(node, other)
  return peer !== undefined && peer.known && peer.linkUp && peer.id === other.view.cluster?.myId
}

/** Clients learn the replicas from whichever node they ask: every node must have heard who follows whom. */
export function waitForAgreement(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const nodes = members(context, look)
  const ownWord = new Map(nodes.map(node => [node.view.cluster?.myId, selfOf(node)?.primaryId]))
  const unheard = new Set<string>()
  const behind = nodes.filter(node => {
    const wrong = node.view.cluster?.peers.filter(
      peer => ownWord.has(peer.id) && ownWord.get(peer.id) !== peer.primaryId,
    )
    for (const peer of wrong ?? []) unheard.add(peer.id)
    return wrong?.length
  })
  if (behind.length === 0) return undefined
  const tellers = nodes.filter(node => unheard.has(node.view.cluster?.myId ?? ''))
  const names = some(behind.map(node => node.node))
  return (
    hurry(tellers.length <= behind.length ? tellers : behind, names) ?? {
      do: 'wait',
      retryInMs: 15,
      why: `${names} has not heard of every role yet`,
    }
  )
}

/**
 * A role is told in pings only, and a node pings whom it has not heard of for half its timeout; hearsay counts as well. In
 * a large cluster with the settled timeout a new role takes minutes to reach everybody. Those few who have news, or
 * who missed it, are hasty until all agree: one that suspects others too soon has no majority.
 */
function hurry(nodes: readonly AnsweringNode[], waiting: string): GroupStep | undefined {
  const slow = nodes.filter(node => nodeTimeout(node) > hastyTimeoutMs).map(node => node.node)
  if (slow.length === 0) return undefined
  const why = `${waiting} has not heard of every role yet; ${some(slow)} is to ping more often`
  return { do: 'node-timeout', nodes: slow, timeoutMs: hastyTimeoutMs, why }
}

/** The cluster serves once every node agrees that all slots are covered. */
export function waitForClusterOk(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const down = members(context, look).filter(node => !node.view.cluster?.ok)
  if (down.length === 0) return undefined
  const owned = slotCount(members(context, look).flatMap(node => ownedSlots(node)))
  const names = some(down.map(node => node.node))
  return { do: 'wait', retryInMs: 15, why: `${names} does not yet see the cluster as up (${owned} slots owned)` }
}

/** Small while forming, so that a fresh cluster settles soon; then longer, since control notices deaths itself. */
const settledTimeoutMs = 15_000
const hastyTimeoutMs = 1000

const nodeTimeout = ({ view }: AnsweringNode): number => Number(view.directives['cluster-node-timeout'])

export function settleNodeTimeout(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const nodes = members(context, look)
    .filter(node => nodeTimeout(node) !== settledTimeoutMs)
    .map(node => node.node)
  if (nodes.length === 0) return undefined
  return { do: 'node-timeout', nodes, timeoutMs: settledTimeoutMs, why: 'the cluster is formed' }
}
