/**
 * The laws of the plan, on a model world: progress (every reachable world converges in bounded turns), stability (a
 * converged world plans nothing), interruption (a step cut anywhere, and a controller that starts anew, still converge).
 */
import {
  type Arn,
  type EventRecord,
  evenSlots,
  formatSlotRanges,
  nodeId,
  type Observation,
  parseSlotRanges,
  type ReplicationGroupDesired,
  type ReplicationGroupObserved,
  type ReplicationGroupRow,
  replicationGroupStatus,
  shardId,
  slotTargets,
  type Store,
} from '@hotshelf/domain'
import { fakeEndpoints, fakeEngines, fakeMachine } from '@hotshelf/testkit'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replicationGroupReconciler } from './reconciler.ts'

const arn = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:g' as Arn

interface Shape {
  readonly shards: number
  readonly replicas: number
  readonly automaticFailover: boolean
  /** Default: the newest. */
  readonly engine?: Pick<ReplicationGroupDesired, 'engine' | 'engineVersion' | 'parameterGroup'>
}

const valkey = { engine: 'valkey', engineVersion: '8.0', parameterGroup: 'default.valkey8' } as const
const redis = { engine: 'redis', engineVersion: '7.1', parameterGroup: 'default.redis7' } as const

function aRow({ shards, replicas, automaticFailover, engine = valkey }: Shape): ReplicationGroupRow {
  const clusterMode = shards > 1
  return {
    arn,
    kind: 'replication-group',
    name: 'g',
    account: '000000000000',
    region: 'us-east-1',
    generation: 1,
    pending: undefined,
    createdAt: new Date(0),
    deleteRequestedAt: undefined,
    observation: undefined,
    desired: {
      id: 'g',
      description: '',
      ...engine,
      nodeType: 'cache.t4g.micro',
      clusterMode: clusterMode ? 'enabled' : 'disabled',
      shards: evenSlots(shards).map((slots, s) => ({
        id: shardId(s + 1),
        slots: clusterMode ? formatSlotRanges([slots]) : undefined,
        nodes: Array.from({ length: replicas + 1 }, (_, n) => ({
          id: nodeId('g', shardId(s + 1), n + 1, clusterMode),
          availabilityZone: 'us-east-1a',
          rebootGeneration: 0,
          createdAt: '2026-01-01T00:00:00Z',
        })),
      })),
      port: 6379,
      subnetGroup: undefined,
      securityGroupIds: [],
      automaticFailover: automaticFailover || clusterMode,
      multiAz: false,
      transitEncryption: 'off',
      atRestEncryption: false,
      kmsKeyId: undefined,
      authToken: false,
      authTokenVersion: 0,
      userGroupIds: [],
      maintenanceWindow: 'mon:05:00-mon:06:00',
      snapshotRetentionDays: 0,
      snapshotWindow: '03:00-04:00',
      snapshottingNode: undefined,
      notificationTopicArn: undefined,
      autoMinorVersionUpgrade: true,
      logDelivery: [],
      dataTiering: false,
      networkType: 'ipv4',
      ipDiscovery: 'ipv4',
      durability: undefined,
      targetPrimary: {},
    },
  }
}

