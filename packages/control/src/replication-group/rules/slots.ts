/**
 * Slots on their way from where they are to where they should be. A slot that somebody left open comes first, because two
 * nodes hold keys of it; then every pair of shards moves a bounded part side by side. A shard that was asked to go leaves
 * the group only when those that stay own every slot by their own word.
 */
import {
  normaliseSlots,
  type NodeId,
  parseSlotRanges,
  type ShardDesired,
  slotCount,
  slotMoves,
  type SlotRange,
  subtractSlots,
  totalSlots,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep, SlotTransfer } from '../steps.ts'
import { type AnsweringNode, answering, answeringIn, intendedPrimary, ownedSlots, slotsOf } from '../view.ts'

/** A shard and the node that speaks for it, whether it owns slots yet or no longer. */
interface Side {
  readonly shard: ShardDesired
  readonly primary: AnsweringNode
  readonly owned: readonly SlotRange[]
}

/** Undefined when a shard has nobody to speak for it: earlier rules see to that. */
function sidesOf(context: GroupContext, look: GroupLook): readonly Side[] | undefined {
  const sides: Side[] = []
  for (const shard of context.desired.shards) {
    const primary = answering(look, intendedPrimary(context, look, shard))
    if (!primary || primary.view.role !== 'primary' || !primary.view.cluster) return undefined
    sides.push({ shard, primary, owned: ownedSlots(primary) })
  }
  return settleClaims(sides)
}

/** Until news has spread, two primaries may claim a slot; the higher epoch is the later claim, and wins. */
function settleClaims(sides: readonly Side[]): readonly Side[] {
  const epochOf = ({ primary: { view } }: Side): number =>
    view.cluster?.peers.find(peer => peer.id === view.cluster?.myId)?.configEpoch ?? 0
  return sides.map(side => {
    const better = sides.filter(other => other !== side && epochOf(other) > epochOf(side))
    const lost = better.flatMap(other => other.owned)
    return { ...side, owned: subtractSlots(side.owned, lost) }
  })
}

/** An open slot is finished in the direction it was going, from whoever owns it now. */
export function finishOpenSlot(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const sides = sidesOf(context, look)
  if (!sides) return undefined
  const transfers = new Map<string, { from: Side; to: Side; slots: number[] }>()
  const stray = new Map<NodeId, number[]>()
  for (const { slot, side, to } of openSlots(context, look, sides)) {
    const from = sides.find(({ owned }) => owns(owned, slot))
    if (!from) continue
    if (!to || to === from) {
      stray.set(side.primary.node, [...(stray.get(side.primary.node) ?? []), slot])
      continue
    }
    const key = `${from.shard.id} ${to.shard.id}`
    const transfer = transfers.get(key) ?? { from, to, slots: [] }
    transfers.set(key, transfer)
    if (!transfer.slots.includes(slot)) transfer.slots.push(slot)
  }
  if (transfers.size > 0) {
    const moves = [...transfers.values()].map(({ from, to, slots }) =>
      transferOf(from, to, normaliseSlots(slots.map(slot => ({ from: slot, to: slot })))),
    )
    const count = moves.reduce((sum, move) => sum + slotCount(move.ranges), 0)
    return { do: 'move-slots', moves, why: `${slotsText(count)} were left half moved` }
  }
  if (stray.size === 0) return undefined
  const closing = [...stray].map(([node, slots]) => ({ node, slots }))
  return { do: 'close-slots', closing, why: 'marks of moves are left that are over' }
}

/** Primaries only: Valkey 8 copies the mark to replicas, and a replica's copy is no one's to act on. */
function openSlots(context: GroupContext, look: GroupLook, sides: readonly Side[]) {
  return sides.flatMap(side => {
    const { migrating = {}, importing = {} } = side.primary.view.cluster ?? {}
    return [
      ...Object.keys(importing).map(slot => ({ slot: Number(slot), side, to: side })),
      ...Object.entries(migrating).map(([slot, peerId]) => ({
        slot: Number(slot),
        side,
        to: sides.find(other => belongs(context, look, other, peerId)),
      })),
    ]
  })
}

