/**
 * What control relies on, whatever engine a node runs: the same suite for Valkey, Redis and the fake. It speaks to nodes
 * through the port and looks at them as a customer does; it never asks which engine it is.
 * Every wait is for a condition with a generous bound, never for an amount of time.
 */
import {
  Bug,
  type CacheEngine,
  type ControlTarget,
  type EngineCommand,
  type EngineFiles,
  type EngineSetup,
  type EngineView,
  type InstalledEngine,
  type NodePlace,
  Unavailable,
} from '@hotshelf/domain'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

export interface NodeWish {
  readonly transitEncryption?: EngineSetup['transitEncryption']
  readonly hostname?: string
}

/** A customer's connection; error replies come back as their text. Rejects once the connection is closed. */
export interface Customer {
  text(...command: readonly string[]): Promise<string>
  readonly closed: boolean
  close(): void
}

export interface CustomerWish {
  /** Default: the node's own address. */
  readonly address?: string
  readonly tls?: boolean
}

export interface NodeUnderTest {
  readonly place: NodePlace
  start(files: EngineFiles): Promise<void>
  /** Ends the process at once; its directory stays. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  customer(wish?: CustomerWish): Promise<Customer>
}

export interface World {
  readonly engine: CacheEngine
  newNode(wish?: NodeWish): NodeUnderTest
  /** An address of nobody yet, for an endpoint. */
  newAddress(): string
  /** Lets a little time pass. */
  pass(): Promise<void>
  /** Makes the node fork a child as a snapshot does, and returns at once. */
  fork(target: ControlTarget): Promise<void>
  close(): Promise<void>
}

export type Topic = 'transit encryption' | 'restricted commands' | 'forks' | 'quoting'

export interface CacheEngineConformance {
  readonly name: string
  readonly binary: InstalledEngine
  newWorld(): World
  /** Topics that cannot hold here, each with its reason. */
  readonly skip?: Partial<Record<Topic, string>>
}

const password = 'control "password" \\ 0123456789'

interface Running {
  readonly node: NodeUnderTest
  readonly target: ControlTarget
  readonly setup: EngineSetup
}

type SetupWish = Partial<Pick<EngineSetup, 'clusterMode' | 'directives' | 'access' | 'follow'>> & NodeWish

export function describeCacheEngine(conformance: CacheEngineConformance): void {
  describe(`cache engine: ${conformance.name}`, () => {
    const suite = newSuite(conformance)
    describeStandalone(suite)
    describeReplication(suite)
    describeCluster(suite)
    describeAccess(suite)
    describeLoss(suite)
    topic(conformance, 'transit encryption', () => describeTransitEncryption(suite))
    topic(conformance, 'restricted commands', () => describeRestrictedCommands(suite))
    topic(conformance, 'quoting', () => describeQuoting(suite))
    topic(conformance, 'forks', () => describeForks(suite))
  })
}

function topic({ skip }: CacheEngineConformance, name: Topic, body: () => void): void {
  const reason = skip?.[name]
  if (reason === undefined) body()
  else it.skip(`${name}: ${reason}`, () => {})
}

type Suite = ReturnType<typeof newSuite>

function newSuite({ binary, newWorld }: CacheEngineConformance) {
  let world: World
  beforeAll(() => {
    world = newWorld()
  })
  const started: NodeUnderTest[] = []
  afterEach(async () => {
    for (const node of started.splice(0)) {
      world.engine.forget(node.place)
      await node.kill()
    }
  })
  afterAll(async () => {
    await world.engine.close()
    await world.close()
  })

  /** Polls until `ready` gives something; its last error or value is the failure's explanation. */
  async function until<T>(what: string, ready: () => Promise<T | undefined | false>): Promise<T> {
    let last: unknown
    for (const end = Date.now() + 60_000; Date.now() < end; await world.pass()) {
      try {
        const value = await ready()
        if (value !== undefined && value !== false) return value
      } catch (error) {
        if (error instanceof Bug) throw error
        last = error
      }
    }
    throw new Error(`never: ${what}`, { cause: last })
  }

  const observe = ({ target }: Running, directives: readonly string[] = []) => world.engine.observe(target, directives)

  async function restart({ node, setup, target }: Running, change: Partial<EngineSetup> = {}): Promise<Running> {
    await node.start(world.engine.render({ ...setup, ...change }))
    const running = { node, setup, target }
    await until(`${node.place.node} answers`, () => observe(running))
    return running
  }

  async function start(wish: SetupWish = {}): Promise<Running> {
    const node = world.newNode(wish)
    started.push(node)
    const setup: EngineSetup = {
      binary,
      place: node.place,
      clusterMode: wish.clusterMode ?? false,
      transitEncryption: wish.transitEncryption ?? 'off',
      directives: wish.directives ?? [],
      maxmemoryBytes: 64 * 1024 * 1024,
      controlPassword: password,
      access: wish.access ?? { mode: 'open' },
      follow: wish.follow,
      clusterNodeTimeoutMs: 1_000,
    }
    return restart({ node, setup, target: { place: node.place, password } })
  }

  return {
    world: () => world,
    until,
    observe,
    start,
    restart,
    perform: ({ target }: Running, command: EngineCommand) => world.engine.perform(target, command),
    /** Waits until the node sees the world so. */
    sees: (running: Running, what: string, test: (view: EngineView) => boolean | undefined) =>
      until(`${running.node.place.node} sees ${what}`, async () => {
        const view = await observe(running)
        return test(view) && view
      }),
  }
}