/** As much of a store as one group needs, with no disk under it. */
function aStore(row: ReplicationGroupRow): {
  store: Store
  row(): ReplicationGroupRow | undefined
  change(change: (desired: ReplicationGroupDesired) => ReplicationGroupDesired): Promise<unknown>
  setPending(pending: Partial<ReplicationGroupDesired>): void
  readonly events: readonly EventRecord[]
  remove(): void
} {
  let current: ReplicationGroupRow | undefined = row
  const secrets = new Map<string, string>()
  const events: EventRecord[] = []
  const part = {
    replicationGroups: {
      get: async () => current,
      remove: async () => void (current = undefined),
      change: async (_: Arn, change: (desired: ReplicationGroupDesired) => ReplicationGroupDesired) => {
        const next = current && change(current.desired)
        if (current && next && next !== current.desired)
          current = { ...current, desired: next, generation: current.generation + 1 }
        return current
      },
      setPending: async (_: Arn, pending: Partial<ReplicationGroupDesired> | undefined) => {
        if (current) current = { ...current, pending }
      },
    },
    parameterGroups: { find: async () => undefined },
    observations: {
      get: async () => current?.observation,
      put: async (_: Arn, observation: Observation<ReplicationGroupObserved>) => {
        // Through JSON, as a database would.
        if (current) current = { ...current, observation: structuredClone(observation) }
      },
    },
    secrets: {
      get: async (_: Arn, name: string) => secrets.get(name),
      put: async (_: Arn, name: string, secret: string) => void secrets.set(name, secret),
    },
    events: { append: async (_: unknown, event: EventRecord) => void events.push(event) },
    transaction: (work: (store: unknown) => Promise<unknown>) => work(part),
  }
  return {
    store: part as unknown as Store,
    row: () => current,
    setPending: pending => void part.replicationGroups.setPending(arn, pending),
    events,
    change: change => part.replicationGroups.change(arn, change),
    remove: () => {
      if (current) current = { ...current, generation: current.generation + 1, deleteRequestedAt: new Date(1) }
    },
  }
}

class Crash extends Error {}

function aWorld(shape: Shape) {
  const engines = fakeEngines()
  const machine = fakeMachine(engines, () => new Date(clock))
  let provider = machine.open()
  const endpoints = fakeEndpoints().open()
  const stored = aStore(aRow(shape))
  let clock = 0
  let effectsLeft = Number.POSITIVE_INFINITY
  const controller = () =>
    replicationGroupReconciler({
      store: stored.store,
      engines: [
        { kind: 'valkey', version: '8.0.1', path: '/usr/bin/valkey-server' },
        { kind: 'redis', version: '7.0.15', path: '/usr/bin/redis-server' },
      ],
      newPassword: () => 'control-password',
      provider,
      endpoints,
      engine: engines.engine,
      now: () => clock,
      clock: { now: () => new Date(clock) },
      onEffect: () => {
        if (--effectsLeft <= 0) throw new Crash()
      },
    })
  let reconciler = controller()

  /** One turn; true when nothing was to do. A crash loses everything the controller had in memory. */
  async function turn(): Promise<boolean> {
    const desired = await reconciler.load(arn)
    if (!desired) return true
    const observed = await reconciler.observe(desired)
    const step = reconciler.plan(desired, observed)
    await reconciler.report(desired, observed, step, { repeats: 0, trouble: undefined })
    clock += 100
    engines.beat()
    if (!step) return true
    if (step.do === 'wait') return false
    try {
      await reconciler.perform(step, desired, observed)
    } catch (error) {
      if (error instanceof Crash) {
        effectsLeft = Number.POSITIVE_INFINITY
        provider = machine.open()
        reconciler = controller()
      }
    }
    return false
  }

  return {
    engines,
    machine,
    stored,
    turn,
    crashAfter: (effects: number) => (effectsLeft = effects),
    nodes: () => machine.open().everything(),
    /** Turns until nothing is to do, or the bound. */
    async converge(turns: number): Promise<number> {
      for (let i = 1; i <= turns; i++) if (await turn()) return i
      return Number.POSITIVE_INFINITY
    },
  }
}

type World = ReturnType<typeof aWorld>

/** No world of at most nine nodes needs more: starting, forming, promoting and resyncing all fit many times over. */
const bound = 400

async function expectWhole(world: World, shape: Shape): Promise<void> {
  const row = world.stored.row()!
  expect(replicationGroupStatus(row)).toBe('available')
  const nodes = await world.nodes()
  expect(nodes.filter(node => node.running)).toHaveLength(shape.shards * (shape.replicas + 1))
  for (const shard of row.desired.shards) {
    const roles = shard.nodes.map(node => row.observation!.observed.nodes[node.id]!.role)
    expect(roles.filter(role => role === 'primary')).toHaveLength(1)
    expect(roles.filter(role => role === 'replica')).toHaveLength(shape.replicas)
  }
  for (let i = 0; i < 30; i++) expect(await world.turn()).toBe(true)
}