/** The mark names the primary of its time; another node of that shard may be primary now. */
const belongs = (_context: GroupContext, look: GroupLook, side: Side, peerId: string): boolean => {
  if (answeringIn(look, side.shard).some(node => node.view.cluster?.myId === peerId)) return true
  const peer = side.primary.view.cluster?.peers.find(one => one.id === peerId)
  const places = side.shard.nodes.map(node => look.nodes.get(node.id)?.place)
  return peer !== undefined && places.some(place => place?.address === peer.host && place.busPort === peer.busPort)
}

export function moveSlots(context: GroupContext, look: GroupLook): GroupStep | undefined {
  if (!usesClusterProtocol(context.desired)) return undefined
  const sides = sidesOf(context, look)
  if (!sides) return undefined
  const changes = sides.map(({ shard, owned }) => ({ shard: shard.id, owned, wanted: slotsOf(shard) }))
  const moves = slotMoves(changes).map(move => {
    const [from, to] = [move.from, move.to].map(id => sides.find(({ shard }) => shard.id === id)) as [Side, Side]
    return transferOf(from, to, move.ranges)
  })
  if (moves.length === 0) return undefined
  const left = moves.reduce((sum, move) => sum + slotCount(move.ranges), 0)
  const total = Math.max(left, look.memory?.resharding?.slots ?? 0)
  const moved = total - left
  const why = `moved ${moved} of ${total} slots (${Math.floor((100 * moved) / total)}%)`
  return { do: 'move-slots', moves, why }
}

const transferOf = (from: Side, to: Side, ranges: readonly SlotRange[]): SlotTransfer => ({
  from: from.primary.node,
  to: to.primary.node,
  newcomer: slotCount(to.owned) === 0,
  ranges,
})

/**
 * A shard that was asked to go and owns nothing leaves the group; its nodes are retired as any that nobody asks for. Before
 * nodes are waited for or restarted: what is empty needs no repair.
 */
export function releaseEmptyShards(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const leaving = context.desired.shards.filter(shard => shard.leaving)
  if (leaving.length === 0) return undefined
  const staying = context.desired.shards.filter(shard => !shard.leaving)
  const primaries = staying.flatMap(shard => answeringIn(look, shard).filter(node => node.view.role === 'primary'))
  if (slotCount(normaliseSlots(primaries.flatMap(ownedSlots))) < totalSlots) return undefined
  const open = primaries.some(({ view }) => Object.keys(view.cluster?.importing ?? {}).length > 0)
  if (open) return undefined
  const shards = leaving.map(shard => shard.id)
  return { do: 'release-shards', shards, why: `shard ${shards.join(', ')} owns no slot any more` }
}

const owns = (ranges: readonly SlotRange[], slot: number): boolean =>
  ranges.some(({ from, to }) => from <= slot && slot <= to)

const slotsText = (count: number): string => (count === 1 ? '1 slot' : `${count} slots`)

/** What each shard owns, for the summary: a shard without a primary keeps what was remembered. */
export function slotsByShard(context: GroupContext, look: GroupLook): Record<string, readonly SlotRange[]> {
  const found: Record<string, readonly SlotRange[]> = {}
  const sides = settleClaims(
    context.desired.shards.flatMap(shard => {
      const primary = answering(look, intendedPrimary(context, look, shard))
      return primary?.view.cluster && primary.view.role === 'primary'
        ? [{ shard, primary, owned: ownedSlots(primary) }]
        : []
    }),
  )
  for (const shard of context.desired.shards) {
    const side = sides.find(one => one.shard === shard)
    found[shard.id] = side?.owned ?? parseSlotRanges(look.memory?.slots?.[shard.id] ?? '')
  }
  return found
}