const addressOf = ({ node }: Running) => ({ host: node.place.address, port: node.place.port })

function describeStandalone({ world, start, observe, perform, until }: Suite): void {
  describe('one node', () => {
    it('answers as an empty primary that listens on its own address alone', async () => {
      const node = await start()
      expect(await observe(node)).toMatchObject({
        version: node.setup.binary.version,
        role: 'primary',
        loading: false,
        offset: 0,
        following: undefined,
        followers: [],
        boundAddresses: [node.node.place.address],
        directives: {},
        cluster: undefined,
      })
      expect((await observe(node)).usedMemoryBytes).toBeGreaterThan(0)
    })

    it('starts with the parameters it was given and shows their live values', async () => {
      const node = await start({
        directives: [
          { name: 'maxmemory-policy', value: 'volatile-lru' },
          { name: 'slowlog-log-slower-than', value: '5000' },
        ],
      })
      const asked = ['maxmemory', 'maxmemory-policy', 'slowlog-log-slower-than', 'no-such-directive']
      expect((await observe(node, asked)).directives).toEqual({
        maxmemory: String(64 * 1024 * 1024),
        'maxmemory-policy': 'volatile-lru',
        'slowlog-log-slower-than': '5000',
      })
    })

    it('changes several parameters in one command, the last of a name winning', async () => {
      const node = await start()
      await perform(node, {
        do: 'configure',
        directives: [
          { name: 'maxmemory-policy', value: 'allkeys-lru' },
          { name: 'lfu-decay-time', value: '7' },
          { name: 'maxmemory-policy', value: 'allkeys-lfu' },
        ],
      })
      await perform(node, { do: 'configure', directives: [] })
      expect((await observe(node, ['maxmemory-policy', 'lfu-decay-time'])).directives).toEqual({
        'maxmemory-policy': 'allkeys-lfu',
        'lfu-decay-time': '7',
      })
    })

    it('serves clients on every address it is bound to, and on no other', async () => {
      const node = await start()
      const { address } = node.node.place
      const endpoint = world().newAddress()
      await expect(node.node.customer({ address: endpoint })).rejects.toThrow()
      await perform(node, { do: 'bind', addresses: [address, endpoint] })
      await perform(node, { do: 'bind', addresses: [address, endpoint] })
      expect((await observe(node)).boundAddresses).toEqual([address, endpoint])
      const customer = await node.node.customer({ address: endpoint })
      expect(await customer.text('PING')).toBe('PONG')
      await perform(node, { do: 'bind', addresses: [address] })
      expect((await observe(node)).boundAddresses).toEqual([address])
      await expect(node.node.customer({ address: endpoint })).rejects.toThrow()
      expect(await customer.text('PING')).toBe('PONG')
    })

    it('reports an address that another node holds as Unavailable and keeps listening on its own', async () => {
      const [holder, other] = [await start(), await start()]
      const endpoint = world().newAddress()
      await perform(holder, { do: 'bind', addresses: [holder.node.place.address, endpoint] })
      const bind: EngineCommand = { do: 'bind', addresses: [other.node.place.address, endpoint] }
      await expect(perform(other, bind)).rejects.toThrow(Unavailable)
      expect((await observe(other)).boundAddresses).toEqual([other.node.place.address])
      expect(await (await other.node.customer()).text('PING')).toBe('PONG')
      await holder.node.kill()
      await perform(other, bind)
      expect(await (await other.node.customer({ address: endpoint })).text('PING')).toBe('PONG')
    })

    it('cuts the clients of one address and leaves the others connected', async () => {
      const node = await start()
      const endpoint = world().newAddress()
      await perform(node, { do: 'bind', addresses: [node.node.place.address, endpoint] })
      const kept = await node.node.customer()
      const cut = await node.node.customer({ address: endpoint })
      expect(await cut.text('PING')).toBe('PONG')
      const command: EngineCommand = { do: 'cut-clients', address: endpoint, port: node.node.place.port }
      await perform(node, command)
      await perform(node, command)
      await until('the connection is closed', async () => cut.closed)
      expect(await kept.text('PING')).toBe('PONG')
    })

    it('forgets its data when flushed', async () => {
      const node = await start()
      const customer = await node.node.customer()
      expect(await customer.text('SET', 'key', 'value')).toBe('OK')
      await perform(node, { do: 'flush' })
      await perform(node, { do: 'flush' })
      expect(await customer.text('DBSIZE')).toBe('0')
    })

    it('refuses cluster commands as a Bug when it is not a member of a cluster', async () => {
      const node = await start()
      await expect(perform(node, { do: 'forget', peerId: 'a'.repeat(40) })).rejects.toThrow(Bug)
    })
  })
}

