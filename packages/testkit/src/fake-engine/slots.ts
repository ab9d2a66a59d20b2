/**
 * Slots on the move between fake nodes, in the order of the real procedure and in as many pieces, so that it can be cut
 * between any two of them. Keys are where the pieces left them; who answers for a key is told by `redirection`.
 */
import { normaliseSlots, type SlotMove, type SlotMoveResult, subtractSlots, Unavailable } from '@hotshelf/domain'
import { keySlot } from '../key-slot.ts'
import type { FakeMembership, FakeNode } from './node.ts'

export interface MovingNode extends FakeNode {
  membership: FakeMembership
}

/** How many pieces a move may still do; a test sets it to cut one. */
export interface Cut {
  piecesLeft: number
}

/** So many slots are moved in one call: more than any budget of a test. */
const slotsPerCall = 3000

export function moveFakeSlots(
  move: SlotMove,
  nodes: { readonly source: MovingNode; readonly target: MovingNode; readonly others: readonly MovingNode[] },
  cut: Cut,
): SlotMoveResult {
  const { source, target } = nodes
  let slots = 0
  let fresh = 0
  let keys = 0
  const piece = (what: string, work: () => void): void => {
    if (cut.piecesLeft-- <= 0) {
      cut.piecesLeft = Number.POSITIVE_INFINITY
      throw new Unavailable(`${source.place.node}: the move was cut before ${what}`)
    }
    work()
  }
  const bySlot = keysBySlot(source)
  for (const { from, to } of move.ranges) {
    for (let slot = from; slot <= to; slot++) {
      if (fresh === slotsPerCall) return { slots, keys, heldBack: [] }
      const held = bySlot.get(slot) ?? []
      if (!owns(target.membership, target.membership.id, slot)) fresh += 1
      // A whole cluster of empty slots would be ninety thousand pieces of nothing.
      const step = held.length > 0 || slot === from ? piece : (_: string, work: () => void) => work()
      step('IMPORTING', () => open(target, source, slot))
      step('MIGRATING', () => leave(source, target, slot))
      for (const key of held) {
        step('MIGRATE', () => {
          target.data.set(key, source.data.get(key) ?? '')
          source.data.delete(key)
        })
      }
      step('NODE at the target', () => own(target, slot))
      step('NODE at the source', () => yieldSlot(source, target, slot))
      for (const other of nodes.others) yieldSlot(other, target, slot)
      slots += 1
      keys += held.length
    }
  }
  return { slots, keys, heldBack: [] }
}

function keysBySlot({ data }: FakeNode): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>()
  for (const key of data.keys()) {
    const slot = keySlot(key)
    found.set(slot, [...(found.get(slot) ?? []), key])
  }
  return found
}

const owns = ({ slots }: FakeMembership, id: string, slot: number): boolean =>
  (slots.get(id) ?? []).some(({ from, to }) => from <= slot && slot <= to)

function open(target: MovingNode, source: MovingNode, slot: number): void {
  const { membership } = target
  if (!owns(membership, membership.id, slot)) membership.importing.set(slot, source.membership.id)
}

function leave(source: MovingNode, target: MovingNode, slot: number): void {
  const mine = source.membership
  if (owns(mine, mine.id, slot)) mine.migrating.set(slot, target.membership.id)
  else if (!owns(target.membership, target.membership.id, slot)) {
    target.membership.importing.delete(slot)
    throw new Unavailable(`slot ${slot} is no longer the source's to move`)
  }
}

/** Who imported a slot takes the highest epoch, so that nobody's older claim stands against it. */
function own({ membership }: MovingNode, slot: number): void {
  const epochs = [...membership.peers.values()].map(peer => peer.configEpoch)
  if (membership.importing.has(slot) && membership.configEpoch <= Math.max(0, ...epochs)) {
    membership.currentEpoch = Math.max(membership.currentEpoch, ...epochs) + 1
    membership.configEpoch = membership.currentEpoch
  }
  claim(membership, membership.id, slot)
  membership.importing.delete(slot)
}

function yieldSlot({ membership }: MovingNode, { membership: target }: MovingNode, slot: number): void {
  if (!membership.peers.has(target.id)) return
  claim(membership, target.id, slot)
  membership.migrating.delete(slot)
}

function claim({ slots }: FakeMembership, owner: string, slot: number): void {
  const one = [{ from: slot, to: slot }]
  for (const [id, owned] of slots) if (id !== owner) slots.set(id, subtractSlots(owned, one))
  slots.set(owner, normaliseSlots([...(slots.get(owner) ?? []), ...one]))
}

/** What a primary answers instead of serving the key; undefined when it serves it. */
export function redirection({ membership, data }: FakeNode, key: string): string | undefined {
  if (!membership) return undefined
  const slot = keySlot(key)
  const at = (id: string | undefined): string => {
    const peer = membership.peers.get(id ?? '')
    return `${slot} ${peer?.host}:${peer?.port}`
  }
  const owner = [...membership.slots.keys()].find(id => owns(membership, id, slot))
  if (owner === undefined) return 'CLUSTERDOWN Hash slot not served'
  if (owner !== membership.id) return `MOVED ${at(owner)}`
  const target = membership.migrating.get(slot)
  return target !== undefined && !data.has(key) ? `ASK ${at(target)}` : undefined
}
