/**
 * What a fake node is: its process, its data, and what it believes of its cluster. Plain mutable state; the laws by which
 * it changes are in `replication.ts`, `gossip.ts` and `commands.ts`.
 */
import { createHash } from 'node:crypto'
import type {
  ClusterJoin,
  ClusterPeer,
  CustomerAccess,
  EngineSetup,
  NodePlace,
  SeedShard,
  SlotRange,
} from '@hotshelf/domain'
import type { FakeDisk, FakeLogState } from './log.ts'

/** One peer in a node's own table, as `CLUSTER NODES` would list it. */
export interface FakePeer {
  id: string
  host: string
  port: number
  busPort: number
  role: 'primary' | 'replica'
  primaryId: string | undefined
  configEpoch: number
  /** Met but not answered yet; its id is a placeholder until then. */
  handshake: boolean
  /** Another process answers at its address. */
  noAddress: boolean
  health: ClusterPeer['health']
  heardAtBeat: number
}

/** Survives the process, as nodes.conf does. */
export interface FakeMembership {
  readonly id: string
  configEpoch: number
  currentEpoch: number
  primaryId: string | undefined
  readonly peers: Map<string, FakePeer>
  /** Who owns which slots, as this node believes; its own id included. */
  readonly slots: Map<string, readonly SlotRange[]>
  /** Forgotten peers and the beat until which gossip may not bring them back. */
  readonly forgotten: Map<string, number>
  readonly migrating: Map<number, string>
  readonly importing: Map<number, string>
}

export interface FakeCustomer {
  readonly address: string
  readonly port: number
  /** The engine has closed the connection, or the process is gone. */
  closed: boolean
  /** The name he is logged in with; undefined before he is. */
  user: string | undefined
  database: number
}

export interface FakeNode {
  /** Its ports change with its encryption. */
  place: NodePlace
  setup: EngineSetup
  running: boolean
  frozen: boolean
  /** Started to load data that it was not given yet. */
  awaitsData: boolean
  /** Cut off from its peers; control's socket is on the same machine and goes on working. */
  isolated: boolean
  /** Control has spoken to this process, so its end will be noticed. */
  connected: boolean
  role: 'primary' | 'replica'
  offset: number
  readonly data: Map<string, string>
  /** Of every database but 0. */
  readonly otherData: Map<string, string>
  /** Customers reach database 0 only. */
  onlyDatabase0: boolean
  /** A replica's primary, where cluster mode is disabled. */
  follow: { readonly host: string; readonly port: number } | undefined
  /** `copied`: it has its copy, and the stream has not begun. */
  link: 'down' | 'copying' | 'copied' | 'up'
  bound: readonly string[]
  readonly directives: Map<string, string>
  access: CustomerAccess
  /** Of users who log in by tokens. */
  readonly tokens: Map<string, readonly string[]>
  membership: FakeMembership | undefined
  /** So long it serves nobody: a primary that starts in a cluster may be an old one, and waits for news of its successor. */
  settlingBeats: number
  readonly customers: Set<FakeCustomer>
  log: FakeLogState
  /** Until a log that is starting is rewritten. */
  logBeats: number
  readonly disk: FakeDisk
  /** Customers' writes are held back until this beat. */
  pausedUntil: number | undefined
  /** Goes on with the writes that are held back. */
  waiting: (() => void)[]
}

/** An id that looks like the engine's and is the same in every run of a test. */
export const fakeId = (seed: string): string => createHash('sha1').update(seed).digest('hex')

/** Two seconds (`CLUSTER_WRITABLE_DELAY`), at ten beats a second. */
const settlingBeats = 20

/** A node as it is right after its process started: no data, and the cluster as it remembers it. */
export function startedNode(setup: EngineSetup, membership: FakeMembership | undefined, disk: FakeDisk): FakeNode {
  const { follow } = setup
  const following = setup.clusterMode ? membership?.primaryId !== undefined : follow !== undefined
  return {
    place: setup.place,
    setup,
    running: true,
    frozen: false,
    awaitsData: setup.loadFrom !== undefined,
    isolated: false,
    connected: false,
    role: following ? 'replica' : 'primary',
    offset: 0,
    data: new Map(),
    otherData: new Map(),
    onlyDatabase0: setup.onlyDatabase0 === true && !setup.clusterMode,
    follow: setup.clusterMode ? undefined : follow,
    link: 'down',
    bound: [setup.place.address],
    directives: new Map([
      ['maxmemory', String(setup.maxmemoryBytes)],
      ...portDirectives(setup.place, setup.transitEncryption),
      ['cluster-node-timeout', String(setup.clusterNodeTimeoutMs)],
      ...setup.directives.map(({ name, value }) => [name, value] as const),
    ]),
    access: setup.access,
    tokens: new Map(),
    membership,
    settlingBeats: setup.clusterMode && !following ? settlingBeats : 0,
    customers: new Set(),
    log: 'off',
    logBeats: 0,
    disk,
    pausedUntil: undefined,
    waiting: [],
  }
}

