/** A model world of one Memcached cluster: nodes, machine and store in memory, and a controller whose turns a test takes. */
import {
  type Arn,
  cacheNodeId,
  discoveryNode,
  type EventRecord,
  freeCacheNodeIds,
  type MemcachedClusterDesired,
  type MemcachedClusterObserved,
  type MemcachedClusterRow,
  type Membership,
  type NodeProvider,
  type Observation,
  type Store,
} from '@hotshelf/domain'
import { fakeMachine, fakeMemcached } from '@hotshelf/testkit'
import { memcachedClusterReconciler } from '../src/cache-cluster/reconciler.ts'

const arn = 'arn:aws:elasticache:us-east-1:000000000000:cluster:m' as Arn

const aNode = (id: string): MemcachedClusterDesired['nodes'][number] => ({
  id: id as MemcachedClusterDesired['nodes'][number]['id'],
  availabilityZone: 'us-east-1a',
  rebootGeneration: 0,
  createdAt: '2026-01-01T00:00:00Z',
})

const aRow = (nodes: number): MemcachedClusterRow => ({
  arn,
  kind: 'cache-cluster',
  name: 'm',
  account: '000000000000',
  region: 'us-east-1',
  generation: 1,
  pending: undefined,
  createdAt: new Date(0),
  deleteRequestedAt: undefined,
  observation: undefined,
  desired: {
    id: 'm',
    engine: 'memcached',
    engineVersion: '1.6.17',
    nodeType: 'cache.t4g.micro',
    nodes: Array.from({ length: nodes }, (_, at) => aNode(cacheNodeId(at + 1))),
    crossAz: false,
    port: 11_211,
    parameterGroup: 'default.memcached1.6',
    subnetGroup: undefined,
    securityGroupIds: [],
    transitEncryption: 'off',
    maintenanceWindow: 'mon:05:00-mon:06:00',
    notificationTopicArn: undefined,
    autoMinorVersionUpgrade: true,
  },
})

/** As much of a store as one cluster needs, with no disk under it. */
function aStore(first: MemcachedClusterRow) {
  let row: MemcachedClusterRow | undefined = first
  const events: EventRecord[] = []
  const clusters = {
    get: async () => row,
    remove: async () => void (row = undefined),
    change: async (_: Arn, change: (desired: MemcachedClusterDesired) => MemcachedClusterDesired) => {
      if (row) row = { ...row, desired: change(row.desired), generation: row.generation + 1 }
      return row
    },
    setPending: async (_: Arn, pending: Partial<MemcachedClusterDesired> | undefined) => {
      if (row) row = { ...row, pending }
    },
  }
  const part = {
    repository: () => clusters,
    parameterGroups: { find: async () => undefined },
    observations: {
      get: async () => row?.observation,
      put: async (_: Arn, observation: Observation<MemcachedClusterObserved>) => {
        if (row) row = { ...row, observation: structuredClone(observation) }
      },
    },
    events: { append: async (_: unknown, event: EventRecord) => void events.push(event) },
    transaction: (work: (store: unknown) => Promise<unknown>) => work(part),
  }
  return {
    store: part as unknown as Store,
    row: () => row,
    events,
    change: (change: (desired: MemcachedClusterDesired) => MemcachedClusterDesired) => clusters.change(arn, change),
    setPending: (pending: Partial<MemcachedClusterDesired>) => clusters.setPending(arn, pending),
    remove: () => {
      if (row) row = { ...row, generation: row.generation + 1, deleteRequestedAt: new Date(1) }
    },
  }
}

class Crash extends Error {}

export function aMemcachedWorld(nodes: number, program: { readonly lacksTls?: true } = {}) {
  const memcached = fakeMemcached()
  let clock = 0
  const machine = fakeMachine(memcached, () => new Date(clock))
  const stored = aStore(aRow(nodes))
  let effectsLeft = Number.POSITIVE_INFINITY
  const effect = (): void => {
    if (--effectsLeft <= 0) throw new Crash()
  }
  const controller = () =>
    memcachedClusterReconciler({
      store: stored.store,
      engines: [{ kind: 'memcached', version: '1.6.18', path: '/usr/bin/memcached', ...program }],
      mostConnections: 10_000,
      provider: cutAfter(machine.open(), effect),
      memcached: memcached.engine,
      now: () => clock,
      clock: { now: () => new Date(clock) },
      onEffect: effect,
    })
  let reconciler = controller()

  /** One turn; true when nothing was to do. A crash loses everything the controller had in memory. */
  async function turn(): Promise<boolean> {
    const context = await reconciler.load(arn)
    if (!context) return true
    const look = await reconciler.observe(context)
    const step = reconciler.plan(context, look)
    await reconciler.report(context, look, step, { repeats: 0, trouble: undefined })
    clock += 100
    if (!step) return true
    if (step.do === 'wait') return false
    try {
      await reconciler.perform(step, context, look)
    } catch (error) {
      if (error instanceof Crash) {
        effectsLeft = Number.POSITIVE_INFINITY
        reconciler = controller()
      }
    }
    return false
  }

  const everything = () => machine.open().everything()
  /** What clients are told; undefined while nobody answers them, or there is no list yet. */
  async function told(): Promise<Membership | undefined> {
    const discovery = (await everything()).find(({ node }) => node === discoveryNode)
    if (!discovery?.running || discovery.frozen) return undefined
    return memcached.engine.observeDiscovery(discovery.place)
  }

  return {
    machine,
    stored,
    turn,
    everything,
    told,
    at: (time: Date) => (clock = time.getTime()),
    crashAfter: (effects: number) => (effectsLeft = effects),
    /** As ModifyCacheCluster does: the first nodes go, or the lowest free ids come. */
    resize: (count: number) =>
      stored.change(desired => {
        const added = freeCacheNodeIds(
          desired.nodes.map(node => node.id),
          Math.max(0, count - desired.nodes.length),
        )
        const kept = desired.nodes.slice(Math.max(0, desired.nodes.length - count))
        return { ...desired, nodes: [...kept, ...added.map(aNode)].toSorted((a, b) => (a.id < b.id ? -1 : 1)) }
      }),
    /** Turns until nothing is to do, or the bound. */
    async converge(turns: number): Promise<number> {
      for (let i = 1; i <= turns; i++) if (await turn()) return i
      return Number.POSITIVE_INFINITY
    },
  }
}

export type MemcachedWorld = ReturnType<typeof aMemcachedWorld>

/** The provider of a controller that may die right behind each of its effects. */
function cutAfter(provider: NodeProvider, effect: () => void): NodeProvider {
  const cut =
    <A extends unknown[], R>(work: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const result = await work(...given)
      effect()
      return result
    }
  return {
    ...provider,
    place: cut(provider.place),
    start: cut(provider.start),
    stop: cut(provider.stop),
    cutOff: cut(provider.cutOff),
    remove: cut(provider.remove),
  }
}