const shapes = fc.record({
  shards: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 0, max: 2 }),
  automaticFailover: fc.boolean(),
})

const fates = fc.array(
  fc.record({
    turns: fc.nat(12),
    fate: fc.constantFrom('kill', 'freeze', 'crash'),
    victim: fc.nat(8),
    effects: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 6 },
)

const reshardFates = fc.array(
  fc.record({
    turns: fc.nat(8),
    fate: fc.constantFrom('kill', 'cut', 'crash'),
    victim: fc.nat(11),
    count: fc.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 6 },
)

/** As services write it. */
function reshardTo(desired: ReplicationGroupDesired, count: number): ReplicationGroupDesired {
  const { shards } = aRow({
    shards: Math.max(2, count),
    replicas: desired.shards[0]!.nodes.length - 1,
    automaticFailover: true,
  }).desired
  const all = [...desired.shards, ...shards.slice(desired.shards.length, count).map(shard => ({ ...shard, slots: '' }))]
  const stays = (position: number) => position < count
  const targets = slotTargets(all.map(({ slots }, i) => ({ slots: parseSlotRanges(slots ?? ''), stays: stays(i) })))
  return {
    ...desired,
    shards: all.map((shard, i) => ({
      ...shard,
      slots: formatSlotRanges(targets[i]!),
      ...(stays(i) ? {} : { leaving: true as const }),
    })),
  }
}

async function primariesOf(world: World) {
  return (await world.nodes()).filter(({ running, place }) => running && world.engines.node(place)?.role === 'primary')
}

async function writeKeys(world: World, count: number): Promise<readonly string[]> {
  const keys = Array.from({ length: count }, (_, i) => `key:${i}`)
  for (const key of keys) {
    const answers: string[] = []
    for (const { place } of await primariesOf(world))
      answers.push(await world.engines.connect(place.address, place.port).text('SET', key, `value of ${key}`))
    expect(answers).toContain('OK')
  }
  world.engines.beat(3)
  return keys
}

async function expectKeys(world: World, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const answers: string[] = []
    for (const { place } of await primariesOf(world))
      answers.push(await world.engines.connect(place.address, place.port).text('GET', key))
    expect(answers.filter(answer => !answer.startsWith('MOVED'))).toEqual([`value of ${key}`])
  }
}

/** A node whose data another holds: with nobody in sync the data is gone with it, on any engine. Time for the copy comes first. */
async function mayDie(world: World, id: string): Promise<boolean> {
  world.engines.beat(3)
  const node = (await world.nodes()).find(one => one.node === id)
  const me = node && world.engines.node(node.place)
  if (!me) return false
  if (me.role === 'replica') return true
  const others = (await world.nodes()).flatMap(({ place }) => world.engines.node(place) ?? [])
  return others.some(other => other.running && other.link === 'up' && other.membership?.primaryId === me.membership?.id)
}

describe('a replication group in a model world', () => {
  it('gives the role to whoever is asked for, and does not fail back when that node is lost later', async () => {
    for (const shards of [1, 3]) {
      const shape = { shards, replicas: 2, automaticFailover: true }
      const world = aWorld(shape)
      expect(await world.converge(bound)).toBeLessThan(bound)
      const shard = world.stored.row()!.desired.shards[0]!
      const asked = shard.nodes[1]!.id
      await world.stored.change(desired => ({ ...desired, targetPrimary: { [shard.id]: asked } }))
      expect(await world.converge(bound)).toBeLessThan(bound)
      expect(world.stored.row()!.observation!.observed.primaryOf[shard.id]).toBe(asked)
      await expectWhole(world, shape)

      world.machine.kill((await world.nodes()).find(node => node.node === asked)!)
      expect(await world.converge(bound)).toBeLessThan(bound)
      expect(world.stored.row()!.observation!.observed.primaryOf[shard.id]).not.toBe(asked)
      await expectWhole(world, shape)
    }
  })

  it('takes more replicas in and lets them go again, and forgets those that left', async () => {
    for (const shards of [1, 3]) {
      const world = aWorld({ shards, replicas: 1, automaticFailover: true })
      expect(await world.converge(bound)).toBeLessThan(bound)
      const small = world.stored.row()!.desired.shards
      const large = aRow({ shards, replicas: 3, automaticFailover: true }).desired.shards
      for (const wanted of [large, small]) {
        await world.stored.change(desired => ({ ...desired, shards: wanted }))
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, { shards, replicas: wanted[0]!.nodes.length - 1, automaticFailover: true })
      }
    }
  })

  it('reshards out and in, whatever is killed, frozen or cut meanwhile, and loses no key and no slot', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 3),
        fc.constantFrom(1, 3, 4),
        fc.integer({ min: 1, max: 2 }),
        reshardFates,
        async (from, to, replicas, script) => {
          const world = aWorld({ shards: from, replicas, automaticFailover: true })
          expect(await world.converge(bound)).toBeLessThan(bound)
          const keys = await writeKeys(world, 60)
          await world.stored.change(desired => reshardTo(desired, to))
          for (const { turns, fate, victim, count } of script) {
            for (let i = 0; i < turns; i++) await world.turn()
            const nodes = await world.nodes()
            const node = nodes[victim % Math.max(1, nodes.length)]
            if (fate === 'cut') world.engines.cutMoves(count)
            else if (fate === 'crash') world.crashAfter(count)
            else if (node && fate === 'kill' && (await mayDie(world, node.node))) world.machine.kill(node)
          }
          expect(await world.converge(bound)).toBeLessThan(bound)
          const { desired, observation } = world.stored.row()!
          expect(desired.shards.map(shard => shard.slots)).toEqual(
            desired.shards.map(shard => observation!.observed.slots![shard.id]),
          )
          expect(desired.shards).toHaveLength(to)
          await expectWhole(world, { shards: to, replicas, automaticFailover: true })
          for (const { place } of await world.nodes()) {
            const { membership, role } = world.engines.node(place)!
            if (role === 'primary') expect([membership!.migrating.size, membership!.importing.size]).toEqual([0, 0])
          }
          await expectKeys(world, keys)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is created from nothing, whatever its shape, and then rests', async () => {
    for (const shards of [1, 2, 3, 5]) {
      for (const replicas of [0, 1, 2]) {
        const shape = { shards, replicas, automaticFailover: replicas > 0 }
        const world = aWorld(shape)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
      }
    }
  })

  it('converges after every kill, freeze and crash, at any moment, and then rests', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fates, async (shape, script) => {
        const world = aWorld(shape)
        for (const { turns, fate, victim, effects } of script) {
          for (let i = 0; i < turns; i++) await world.turn()
          const nodes = await world.nodes()
          const node = nodes[victim % Math.max(1, nodes.length)]
          if (fate === 'crash') world.crashAfter(effects)
          else if (node && fate === 'kill') world.machine.kill(node)
          else if (node && fate === 'freeze') world.machine.freeze(node, true)
        }
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
      }),
      { numRuns: 150 },
    )
  })

  it('leaves nothing behind when it is deleted, at any moment, with crashes on the way', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(40), fc.integer({ min: 1, max: 10 }), async (shape, turns, effects) => {
        const world = aWorld(shape)
        for (let i = 0; i < turns; i++) await world.turn()
        world.stored.remove()
        world.crashAfter(effects)
        expect(await world.converge(bound)).toBeLessThan(bound)
        expect(await world.nodes()).toEqual([])
        expect(world.stored.row()).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  it('is upgraded with every acknowledged write, and clients find it at the same endpoints', async () => {
    for (const shards of [1, 3]) {
      for (const replicas of [0, 1, 2]) {
        const shape = { shards, replicas, automaticFailover: replicas > 0, engine: redis }
        const world = aWorld(shape)
        const writer = aWriter(world)
        expect(await world.converge(bound)).toBeLessThan(bound)
        const endpoints = world.stored.row()!.observation!.observed.endpoints
        await world.stored.change(desired => ({ ...desired, ...valkey }))
        expect(await writer.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
        for (const node of await world.nodes()) expect(node.launched?.labels['program']).toBe('valkey 8.0.1')
        expect(writer.written).toBeGreaterThan(5)
        expect(writer.lost()).toEqual([])
        const seen = world.stored.row()!.observation!.observed
        expect(seen.endpoints).toEqual(endpoints)
        expect(Object.keys(seen.nodes)).toHaveLength(shards * (replicas + 1))
      }
    }
  })

  it('loses no write of an upgrade when control dies in it, wherever', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        async (shape, crashes) => {
          const world = aWorld({ ...shape, engine: redis })
          const writer = aWriter(world)
          expect(await world.converge(bound)).toBeLessThan(bound)
          await world.stored.change(desired => ({ ...desired, ...valkey }))
          for (const effects of crashes) {
            world.crashAfter(effects)
            for (let i = 0; i < 15; i++) await writer.turn()
          }
          expect(await writer.converge(bound)).toBeLessThan(bound)
          await expectWhole(world, shape)
          expect(writer.lost()).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is upgraded whatever dies meanwhile, and then rests', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fates, async (shape, script) => {
        const world = aWorld({ ...shape, engine: redis })
        expect(await world.converge(bound)).toBeLessThan(bound)
        await world.stored.change(desired => ({ ...desired, ...valkey }))
        for (const { turns, fate, victim, effects } of script) {
          for (let i = 0; i < turns; i++) await world.turn()
          const nodes = await world.nodes()
          const node = nodes[victim % Math.max(1, nodes.length)]
          if (fate === 'crash') world.crashAfter(effects)
          else if (node && fate === 'kill') world.machine.kill(node)
          else if (node && fate === 'freeze') world.machine.freeze(node, true)
        }
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
        for (const node of await world.nodes()) expect(node.launched?.labels['program']).toBe('valkey 8.0.1')
      }),
      { numRuns: 100 },
    )
  })

  it('reboots what a customer asks for in place: the primary stays primary, comes back empty, and its replicas too', async () => {
    const shape = { shards: 1, replicas: 2, automaticFailover: true }
    const world = aWorld(shape)
    const writer = aWriter(world)
    expect(await world.converge(bound)).toBeLessThan(bound)
    await writer.turn()
    const shard = world.stored.row()!.desired.shards[0]!
    const primary = world.stored.row()!.observation!.observed.primaryOf[shard.id]!
    await world.stored.change(desired => ({
      ...desired,
      shards: desired.shards.map(each => ({
        ...each,
        nodes: each.nodes.map(node => (node.id === primary ? { ...node, rebootGeneration: 1 } : node)),
      })),
    }))
    await world.turn()
    expect(world.stored.row()!.observation!.observed.nodes[primary]!.status).toBe('rebooting cluster nodes')
    expect(await world.converge(bound)).toBeLessThan(bound)
    await expectWhole(world, shape)
    const seen = world.stored.row()!.observation!.observed
    expect(seen.primaryOf[shard.id]).toBe(primary)
    for (const node of await world.nodes()) expect(world.engines.node(node.place)!.data.size).toBe(0)
    const told = world.stored.events.map(event => event.message)
    expect(told.filter(text => /^Cache node 0001 (shutdown|restarted)$/.test(text))).toEqual([
      'Cache node 0001 shutdown',
      'Cache node 0001 restarted',
    ])
    expect(told.some(text => /^Failover|^Recovering/.test(text))).toBe(false)
  })

  it('changes its encryption while it runs, from each mode to each, and restarts nobody', async () => {
    for (const shards of [1, 3]) {
      const shape = { shards, replicas: 1, automaticFailover: true }
      const world = aWorld(shape)
      expect(await world.converge(bound)).toBeLessThan(bound)
      const starts = world.machine.history.length
      for (const transitEncryption of ['preferred', 'required', 'preferred', 'off'] as const) {
        await world.stored.change(desired => ({ ...desired, transitEncryption }))
        world.crashAfter(2)
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectWhole(world, shape)
        for (const { place } of await world.nodes()) {
          expect(place.tls !== undefined).toBe(transitEncryption !== 'off')
          expect(world.engines.node(place)!.directives.get('port')).toBe(
            transitEncryption === 'required' ? '0' : '6379',
          )
        }
      }
      expect(world.machine.history.slice(starts)).toEqual([])
    }
  })

  it('lets what is pending in when the maintenance window opens, once, and not before', async () => {
    const shape = { shards: 1, replicas: 1, automaticFailover: true }
    const world = aWorld(shape)
    expect(await world.converge(bound)).toBeLessThan(bound)
    world.stored.setPending({ nodeType: 'cache.t4g.small' })
    expect(await world.turn()).toBe(true)
    expect(world.stored.row()!.desired.nodeType).toBe('cache.t4g.micro')

    // The model's clock begins on a Thursday, 1970-01-01.
    await world.stored.change(desired => ({ ...desired, maintenanceWindow: 'thu:00:00-thu:01:00' }))
    expect(await world.converge(bound)).toBeLessThan(bound)
    const row = world.stored.row()!
    expect(row.desired.nodeType).toBe('cache.t4g.small')
    expect(row.pending).toBeUndefined()
    expect(world.stored.events.filter(event => event.message.endsWith('maintenance window: nodeType'))).toHaveLength(1)
    await expectWhole(world, shape)
    for (const node of await world.nodes()) {
      expect(Number(world.engines.node(node.place)!.directives.get('maxmemory'))).toBeGreaterThan(1_000_000_000)
    }
  })
})

