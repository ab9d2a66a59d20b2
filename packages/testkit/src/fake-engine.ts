/**
 * Engines without processes or sockets: a whole cluster in memory whose time only moves when a test says so. It passes the
 * same conformance suite as the real engines, so what a planner learns here holds there.
 * `engine` is what control sees; the rest is the hand of fate: processes start and die, freeze, lose the network.
 */
import {
  Bug,
  type CacheEngine,
  type ControlTarget,
  type EngineFiles,
  type EngineSetup,
  type EngineView,
  logDirectory,
  logManifest,
  type NodePlace,
  Unavailable,
} from '@hotshelf/domain'
import { closeLog, type FakeDisk, openLog, rewriteLogs } from './fake-engine/log.ts'
import { performOn } from './fake-engine/commands.ts'
import { denied, greeted, login } from './fake-engine/users.ts'
import { clusterView, gossipOnce } from './fake-engine/gossip.ts'
import {
  answers,
  fakeId,
  type FakeCustomer,
  type FakeMembership,
  type FakeNode,
  joiningMembership,
  newMembership,
  seededMembership,
  startedNode,
} from './fake-engine/node.ts'
import { moveFakeSlots, type MovingNode, redirection } from './fake-engine/slots.ts'
import { followed, listensOn, replicateOnce, resume, sourceOf } from './fake-engine/replication.ts'

export { beatMs } from './fake-engine/gossip.ts'
export type { FakeNode } from './fake-engine/node.ts'

export interface FakeEngines {
  readonly engine: CacheEngine
  /** The process starts from these files (of `engine.render`), remembering its cluster; without data, but for that of its log. */
  start(place: NodePlace, files: EngineFiles & { readonly without?: readonly string[] }): void
  /** What is in its directory, as far as control asks for it. */
  files(place: NodePlace): readonly string[]
  /** The data that it was started to load; until then it answers nobody. */
  feed(place: NodePlace, data: Uint8Array): void
  /** The process ends, and its memory with it. */
  stop(place: NodePlace): void
  /** Its directory goes too: a later start is a new member with a new id. */
  remove(place: NodePlace): void
  freeze(place: NodePlace, frozen: boolean): void
  /** Cuts the node off from its peers, or lets it back. */
  isolate(place: NodePlace, isolated: boolean): void
  /** Lets time pass, in steps of 100 ms: one round of gossip and one of replication each. */
  beat(times?: number): void
  /** Cuts the next move of slots before its n-th piece: a state that is set, or a key. */
  cutMoves(pieces: number): void
  /** Live state, for assertions and for tampering; undefined where nothing was ever started. */
  node(place: NodePlace): FakeNode | undefined
  /** Every node that was ever started and not removed. */
  all(): readonly FakeNode[]
  /** Throws when nothing listens there. */
  connect(address: string, port: number): FakeConnection
}

/** A customer's connection; understands PING, AUTH (with a name or without), SELECT, GET, SET, DEL and DBSIZE. */
export interface FakeConnection {
  text(...command: readonly string[]): Promise<string>
  readonly closed: boolean
  close(): void
}

const setupFile = 'fake-engine.json'