function describeReplication({ start, restart, observe, perform, sees, until }: Suite): void {
  const write = async ({ node }: Running, key: string, value = 'value') =>
    expect(await (await node.customer()).text('SET', key, value)).toBe('OK')
  const read = async ({ node }: Running, key: string) => (await node.customer()).text('GET', key)

  describe('replication', () => {
    it('follows a primary until both have the same offset, and each sees the other', async () => {
      const [primary, replica] = [await start(), await start()]
      await write(primary, 'before')
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      await sees(replica, 'a link', view => view.following?.linkUp)
      await write(primary, 'after')
      const { offset } = await observe(primary)
      expect(offset).toBeGreaterThan(0)
      const view = await sees(replica, 'all of it', seen => seen.offset >= offset)
      expect(view).toMatchObject({ role: 'replica', following: { ...addressOf(primary), linkUp: true }, followers: [] })
      const { followers } = await sees(primary, 'an acknowledgement', seen =>
        seen.followers.some(follower => follower.online && follower.offset >= offset),
      )
      expect(followers).toMatchObject([addressOf(replica)])
      expect([await read(replica, 'before'), await read(replica, 'after')]).toEqual(['value', 'value'])
    })

    it('keeps its link when it is told to follow whom it follows', async () => {
      const [primary, replica] = [await start(), await start()]
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      await sees(replica, 'a link', view => view.following?.linkUp)
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      expect((await observe(replica)).following?.linkUp).toBe(true)
    })

    it('starts as a replica when its setup says so, and never as what it was', async () => {
      const [first, second] = [await start(), await start()]
      await write(second, 'key', 'of the new primary')
      await first.node.kill()
      const returned = await restart(first, { follow: addressOf(second) })
      expect((await observe(returned)).role).toBe('replica')
      await sees(returned, 'a link', view => view.following?.linkUp)
      expect(await read(returned, 'key')).toBe('of the new primary')
    })

    it('serves writes with all its data once promoted, also when told twice', async () => {
      const [primary, replica] = [await start(), await start()]
      await write(primary, 'key')
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      const { offset } = await observe(primary)
      await sees(replica, 'all of it', view => view.following?.linkUp && view.offset >= offset)
      expect(await (await replica.node.customer()).text('SET', 'x', 'y')).toMatch(/^READONLY /)
      await perform(replica, { do: 'promote' })
      await perform(replica, { do: 'promote' })
      expect(await observe(replica)).toMatchObject({ role: 'primary', following: undefined })
      expect(await read(replica, 'key')).toBe('value')
      await write(replica, 'another')
      await until('the old primary has no follower', async () => (await observe(primary)).followers.length === 0)
    })

    it('sees a lost primary as a link that is down', async () => {
      const [primary, replica] = [await start(), await start()]
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      await sees(replica, 'a link', view => view.following?.linkUp)
      await primary.node.kill()
      await sees(replica, 'no link', view => view.following?.linkUp === false)
    })
  })
}

