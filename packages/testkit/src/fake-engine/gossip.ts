/**
 * The cluster bus of fake nodes: one call of `gossipOnce` is one round in which every node hears from every peer it knows.
 * The laws kept here are the engine's: news travels only between nodes that know each other, the claim with the higher
 * configuration epoch wins a slot, a primary that lost everything to one other becomes its replica, and a peer is failed
 * only once most primaries suspect it.
 */
import { type ClusterView, normaliseSlots, type SlotRange, subtractSlots } from '@hotshelf/domain'
import { resume } from './replication.ts'
import { answers, type FakeMembership, type FakeNode, type FakePeer } from './node.ts'

export const beatMs = 100

/** The engine keeps a forgotten peer out for a minute. */
export const forgetBeats = 60_000 / beatMs

interface Member extends FakeNode {
  membership: FakeMembership
}

const isMember = (node: FakeNode): node is Member => node.membership !== undefined && answers(node)

export function gossipOnce(nodes: Iterable<FakeNode>, beat: number): void {
  const members = [...nodes].filter(isMember)
  const byAddress = new Map(members.map(member => [`${member.place.address}:${member.place.busPort}`, member]))
  for (const node of members) {
    // Peers learned in this round are spoken to in the next.
    const known = [...node.membership.peers.values()]
    for (const peer of known) contact(node, peer, byAddress, beat)
  }
  for (const node of members) {
    suspect(node, beat)
    node.settlingBeats = node.role === 'replica' ? 0 : Math.max(0, node.settlingBeats - 1)
  }
  for (const node of members) agreeOnFailures(node, members)
}

function contact(node: Member, peer: FakePeer, byAddress: ReadonlyMap<string, Member>, beat: number): void {
  const other = byAddress.get(`${peer.host}:${peer.busPort}`)
  if (!other || other.place.address === node.place.address || node.isolated || other.isolated) return
  const { membership } = node
  if (peer.handshake) {
    membership.peers.delete(peer.id)
    // The other side takes in whoever meets it, also somebody it was told to forget.
    introduce(other, node, beat)
  } else if (peer.id !== other.membership.id) {
    peer.noAddress = true
    return
  }
  if (introduce(node, other, beat)) return
  hear(node, other, beat)
}

/** Adds `other` to the node's table. False when it is there already. */
function introduce(node: Member, other: Member, beat: number): boolean {
  const { id } = other.membership
  if (node.membership.peers.has(id) || id === node.membership.id) return false
  node.membership.peers.set(id, {
    id,
    host: other.place.address,
    port: other.place.port,
    busPort: other.place.busPort,
    role: 'primary',
    primaryId: undefined,
    configEpoch: 0,
    handshake: false,
    noAddress: false,
    health: 'ok',
    heardAtBeat: beat,
  })
  return true
}

function hear(node: Member, other: Member, beat: number): void {
  const mine = node.membership
  const theirs = other.membership
  const peer = mine.peers.get(theirs.id)
  if (!peer) return
  peer.heardAtBeat = beat
  peer.health = 'ok'
  peer.role = other.role
  peer.primaryId = theirs.primaryId
  peer.configEpoch = epochOf(other)
  mine.currentEpoch = Math.max(mine.currentEpoch, theirs.currentEpoch)
  if (other.role === 'primary') {
    yieldEpoch(node, other)
    const { id, configEpoch, slots } = theirs
    const newer = believeClaim(node, id, configEpoch, slots.get(id) ?? [])
    if (newer !== undefined) correct(other, newer, node)
  } else {
    mine.slots.delete(theirs.id)
  }
  learnOfOthers(node, other, beat)
}

/** A replica speaks with its primary's epoch. */
function epochOf({ membership }: Member): number {
  if (membership.primaryId === undefined) return membership.configEpoch
  return membership.peers.get(membership.primaryId)?.configEpoch ?? 0
}

/** Two primaries never keep one epoch: the one with the smaller id takes the next. */
function yieldEpoch(node: Member, other: Member): void {
  const mine = node.membership
  if (node.role !== 'primary' || mine.configEpoch !== other.membership.configEpoch) return
  if (mine.id > other.membership.id) return
  mine.currentEpoch += 1
  mine.configEpoch = mine.currentEpoch
}

/**
 * Slots go to the higher epoch. Who loses the last one, itself or through its primary, follows the new owner.
 * Returns who has a newer claim to some of these slots.
 */
function believeClaim(
  node: Member,
  id: string,
  configEpoch: number,
  claimed: readonly SlotRange[],
): string | undefined {
  const mine = node.membership
  const owner = node.role === 'primary' ? mine.id : (mine.primaryId ?? mine.id)
  const before = mine.slots.get(owner) ?? []
  let claim = claimed
  let newer: string | undefined
  // Taken whole before, and since then nobody could take from it without changing what is kept here.
  if (claim.length > 0 && mine.slots.get(id) === claim) return undefined
  for (const [holder, slots] of mine.slots) {
    if (holder === id || !overlap(slots, claim)) continue
    const epoch = holder === mine.id ? mine.configEpoch : (mine.peers.get(holder)?.configEpoch ?? 0)
    if (epoch < configEpoch) mine.slots.set(holder, subtractSlots(slots, claim))
    else claim = subtractSlots(claim, slots)
    if (epoch > configEpoch) newer = holder
  }
  mine.slots.set(id, claim)
  const lostAll = before.length > 0 && owner !== id && (mine.slots.get(owner) ?? []).length === 0
  // With more than it lost, the other is no heir but another shard that grew.
  if (lostAll && subtractSlots(claim, before).length === 0) become(node, id)
  return newer
}