export function portDirectives(place: NodePlace, transitEncryption: EngineSetup['transitEncryption']) {
  const plain = transitEncryption === 'required' ? 0 : place.port
  const tls = { off: 0, preferred: place.tlsPort ?? 0, required: place.port }[transitEncryption]
  return [
    ['port', String(plain)],
    ['tls-port', String(tls)],
  ] as const
}

export const newMembership = (id: string): FakeMembership => ({
  id,
  configEpoch: 0,
  currentEpoch: 0,
  primaryId: undefined,
  peers: new Map(),
  slots: new Map(),
  forgotten: new Map(),
  migrating: new Map(),
  importing: new Map(),
})

/** Who a new cluster's nodes are to each other before anybody spoke: all replicas of stand-ins without an address. */
export function seededMembership(place: NodePlace, seed: readonly SeedShard[], beat: number): FakeMembership {
  const idOf = (node: NodePlace) => fakeId(`seeded ${node.controlSocket}`)
  const membership = { ...newMembership(idOf(place)), currentEpoch: seed.length }
  const known = {
    primaryId: undefined,
    handshake: false,
    noAddress: false,
    health: 'ok',
    heardAtBeat: beat,
  } as const
  for (const [i, { slots, nodes }] of seed.entries()) {
    const configEpoch = i + 1
    const id = fakeId(`stand-in ${configEpoch} of ${seed[0]?.nodes[0]?.controlSocket}`)
    const nowhere = { host: '', port: 0, busPort: 0, noAddress: true }
    membership.peers.set(id, { ...known, ...nowhere, id, role: 'primary', configEpoch })
    membership.slots.set(id, slots)
    for (const node of nodes) {
      if (node.controlSocket === place.controlSocket) membership.primaryId = id
      else
        membership.peers.set(idOf(node), {
          ...known,
          ...addressOf(node),
          id: idOf(node),
          role: 'replica',
          primaryId: id,
          configEpoch,
        })
    }
  }
  return membership
}

/** As from nodes.conf of a shard that changes over: `primary` owns the slots, whether it speaks the protocol or not. */
export function joiningMembership(place: NodePlace, join: ClusterJoin, beat: number): FakeMembership {
  const idOf = (member: ClusterJoin['members'][number]) => member.id ?? fakeId(`seeded ${member.place.controlSocket}`)
  const owner = join.members.find(member => member.place.node === join.primary)
  const ownerId = owner ? idOf(owner) : fakeId('nobody')
  const own = join.members.find(member => member.place.controlSocket === place.controlSocket)
  const membership = { ...newMembership(own ? idOf(own) : fakeId(`seeded ${place.controlSocket}`)) }
  membership.currentEpoch = join.currentEpoch
  membership.slots.set(ownerId, join.slots)
  if (membership.id === ownerId) membership.configEpoch = join.configEpoch
  else membership.primaryId = ownerId
  for (const member of join.members) {
    const id = idOf(member)
    if (id === membership.id) continue
    const roles = id === ownerId ? ({ role: 'primary' } as const) : ({ role: 'replica', primaryId: ownerId } as const)
    const flags = { handshake: false, noAddress: false, health: 'ok', heardAtBeat: beat } as const
    membership.peers.set(id, {
      primaryId: undefined,
      ...roles,
      ...flags,
      ...addressOf(member.place),
      id,
      configEpoch: join.configEpoch,
    })
  }
  return membership
}

const addressOf = ({ address, port, busPort }: NodePlace) => ({ host: address, port, busPort })

/** Answers: a process that is stopped by a signal is alive and never will, nor one without its data. */
export const answers = (node: FakeNode | undefined): node is FakeNode =>
  node !== undefined && node.running && !node.frozen && !node.awaitsData