function describeCluster(suite: Suite): void {
  const { start, restart, observe, perform, sees, until } = suite
  const meet = (node: Running, other: Running) =>
    perform(node, { do: 'meet', ...addressOf(other), busPort: other.node.place.busPort })
  const idOf = async (node: Running) => (await observe(node)).cluster?.myId ?? ''
  const ownLine = (view: EngineView) => view.cluster?.peers.find(peer => peer.id === view.cluster?.myId)
  const lineOf = (view: EngineView, id: string) => view.cluster?.peers.find(peer => peer.id === id)

  const thirds = [
    { from: 0, to: 5460 },
    { from: 5461, to: 10_922 },
    { from: 10_923, to: 16_383 },
  ]

  /** Three shards of a primary and a replica, each command given twice: a step may be performed again. */
  async function threeShards() {
    const nodes: Running[] = []
    for (let i = 0; i < 6; i++) nodes.push(await start({ clusterMode: true }))
    const primaries = nodes.slice(0, 3)
    const replicas = nodes.slice(3)
    const twice = async (node: Running, command: EngineCommand) => {
      await perform(node, command)
      await perform(node, command)
    }
    for (const [i, node] of nodes.entries()) await twice(node, { do: 'set-config-epoch', epoch: i + 1 })
    for (const [i, node] of primaries.entries()) await twice(node, { do: 'add-slots', ranges: [thirds[i]!] })
    for (const node of nodes.slice(1)) for (let i = 0; i < 2; i++) await meet(node, nodes[0]!)
    for (const node of nodes) {
      await sees(node, 'five peers', view => view.cluster?.peers.filter(peer => peer.known).length === 6)
    }
    for (const [i, node] of replicas.entries()) {
      const primaryId = await idOf(primaries[i]!)
      await until('gossip has named the primary', () => perform(node, { do: 'replicate', primaryId }).then(() => true))
      await perform(node, { do: 'replicate', primaryId })
    }
    for (const node of nodes) await sees(node, 'a healthy cluster', view => isWhole(view))
    for (const node of replicas) await sees(node, 'a link', view => view.following?.linkUp)
    return { nodes, primaries, replicas }
  }

  const isWhole = ({ cluster }: EngineView): boolean =>
    cluster?.ok === true &&
    cluster.peers.filter(peer => peer.slots.length === 1 && peer.role === 'primary').length === 3 &&
    cluster.peers.filter(peer => peer.role === 'replica' && peer.primaryId !== undefined).length === 3

  /** Only the owner of the key's slot takes it, so one of the primaries does. */
  async function writeSomewhere(primaries: readonly Running[], key: string): Promise<void> {
    for (const { node } of primaries) if ((await (await node.customer()).text('SET', key, 'value')) === 'OK') return
    throw new Error(`nobody took ${key}`)
  }

  describe('a cluster', () => {
    it('begins as a lonely member that owns nothing', async () => {
      const node = await start({ clusterMode: true })
      const view = await observe(node)
      expect(view.cluster).toMatchObject({ ok: false, currentEpoch: 0, migrating: {}, importing: {} })
      expect(view.cluster?.peers).toHaveLength(1)
      expect(ownLine(view)).toMatchObject({
        role: 'primary',
        primaryId: undefined,
        known: true,
        health: 'ok',
        slots: [],
      })
    })

    it('is formed of three primaries and three replicas by MEET, slots and REPLICATE', async () => {
      const { nodes, primaries, replicas } = await threeShards()
      const ids = await Promise.all(nodes.map(idOf))
      for (const [i, node] of primaries.entries()) {
        expect(ownLine(await observe(node))).toMatchObject({
          ...addressOf(node),
          role: 'primary',
          slots: [thirds[i]],
          configEpoch: i + 1,
        })
      }
      for (const [i, node] of replicas.entries()) {
        expect(ownLine(await observe(node))).toMatchObject({ ...addressOf(node), role: 'replica', primaryId: ids[i] })
      }
      expect((await observe(nodes[0]!)).cluster?.currentEpoch).toBe(6)
      await writeSomewhere(primaries, 'key')
    })

    it('moves a lost primary’s slots to the replica that takes over, and takes the old primary back as its replica', async () => {
      const { nodes, primaries, replicas } = await threeShards()
      const [lost, heir] = [primaries[1]!, replicas[1]!]
      const [lostId, heirId] = [await idOf(lost), await idOf(heir)]
      await lost.node.kill()
      await perform(heir, { do: 'take-over' })
      await perform(heir, { do: 'take-over' })
      expect(ownLine(await observe(heir))).toMatchObject({ role: 'primary', primaryId: undefined, slots: [thirds[1]] })
      for (const node of nodes) {
        if (node === lost) continue
        await sees(node, 'the heir with the slots', view => lineOf(view, heirId)?.slots.length === 1)
        await sees(node, 'the loss', view => lineOf(view, lostId)?.health === 'failed')
        await sees(node, 'a healthy cluster', view => view.cluster?.ok)
      }
      const returned = await restart(lost)
      await sees(returned, 'its new primary', view => view.role === 'replica' && ownLine(view)?.primaryId === heirId)
      await sees(returned, 'a link', view => view.following?.linkUp)
      await sees(heir, 'it back', view => lineOf(view, lostId)?.health === 'ok')
    })

    it('keeps a forgotten peer out', async () => {
      const { nodes, replicas } = await threeShards()
      const gone = replicas[2]!
      const peerId = await idOf(gone)
      await gone.node.kill()
      const rest = nodes.filter(node => node !== gone)
      for (const node of rest) await perform(node, { do: 'forget', peerId })
      for (const node of rest) await perform(node, { do: 'forget', peerId })
      for (const node of rest) {
        await sees(node, 'four peers', view => view.cluster?.peers.length === 5)
        expect(lineOf(await observe(node), peerId)).toBeUndefined()
      }
    })

    it('tells by Unavailable what a look at the cluster will show', async () => {
      const { primaries, replicas } = await threeShards()
      const [first, second] = [primaries[0]!, primaries[1]!]
      // Owned by another; not known; a replica; too late for an epoch of one's own choice.
      const stale: readonly [Running, EngineCommand][] = [
        [first, { do: 'add-slots', ranges: [{ from: 0, to: 6000 }] }],
        [replicas[0]!, { do: 'replicate', primaryId: 'f'.repeat(40) }],
        [replicas[0]!, { do: 'replicate', primaryId: await idOf(replicas[1]!) }],
        [replicas[0]!, { do: 'forget', peerId: await idOf(first) }],
        [second, { do: 'set-config-epoch', epoch: 99 }],
      ]
      for (const [node, command] of stale) await expect(perform(node, command)).rejects.toThrow(Unavailable)
    })

    it('refuses what would lose data or makes no sense as a Bug', async () => {
      const { primaries } = await threeShards()
      const [first, second] = [primaries[0]!, primaries[1]!]
      await expect(perform(first, { do: 'replicate', primaryId: await idOf(second) })).rejects.toThrow(Bug)
      await expect(perform(first, { do: 'follow', ...addressOf(second) })).rejects.toThrow(Bug)
      const own = await idOf(first)
      await expect(perform(first, { do: 'forget', peerId: own })).rejects.toThrow(Bug)
    })

    it('adds the missing slots where some are owned already', async () => {
      const node = await start({ clusterMode: true })
      await perform(node, { do: 'add-slots', ranges: [{ from: 10, to: 20 }] })
      await perform(node, {
        do: 'add-slots',
        ranges: [
          { from: 0, to: 12 },
          { from: 30, to: 30 },
        ],
      })
      expect(ownLine(await observe(node))?.slots).toEqual([
        { from: 0, to: 20 },
        { from: 30, to: 30 },
      ])
    })

    it('shows a peer that was met and never answered as not known', async () => {
      const node = await start({ clusterMode: true })
      const nobody = suite.world().newAddress()
      await perform(node, { do: 'meet', host: nobody, port: 6379, busPort: 16_379 })
      const peers = (await observe(node)).cluster?.peers ?? []
      expect(peers.find(peer => peer.host === nobody)).toMatchObject({ known: false, linkUp: false, slots: [] })
      await sees(node, 'it given up', view => view.cluster?.peers.length === 1)
    })

    it('remembers its cluster when its process is started again', async () => {
      const { primaries } = await threeShards()
      const node = primaries[2]!
      const before = ownLine(await observe(node))
      await node.node.kill()
      const returned = await restart(node)
      const view = await sees(returned, 'everybody', seen => isWhole(seen))
      expect(ownLine(view)).toEqual(before)
    })
  })
}