/** Whoever claims what is somebody else's by a newer epoch is told so, also when that one is gone and cannot say it. */
function correct(behind: Member, newer: string, by: Member): void {
  const peer = behind.membership.peers.get(newer)
  const known = by.membership.peers.get(newer)
  if (!peer || !known || peer.configEpoch >= known.configEpoch) return
  Object.assign(peer, { role: 'primary', primaryId: undefined, configEpoch: known.configEpoch })
  believeClaim(behind, newer, known.configEpoch, by.membership.slots.get(newer) ?? [])
}

/** Cheap, and nearly always false: a settled cluster of 500 asks it a hundred million times a second. */
const overlap = (some: readonly SlotRange[], others: readonly SlotRange[]): boolean =>
  some.some(one => others.some(other => one.from <= other.to && other.from <= one.to))

function become(node: Member, primaryId: string): void {
  node.role = 'replica'
  node.membership.primaryId = primaryId
  node.link = 'down'
  resume(node)
}

/** What each node had to learn from each other one when they last spoke, by the sizes of their tables. */
const learned = new WeakMap<FakeMembership, Map<string, string>>()
/** From here on tables are compared by size first: who learns from whom is then the cube of the nodes, every beat. */
const largeTable = 64

function learnOfOthers(node: Member, other: Member, beat: number): void {
  const mine = node.membership
  if (mine.peers.size > largeTable) {
    const before = learned.get(mine) ?? new Map<string, string>()
    learned.set(mine, before)
    const sizes = `${mine.peers.size} ${other.membership.peers.size}`
    if (before.get(other.membership.id) === sizes) return
    before.set(other.membership.id, sizes)
  }
  for (const peer of other.membership.peers.values()) {
    if (peer.handshake || peer.noAddress || peer.health === 'failed') continue
    if (peer.id === mine.id || mine.peers.has(peer.id)) continue
    if ((mine.forgotten.get(peer.id) ?? 0) > beat) continue
    // Trusted at once, under its own id: only CLUSTER MEET begins with a handshake.
    mine.peers.set(peer.id, { ...peer, health: 'ok', heardAtBeat: beat })
  }
}

function suspect({ membership, directives }: Member, beat: number): void {
  const timeoutMs = Number(directives.get('cluster-node-timeout'))
  for (const peer of membership.peers.values()) {
    if (peer.noAddress) continue
    const silentMs = (beat - peer.heardAtBeat) * beatMs
    if (peer.handshake && silentMs > Math.max(timeoutMs, 1_000)) membership.peers.delete(peer.id)
    else if (peer.health === 'ok' && silentMs > timeoutMs) peer.health = 'failing'
  }
}

function agreeOnFailures(node: Member, members: readonly Member[]): void {
  const { peers } = node.membership
  const needed = Math.floor(voters(node.membership).length / 2) + 1
  for (const peer of peers.values()) {
    if (peer.health !== 'failing') continue
    const reports = members.filter(
      voter =>
        (voter === node || (peers.has(voter.membership.id) && !voter.isolated && !node.isolated)) &&
        owns(voter.membership, voter.membership.id) &&
        ['failing', 'failed'].includes(voter.membership.peers.get(peer.id)?.health ?? 'ok'),
    )
    if (reports.length >= needed) peer.health = 'failed'
  }
}

const owns = (membership: FakeMembership, id: string): boolean => (membership.slots.get(id) ?? []).length > 0

const voters = (membership: FakeMembership): readonly string[] =>
  [...membership.slots.keys()].filter(id => owns(membership, id))

/** What `CLUSTER NODES` and `CLUSTER INFO` would say on this node. */
export function clusterView(node: FakeNode): ClusterView | undefined {
  const { membership } = node
  if (!membership) return undefined
  const self = {
    id: membership.id,
    host: node.place.address,
    port: node.place.port,
    busPort: node.place.busPort,
    role: node.role,
    primaryId: membership.primaryId,
    known: true,
    health: 'ok' as const,
    linkUp: true,
    configEpoch: membership.primaryId
      ? (membership.peers.get(membership.primaryId)?.configEpoch ?? 0)
      : membership.configEpoch,
    slots: slotsOf(membership, membership.id),
  }
  return {
    myId: membership.id,
    ok: clusterOk(node, membership),
    currentEpoch: membership.currentEpoch,
    peers: [
      self,
      ...[...membership.peers.values()].map(peer => ({
        id: peer.id,
        host: peer.noAddress ? '' : peer.host,
        port: peer.noAddress ? 0 : peer.port,
        busPort: peer.noAddress ? 0 : peer.busPort,
        role: peer.role,
        primaryId: peer.primaryId,
        known: !peer.handshake && !peer.noAddress,
        health: peer.health,
        linkUp: peer.health === 'ok' && !peer.handshake && !peer.noAddress,
        configEpoch: peer.configEpoch,
        slots: slotsOf(membership, peer.id),
      })),
    ],
    migrating: Object.fromEntries(membership.migrating),
    importing: Object.fromEntries(membership.importing),
  }
}

const slotsOf = (membership: FakeMembership, id: string): readonly SlotRange[] =>
  normaliseSlots(membership.slots.get(id) ?? [])

/** Most of the primaries that own slots must be reachable; uncovered slots do not count, as ElastiCache configures it. */
function clusterOk(node: FakeNode, membership: FakeMembership): boolean {
  const voting = voters(membership)
  const reachable = voting.filter(id => id === membership.id || membership.peers.get(id)?.health === 'ok')
  return reachable.length >= Math.floor(voting.length / 2) + 1 && node.running && node.settlingBeats === 0
}
