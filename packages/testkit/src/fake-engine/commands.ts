/**
 * What each engine command does to a fake node, with the same post-conditions and the same kinds of error as the real
 * engines': done already is a success, news the caller has not seen yet is Unavailable, nonsense is a Bug.
 */
import { Bug, type EngineCommand, type NodePlace, normaliseSlots, subtractSlots, Unavailable } from '@hotshelf/domain'
import { beatMs, forgetBeats } from './gossip.ts'
import { switchLog } from './log.ts'
import { answers, fakeId, type FakeMembership, type FakeNode, portDirectives } from './node.ts'
import { listensOn, resume, sourceOf } from './replication.ts'
import { isUser } from './users.ts'

export interface FakeWorld {
  /** Where whoever asks believes the node to be. */
  readonly place: NodePlace
  readonly nodes: readonly FakeNode[]
  readonly beat: number
}

const handOverBeats = 5_000 / beatMs

type Performers = {
  readonly [D in EngineCommand['do']]: (
    node: FakeNode,
    command: Extract<EngineCommand, { readonly do: D }>,
    world: FakeWorld,
  ) => void
}

const performers: Performers = {
  meet: (node, { host, port, busPort }, { beat }) => {
    const { peers } = membershipOf(node)
    if (node.place.address === host) return
    if ([...peers.values()].some(peer => peer.host === host && peer.busPort === busPort && !peer.noAddress)) return
    const id = fakeId(`handshake ${node.place.node} ${host}:${busPort} ${beat}`)
    const unknown = { role: 'primary', primaryId: undefined, configEpoch: 0, noAddress: false, health: 'ok' } as const
    peers.set(id, { ...unknown, id, host, port, busPort, handshake: true, heardAtBeat: beat })
  },
  forget: (node, { peerId }, { beat }) => {
    const membership = membershipOf(node)
    if (peerId === membership.id) throw new Bug("CLUSTER FORGET: I tried hard but I can't forget myself...")
    if (peerId === membership.primaryId) throw new Unavailable("CLUSTER FORGET: Can't forget my master!")
    if (!membership.peers.delete(peerId)) return
    membership.slots.delete(peerId)
    membership.forgotten.set(peerId, beat + forgetBeats)
  },
  'add-slots': (node, { ranges }) => {
    const { id, slots } = membershipOf(node)
    const mine = slots.get(id) ?? []
    const missing = subtractSlots(ranges, mine)
    const others = [...slots].flatMap(([owner, owned]) => (owner === id ? [] : owned))
    const [taken] = subtractSlots(missing, subtractSlots(missing, others))
    if (taken) throw new Unavailable(`CLUSTER ADDSLOTS: Slot ${taken.from} is already busy`)
    slots.set(id, normaliseSlots([...mine, ...missing]))
  },
  'set-config-epoch': (node, { epoch }) => {
    const membership = membershipOf(node)
    if (membership.configEpoch === epoch) return
    if (membership.configEpoch !== 0 || membership.peers.size > 0) {
      throw new Unavailable('CLUSTER SET-CONFIG-EPOCH: Node config epoch is already non-zero')
    }
    membership.configEpoch = epoch
    membership.currentEpoch = Math.max(membership.currentEpoch, epoch)
  },
  replicate: (node, { primaryId }) => replicate(node, membershipOf(node), primaryId),
  'take-over': (node, { listenOn }, world) => {
    takeOver(node, membershipOf(node))
    if (listenOn) performers.bind(node, { do: 'bind', addresses: listenOn }, world)
  },
  follow: (node, { host, port }) => {
    if (node.membership) throw new Bug('REPLICAOF not allowed in cluster mode.')
    if (node.role === 'replica' && node.follow?.host === host && node.follow.port === port) return
    Object.assign(node, { role: 'replica', follow: { host, port }, link: 'down' })
  },
  promote: (node, { listenOn }, world) => {
    if (node.membership) throw new Bug('REPLICAOF not allowed in cluster mode.')
    Object.assign(node, { role: 'primary', follow: undefined, link: 'down' })
    if (listenOn) performers.bind(node, { do: 'bind', addresses: listenOn }, world)
  },
  bind: (node, { addresses }, { nodes }) => {
    const added = addresses.filter(address => !node.bound.includes(address))
    const ports = [node.place.port, node.place.tlsPort].filter(port => port !== undefined)
    const held = added.find(address =>
      ports.some(port => nodes.some(other => other !== node && listensOn(other, address, port))),
    )
    if (held !== undefined) throw new Unavailable(`CONFIG SET bind: another process listens on one of ${held}`)
    node.bound = [...addresses]
  },
  configure: (node, { directives }) => {
    for (const { name, value } of directives) node.directives.set(name, value)
    switchLog(node)
  },
  'set-access': (node, { access, onlyDatabase0 = false, takenOver = [] }) => {
    node.access = access
    for (const name of node.tokens.keys())
      if (takenOver.includes(name) || !isUser(access, name)) node.tokens.delete(name)
    for (const customer of node.customers)
      if (customer.user !== undefined && (takenOver.includes(customer.user) || !isUser(access, customer.user))) {
        customer.closed = true
        node.customers.delete(customer)
      }
    const wanted = onlyDatabase0 && !node.membership
    node.onlyDatabase0 = wanted && node.otherData.size === 0
    if (!wanted) return
    if (node.otherData.size > 0) throw new Unavailable('another database holds keys')
    for (const customer of node.customers) {
      if (customer.database === 0) continue
      customer.closed = true
      node.customers.delete(customer)
    }
  },
  'set-passwords': (node, { name, hashes, longestConnectionSeconds }) => {
    if (!isUser(node.access, name)) throw new Unavailable(`there is no user ${name} yet`)
    node.tokens.set(name, hashes)
    if (longestConnectionSeconds > 0) return
    for (const customer of node.customers) {
      if (customer.user !== name) continue
      customer.closed = true
      node.customers.delete(customer)
    }
  },
  'cut-clients': (node, { address, port }) => {
    for (const customer of node.customers) {
      if (customer.address !== address || customer.port !== port) continue
      customer.closed = true
      node.customers.delete(customer)
    }
  },
  flush: node => {
    if (node.role === 'replica') throw new Unavailable("READONLY You can't write against a read only replica.")
    node.data.clear()
  },
  'close-slots': (node, { slots }) => {
    const { importing, migrating } = membershipOf(node)
    for (const slot of slots) {
      importing.delete(slot)
      migrating.delete(slot)
    }
  },
  'pause-writes': (node, { forMs }, { beat }) => {
    node.pausedUntil = beat + Math.ceil(forMs / beatMs)
  },
  'resume-writes': resume,
  'catch-up': (node, { offset }) => {
    if (node.offset < offset)
      throw new Unavailable(`it holds ${node.offset} of ${offset} bytes of its primary's stream`)
  },
  'hand-over': (node, _, { nodes, beat }) => {
    const membership = membershipOf(node)
    if (node.role === 'primary') return
    const primary = sourceOf(node, nodes)
    if (!primary || !answers(primary) || node.link !== 'up' || primary.isolated || node.isolated) {
      throw new Unavailable('CLUSTER FAILOVER: Master is down or failed, please use CLUSTER FAILOVER FORCE')
    }
    // The primary holds its clients back until it hears of its successor, or five seconds.
    primary.pausedUntil = beat + handOverBeats
    node.data.clear()
    for (const [key, value] of primary.data) node.data.set(key, value)
    node.offset = primary.offset
    takeOver(node, membership)
  },
  encrypt: (node, { transitEncryption }, { place }) => {
    node.place = place
    for (const [name, value] of portDirectives(place, transitEncryption)) node.directives.set(name, value)
  },
}