function describeAccess({ start, restart, perform }: Suite): void {
  const [first, second] = ['first-token-0123456789', 'second "token" #0123456789']
  const login = async ({ node }: Running, token: string) => {
    const customer = await node.customer()
    return { customer, answer: await customer.text('AUTH', token) }
  }

  describe('access', () => {
    it('asks for a token from the start, and takes each of two', async () => {
      const node = await start({ access: { mode: 'tokens', tokens: [first, second] } })
      expect(await (await node.node.customer()).text('PING')).toMatch(/^NOAUTH /)
      expect((await login(node, first)).answer).toBe('OK')
      expect((await login(node, second)).answer).toBe('OK')
      expect((await login(node, 'neither')).answer).toMatch(/^WRONGPASS /)
    })

    it('rotates a token without disconnecting anybody', async () => {
      const node = await start({ access: { mode: 'tokens', tokens: [first] } })
      const { customer } = await login(node, first)
      await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [first, second] } })
      expect((await login(node, first)).answer).toBe('OK')
      expect((await login(node, second)).answer).toBe('OK')
      await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [second] } })
      await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [second] } })
      expect((await login(node, first)).answer).toMatch(/^WRONGPASS /)
      expect((await login(node, second)).answer).toBe('OK')
      expect(await customer.text('PING')).toBe('PONG')
    })

    it('closes an open node to newcomers and opens a closed one, live', async () => {
      const node = await start()
      const early = await node.node.customer()
      await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [first] } })
      expect(await (await node.node.customer()).text('PING')).toMatch(/^NOAUTH /)
      expect(await early.text('PING')).toBe('PONG')
      await perform(node, { do: 'set-access', access: { mode: 'open' } })
      expect(await (await node.node.customer()).text('PING')).toBe('PONG')
    })

    it('replicates between nodes whose customers need a token', async () => {
      const access = { mode: 'tokens', tokens: [first] } as const
      const [primary, replica] = [await start({ access }), await start({ access })]
      await replica.node.kill()
      await restart(replica, { follow: addressOf(primary) })
      const { customer } = await login(primary, first)
      await customer.text('SET', 'key', 'value')
      await perform(primary, { do: 'set-access', access: { mode: 'tokens', tokens: [second] } })
      expect(await customer.text('GET', 'key')).toBe('value')
    })
  })
}