export function fakeEngines(): FakeEngines {
  const nodes = new Map<string, FakeNode>()
  const memberships = new Map<string, FakeMembership>()
  const disks = new Map<string, FakeDisk>()
  const listeners = new Set<(place: NodePlace) => void>()
  const cut = { piecesLeft: Number.POSITIVE_INFINITY }
  let beats = 0
  let ids = 0

  /** A node that answers, or Unavailable as from a connection that was refused or a deadline that passed. */
  function reach({ place, password }: ControlTarget): FakeNode {
    const node = nodes.get(place.controlSocket)
    if (!node?.running) throw new Unavailable(`${place.node}: no connection`)
    if (!answers(node)) throw new Unavailable(`${place.node}: no answer`)
    if (node.setup.controlPassword !== password) throw new Bug(`${place.node}: login: WRONGPASS`)
    node.connected = true
    return node
  }

  const world = () => ({ nodes: [...nodes.values()], beat: beats })

  function stop(place: NodePlace): void {
    const node = nodes.get(place.controlSocket)
    if (!node?.running) return
    node.running = false
    closeLog(node)
    for (const customer of node.customers) customer.closed = true
    resume(node)
    const noticed = node.connected
    node.connected = false
    if (noticed) for (const listener of listeners) listener(place)
  }

  const engine: CacheEngine = {
    render: setup => ({ arguments: [setupFile], files: [{ name: setupFile, content: JSON.stringify(setup) }] }),
    observe: async (target, directives) => viewOf(reach(target), world().nodes, directives),
    perform: async (target, command) => performOn(reach(target), command, { ...world(), place: target.place }),
    ping: async target => void reach(target),
    moveSlots: async move => {
      const source = memberAt(reach(move.source))
      const target = memberAt(reach(move.target))
      const others = move.others.flatMap(other => {
        const node = nodes.get(other.place.controlSocket)
        return answers(node) && node.membership ? [node as MovingNode] : []
      })
      return moveFakeSlots(move, { source, target, others }, cut)
    },
    giveUpMoves: () => {},
    async *dump(target) {
      yield Buffer.from(JSON.stringify([...reach(target).data]))
    },
    onLost: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    forget: place => {
      const node = nodes.get(place.controlSocket)
      if (node) node.connected = false
    },
    close: async () => {
      for (const node of nodes.values()) node.connected = false
    },
  }

  return {
    engine,
    start: (place, { files, without = [] }) => {
      const setup = JSON.parse(files.find(({ name }) => name === setupFile)?.content ?? 'null') as EngineSetup
      if (nodes.get(place.controlSocket)?.running) throw new Error(`${place.node} runs already`)
      const other = [...nodes.values()].find(node => listensOn(node, place.address, place.port))
      if (other) throw new Error(`${place.node} cannot start: ${other.place.node} listens on ${place.address}`)
      const key = place.controlSocket
      if (setup.clusterMode && setup.clusterJoin)
        memberships.set(key, joiningMembership(place, setup.clusterJoin, beats))
      if (setup.clusterMode && !memberships.has(key)) {
        const { clusterSeed } = setup
        memberships.set(
          key,
          clusterSeed ? seededMembership(place, clusterSeed, beats) : newMembership(fakeId(`node ${++ids}`)),
        )
      }
      const membership = setup.clusterMode ? memberships.get(key) : undefined
      if (membership && setup.replaced) membership.configEpoch = setup.replaced.configEpoch
      const disk = disks.get(key) ?? { log: undefined }
      disks.set(key, disk)
      if (without.includes(logDirectory)) disk.log = undefined
      const node = startedNode(setup, membership, disk)
      openLog(node)
      nodes.set(key, node)
    },
    feed: (place, data) => {
      const node = nodes.get(place.controlSocket)
      if (!node?.awaitsData) throw new Error(`${place.node} does not wait for data`)
      for (const [name, value] of JSON.parse(Buffer.from(data).toString()) as [string, string][])
        node.data.set(name, value)
      node.awaitsData = false
    },
    files: ({ controlSocket }) => (disks.get(controlSocket)?.log ? [logDirectory, logManifest] : []),
    stop,
    remove: place => {
      stop(place)
      nodes.delete(place.controlSocket)
      memberships.delete(place.controlSocket)
      disks.delete(place.controlSocket)
    },
    freeze: (place, frozen) => {
      const node = nodes.get(place.controlSocket)
      if (node) node.frozen = frozen
    },
    isolate: (place, isolated) => {
      const node = nodes.get(place.controlSocket)
      if (node) node.isolated = isolated
    },
    beat: (times = 1) => {
      for (let i = 0; i < times; i++) {
        beats += 1
        gossipOnce(nodes.values(), beats)
        replicateOnce([...nodes.values()])
        rewriteLogs([...nodes.values()])
        for (const node of nodes.values()) if (node.pausedUntil !== undefined && node.pausedUntil <= beats) resume(node)
      }
    },
    cutMoves: pieces => void (cut.piecesLeft = pieces),
    node: place => nodes.get(place.controlSocket),
    all: () => [...nodes.values()],
    connect: (address, port) => {
      const node = [...nodes.values()].find(each => listensOn(each, address, port))
      if (!node) throw new Error(`connection refused: ${address}:${port}`)
      return connectionTo(node, address, port)
    },
  }
}