export function performOn(node: FakeNode, command: EngineCommand, world: FakeWorld): void {
  const perform = performers[command.do] as (node: FakeNode, command: EngineCommand, world: FakeWorld) => void
  perform(node, command, world)
}

function replicate(node: FakeNode, membership: FakeMembership, primaryId: string): void {
  if (membership.primaryId === primaryId) return
  const primary = membership.peers.get(primaryId)
  if (!primary || primary.handshake) throw new Unavailable(`CLUSTER REPLICATE: Unknown node ${primaryId}`)
  if (primary.role !== 'primary')
    throw new Unavailable('CLUSTER REPLICATE: I can only replicate a master, not a replica.')
  const ownsSlots = (membership.slots.get(membership.id) ?? []).length > 0
  if (node.role === 'primary' && (ownsSlots || node.data.size > 0)) {
    throw new Bug('CLUSTER REPLICATE: To set a master the node must be empty and without assigned slots.')
  }
  membership.primaryId = primaryId
  Object.assign(node, { role: 'replica', link: 'down' })
}

function takeOver(node: FakeNode, membership: FakeMembership): void {
  const { primaryId, slots, id } = membership
  if (node.role === 'primary' || primaryId === undefined) return
  membership.currentEpoch += 1
  membership.configEpoch = membership.currentEpoch
  slots.set(id, slots.get(primaryId) ?? [])
  slots.set(primaryId, [])
  membership.primaryId = undefined
  Object.assign(node, { role: 'primary', link: 'down' })
}

function membershipOf(node: FakeNode): FakeMembership {
  if (!node.membership) throw new Bug('ERR This instance has cluster support disabled')
  return node.membership
}