function describeLoss({ world, start, restart, observe, perform, until }: Suite): void {
  describe('a node that does not answer', () => {
    it('is Unavailable when nothing runs there', async () => {
      const node = await start()
      await node.node.kill()
      await until('the loss is noticed', async () =>
        observe(node).then(
          () => false,
          () => true,
        ),
      )
      await expect(observe(node)).rejects.toThrow(Unavailable)
      await expect(perform(node, { do: 'promote' })).rejects.toThrow(Unavailable)
    })

    it('is Unavailable within the deadline while frozen, and answers again once thawed', async () => {
      const node = await start()
      node.node.freeze()
      await expect(observe(node)).rejects.toThrow(Unavailable)
      await expect(perform(node, { do: 'promote' })).rejects.toThrow(Unavailable)
      await expect(observe(node)).rejects.toThrow(Unavailable)
      node.node.thaw()
      const view = await until('it answers', () => observe(node))
      expect(view.role).toBe('primary')
    })

    it('answers the question that was asked, not one from before it froze', async () => {
      const node = await start({ directives: [{ name: 'lfu-decay-time', value: '3' }] })
      node.node.freeze()
      await expect(observe(node, ['maxmemory'])).rejects.toThrow(Unavailable)
      node.node.thaw()
      const view = await until('it answers', () => observe(node, ['lfu-decay-time']))
      expect(view.directives).toEqual({ 'lfu-decay-time': '3' })
    })

    it('rejects the wrong control password as a Bug that does not contain it', async () => {
      const { target } = await start()
      const attempt = world().engine.observe({ ...target, password: 'wrong control password' }, [])
      await expect(attempt).rejects.toThrow(Bug)
      await expect(attempt).rejects.not.toThrow(/wrong control password/)
    })
  })

  describe('the first sign of death', () => {
    const lostPlaces = () => {
      const lost: NodePlace[] = []
      const stop = world().engine.onLost(place => lost.push(place))
      return { lost, stop }
    }

    it('comes once when the process dies, names the node, and comes again for its next life', async () => {
      const [node, other] = [await start(), await start()]
      const { lost, stop } = lostPlaces()
      await node.node.kill()
      await until('the loss was told', async () => lost.length > 0)
      await expect(observe(node)).rejects.toThrow(Unavailable)
      await observe(other)
      expect(lost).toEqual([node.node.place])
      await restart(node)
      await node.node.kill()
      await until('the second loss was told', async () => lost.length === 2)
      stop()
    })

    it('rejects the commands in flight as Unavailable', async () => {
      const node = await start()
      node.node.freeze()
      const inFlight = [observe(node), perform(node, { do: 'flush' })]
      const settled = Promise.allSettled(inFlight)
      await node.node.kill()
      for (const outcome of await settled) expect(outcome).toMatchObject({ reason: { name: 'Unavailable' } })
    })

    it('does not come for a node that control let go of, nor after the listener left', async () => {
      const [forgotten, unheard, witness] = [await start(), await start(), await start()]
      const { lost, stop } = lostPlaces()
      world().engine.forget(forgotten.node.place)
      await forgotten.node.kill()
      await witness.node.kill()
      await until('the witness was told', async () => lost.length > 0)
      stop()
      await unheard.node.kill()
      await until('it is gone', async () =>
        observe(unheard).then(
          () => false,
          () => true,
        ),
      )
      expect(lost).toEqual([witness.node.place])
    })
  })
}