/** A customer who writes one value to each shard in every turn and remembers what was acknowledged. */
function aWriter(world: World) {
  const acknowledged: { readonly shard: string; readonly key: string }[] = []
  let turns = 0
  const primaryOf = async (shard: string) => {
    const { desired } = world.stored.row()!
    const clustered = desired.clusterMode !== 'disabled'
    const primaries = (await world.nodes()).filter(node => {
      const found = world.engines.node(node.place)
      const inShard = !clustered || node.node.startsWith(`g-${shard}-`)
      return node.running && !node.frozen && inShard && found?.role === 'primary'
    })
    // A primary that has lost its slots refuses; one that may not be written to any more holds writes back.
    const owners = primaries.filter(node => {
      const membership = world.engines.node(node.place)?.membership
      return !membership || (membership.slots.get(membership.id) ?? []).length > 0
    })
    return owners.length === 1 ? owners[0]!.place : undefined
  }
  async function write(): Promise<void> {
    for (const { id } of world.stored.row()!.desired.shards) {
      const place = await primaryOf(id)
      if (!place) continue
      const key = `${id}:${turns}`
      const connection = world.engines.connect(place.address, place.port)
      const done = await Promise.race([connection.text('SET', key, 'x'), Promise.resolve('held back')])
      if (done === 'OK') acknowledged.push({ shard: id, key })
      connection.close()
    }
    turns += 1
  }
  const turn = async (): Promise<boolean> => {
    await write()
    return world.turn()
  }
  return {
    turn,
    get written() {
      return acknowledged.length
    },
    async converge(most: number): Promise<number> {
      for (let i = 1; i <= most; i++) if (await turn()) return i
      return Number.POSITIVE_INFINITY
    },
    lost(): readonly string[] {
      const stored = new Set<string>()
      for (const found of world.engines.all()) {
        if (found.running && found.role === 'primary') for (const key of found.data.keys()) stored.add(key)
      }
      return acknowledged.filter(({ key }) => !stored.has(key)).map(({ key }) => key)
    },
  }
}