function memberAt(node: FakeNode): MovingNode {
  if (!node.membership) throw new Bug(`${node.place.node}: ERR This instance has cluster support disabled`)
  return node as MovingNode
}

function viewOf(node: FakeNode, nodes: readonly FakeNode[], directives: readonly string[]): EngineView {
  const { setup, role, offset, directives: live } = node
  const following = followed(node)
  const followers = nodes.filter(other => other.running && other.role === 'replica' && sourceOf(other, nodes) === node)
  return {
    version: setup.binary.version,
    role,
    loading: false,
    offset,
    following:
      role === 'replica'
        ? {
            host: following?.host ?? '',
            port: following?.port ?? 0,
            linkUp: node.link === 'copied' || node.link === 'up',
            receiving: node.link === 'up',
          }
        : undefined,
    followers: followers
      .filter(({ link }) => link !== 'down')
      .map(follower => ({
        host: follower.place.hostname,
        port: follower.place.port,
        online: follower.link !== 'copying',
        offset: follower.offset,
        lagSeconds: 0,
      })),
    boundAddresses: node.bound,
    log: node.log,
    directives: Object.fromEntries(
      directives.flatMap(name => (live.has(name) ? [[name, live.get(name) as string]] : [])),
    ),
    cluster: clusterView(node),
    usedMemoryBytes: 1_000_000 + [...node.data].reduce((sum, [key, value]) => sum + key.length + value.length, 0),
  }
}

function connectionTo(node: FakeNode, address: string, port: number): FakeConnection {
  const customer: FakeCustomer = { address, port, closed: false, user: greeted(node.access), database: 0 }
  node.customers.add(customer)
  return {
    get closed() {
      return customer.closed
    },
    close: () => {
      customer.closed = true
      node.customers.delete(customer)
    },
    text: async (...command) => {
      if (customer.closed || !node.running) throw new Error('connection closed')
      if (node.frozen) return new Promise<string>(() => {})
      return answerTo(node, customer, command)
    },
  }
}

function answerTo(node: FakeNode, customer: FakeCustomer, words: readonly string[]): string | Promise<string> {
  const [name = '', key = '', value = ''] = words
  const command = name.toUpperCase()
  if (command === 'AUTH') {
    const user = login(node, words.length < 3 ? ['default', key] : [key, value])
    if (user === undefined) return 'WRONGPASS invalid username-password pair or user is disabled.'
    customer.user = user
    return 'OK'
  }
  if (customer.user === undefined) return 'NOAUTH Authentication required.'
  const denial = denied(node.access, customer.user, command, key)
  if (denial !== undefined) return denial
  if (command === 'PING') return 'PONG'
  if (command === 'SELECT') {
    if (key !== '0' && node.membership) return 'ERR SELECT is not allowed in cluster mode'
    if (key !== '0' && node.onlyDatabase0) return "NOPERM User default has no permissions to run the 'select' command"
    customer.database = Number(key)
    return 'OK'
  }
  const data = customer.database === 0 ? node.data : node.otherData
  if (command === 'DBSIZE') return String(data.size)
  if ((command === 'GET' || command === 'SET') && node.settlingBeats > 0) return 'CLUSTERDOWN The cluster is down'
  const elsewhere = command === 'GET' || command === 'SET' ? redirection(node, key) : undefined
  if (elsewhere !== undefined) return elsewhere
  if (command === 'GET') return String(data.get(key) ?? null)
  if (command === 'DEL' && data.delete(key)) return '1'
  if (command !== 'SET') return `ERR unknown command '${name}', with args beginning with: `
  if (node.pausedUntil !== undefined) {
    return new Promise((resolve, reject) => {
      node.waiting.push(() =>
        customer.closed || !node.running
          ? reject(new Error('connection closed'))
          : resolve(answerTo(node, customer, [name, key, value])),
      )
    })
  }
  if (node.role === 'replica') return "READONLY You can't write against a read only replica."
  data.set(key, value)
  node.offset += key.length + value.length + 30
  return 'OK'
}