function describeTransitEncryption({ start, perform, observe, sees, until }: Suite): void {
  const idOf = async (node: Running) => (await observe(node)).cluster?.myId ?? ''

  async function clusterPair(transitEncryption: 'preferred' | 'required') {
    const wish = { clusterMode: true, transitEncryption, hostname: 'node.example' } as const
    const [primary, replica] = [await start(wish), await start(wish)]
    await perform(primary, { do: 'add-slots', ranges: [{ from: 0, to: 16_383 }] })
    await perform(replica, { do: 'meet', ...addressOf(primary), busPort: primary.node.place.busPort })
    const primaryId = await idOf(primary)
    await until('they know each other', () => perform(replica, { do: 'replicate', primaryId }).then(() => true))
    await sees(replica, 'a link', view => view.following?.linkUp)
    await sees(primary, 'a healthy cluster', view => view.cluster?.ok)
    for (const node of [primary, replica]) {
      const { cluster } = await sees(node, 'two peers', view =>
        view.cluster?.peers.every(peer => peer.known && peer.port),
      )
      const ports = cluster?.peers.map(({ host, port }) => ({ host, port }))
      expect(ports).toEqual(expect.arrayContaining([addressOf(primary), addressOf(replica)]))
    }
    return { primary, replica }
  }

  describe('transit encryption', () => {
    it('required: takes TLS alone, and replicates over it', async () => {
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

    it('preferred: takes both kinds of clients, and replicates', async () => {
      const wish = { transitEncryption: 'preferred' } as const
      const [primary, replica] = [await start(wish), await start(wish)]
      expect(await (await primary.node.customer({ tls: true })).text('SET', 'key', 'value')).toBe('OK')
      expect(await (await primary.node.customer()).text('GET', 'key')).toBe('value')
      await perform(replica, { do: 'follow', ...addressOf(primary) })
      await sees(replica, 'a link', view => view.following?.linkUp)
      expect(await (await replica.node.customer()).text('GET', 'key')).toBe('value')
    })

    it('moves an endpoint under TLS as without', async () => {
      const node = await start({ transitEncryption: 'required' })
      const customer = await node.node.customer({ tls: true })
      await perform(node, { do: 'bind', addresses: [node.node.place.address] })
      expect(await customer.text('PING')).toBe('PONG')
    })

    it('required in a cluster: members and clients speak TLS, and names and ports are what clients need', async () => {
      const { primary } = await clusterPair('required')
      const slots = await (await primary.node.customer({ tls: true })).text('CLUSTER', 'SLOTS')
      expect(slots).toContain(`node.example,${primary.node.place.port}`)
    })

    it('preferred in a cluster: each kind of client is told the ports of its kind', async () => {
      const { primary } = await clusterPair('preferred')
      const { port, tlsPort } = primary.node.place
      expect(await (await primary.node.customer()).text('CLUSTER', 'SLOTS')).toContain(`node.example,${port}`)
      const encrypted = await primary.node.customer({ tls: true })
      expect(await encrypted.text('CLUSTER', 'SLOTS')).toContain(`node.example,${tlsPort}`)
    })
  })
}

function describeRestrictedCommands({ start }: Suite): void {
  const unknown = [
    'BGREWRITEAOF',
    'BGSAVE',
    'DEBUG',
    'MIGRATE',
    'REPLICAOF',
    'SAVE',
    'SLAVEOF',
    'SHUTDOWN',
    'FAILOVER',
    'MODULE',
  ]
  const denied = [
    ['SYNC'],
    ['PSYNC', '?', '-1'],
    ...['SETUSER x', 'DELUSER x', 'LIST', 'GETUSER default', 'USERS', 'LOG', 'LOAD', 'SAVE', 'DRYRUN default PING'].map(
      rest => ['ACL', ...rest.split(' ')],
    ),
    ...[
      'MEET 127.0.0.1 6379',
      'FORGET x',
      'ADDSLOTS 1',
      'ADDSLOTSRANGE 1 2',
      'DELSLOTS 1',
      'DELSLOTSRANGE 1 2',
      'SETSLOT 1 STABLE',
      'REPLICATE x',
      'FAILOVER',
      'RESET',
      'SAVECONFIG',
      'SET-CONFIG-EPOCH 1',
      'BUMPEPOCH',
      'FLUSHSLOTS',
    ].map(rest => ['CLUSTER', ...rest.split(' ')]),
  ]
  const allowed = [
    ['CLIENT', 'LIST'],
    ['INFO'],
    ['SLOWLOG', 'GET'],
    ['ACL', 'WHOAMI'],
    ['ACL', 'CAT'],
    ['ACL', 'GENPASS'],
    ['COMMAND', 'COUNT'],
    ['MEMORY', 'USAGE', 'key'],
    ...[
      'INFO',
      'NODES',
      'SLOTS',
      'SHARDS',
      'KEYSLOT key',
      'COUNTKEYSINSLOT 1',
      'GETKEYSINSLOT 1 1',
      'MYID',
      'LINKS',
    ].map(rest => ['CLUSTER', ...rest.split(' ')]),
  ]

  describe('restricted commands', () => {
    it('do not exist for customers, in the engine’s own words', async () => {
      const customer = await (await start({ clusterMode: true })).node.customer()
      const answer = await customer.text('CONFIG', 'GET', 'maxmemory')
      expect(answer).toMatch(/^ERR unknown command 'CONFIG', with args beginning with: 'GET' 'maxmemory' ?$/)
      for (const command of unknown) expect(await customer.text(command)).toMatch(`ERR unknown command '${command}'`)
    })

    it('are refused where they must exist for the engines themselves', async () => {
      const customer = await (await start({ clusterMode: true })).node.customer()
      for (const command of denied) expect(await customer.text(...command)).toMatch(/^NOPERM /)
    })

    it('cannot be found under another name', async () => {
      const customer = await (await start()).node.customer()
      const names = await customer.text('COMMAND', 'LIST')
      expect(names).not.toMatch(/\w+-[0-9a-f]{16}/)
      expect(await customer.text('CLIENT', 'LIST')).not.toContain(password)
    })

    it('leave the rest alone', async () => {
      const customer = await (await start({ clusterMode: true })).node.customer()
      for (const command of allowed) expect(await customer.text(...command)).not.toMatch(/^(NOPERM|ERR)/)
    })
  })
}

function describeQuoting({ start, observe, perform }: Suite): void {
  it('carries values with spaces, quotes and nothing at all to the engine and back', async () => {
    const limits = [
      { name: 'client-output-buffer-limit', value: 'normal 1048576 0 0' },
      { name: 'client-output-buffer-limit', value: 'pubsub 2097152 1048576 30' },
      { name: 'notify-keyspace-events', value: '' },
      { name: 'proc-title-template', value: 'a "quoted" \\ {title}' },
    ]
    const node = await start({ directives: limits })
    const names = ['client-output-buffer-limit', 'notify-keyspace-events', 'proc-title-template']
    const expected = {
      'client-output-buffer-limit': expect.stringMatching(/^normal 1048576 0 0 slave \d.* pubsub 2097152 1048576 30$/),
      'notify-keyspace-events': '',
      'proc-title-template': 'a "quoted" \\ {title}',
    }
    expect((await observe(node, names)).directives).toEqual(expected)
    await perform(node, { do: 'configure', directives: limits })
    expect((await observe(node, names)).directives).toEqual(expected)
  })
}

function describeForks({ world, start, perform, observe }: Suite): void {
  it('moves an address between two nodes 200 times while both fork, and clients always find it', async () => {
    const [left, right] = [await start(), await start()]
    const endpoint = world().newAddress()
    for (let i = 0; i < 200; i++) {
      const [from, to] = i % 2 === 0 ? [left, right] : [right, left]
      await world().fork(from.target)
      await world().fork(to.target)
      await perform(from, { do: 'bind', addresses: [from.node.place.address] })
      await perform(to, { do: 'bind', addresses: [to.node.place.address, endpoint] })
      const customer = await to.node.customer({ address: endpoint })
      expect(await customer.text('PING')).toBe('PONG')
      customer.close()
    }
    for (const node of [left, right]) {
      expect((await observe(node)).boundAddresses[0]).toBe(node.node.place.address)
      expect(await (await node.node.customer()).text('PING')).toBe('PONG')
    }
  })
}
