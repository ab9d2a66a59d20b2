/**
 * A model world: one group, its engines, machine and store in memory, and a controller whose turns a test takes one by one.
 * It measures the planner, lets a second controller interfere, and runs in tests and in `npm run bench scale` alike.
 */
import { createHash } from 'node:crypto'
import {
  type Arn,
  type Durability,
  type EventRecord,
  evenSlots,
  formatSlotRanges,
  nodeId,
  type Observation,
  type ReplicationGroupDesired,
  type ReplicationGroupObserved,
  type ReplicationGroupRow,
  shardId,
  type Store,
  type UserGroupRow,
  type UserRow,
} from '@hotshelf/domain'
import { fakeEndpoints, fakeEngines, fakeMachine } from '@hotshelf/testkit'
import { replicationGroupReconciler } from '../src/replication-group/reconciler.ts'

export const arn = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:g' as Arn

export interface Shape {
  readonly shards: number
  readonly replicas: number
  readonly automaticFailover: boolean
  /** Default: the newest. */
  readonly engine?: Pick<ReplicationGroupDesired, 'engine' | 'engineVersion' | 'parameterGroup'>
  readonly durability?: Durability
}

export const valkey = { engine: 'valkey', engineVersion: '8.0', parameterGroup: 'default.valkey8' } as const
export const redis = { engine: 'redis', engineVersion: '7.1', parameterGroup: 'default.redis7' } as const

export function aRow({ shards, replicas, automaticFailover, engine = valkey, durability }: Shape): ReplicationGroupRow {
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
      durability,
      targetPrimary: {},
    },
  }
}

export interface ModelUser {
  readonly id: string
  readonly name: string
  readonly accessString: string
}

/** Of the user's id, which is what he logs in with. */
const passwordHash = (of: string): string =>
  createHash('sha256')
    .update(of.slice(of.lastIndexOf(':') + 1))
    .digest('hex')

const common = {
  account: '000000000000',
  region: 'us-east-1',
  pending: undefined,
  createdAt: new Date(0),
  deleteRequestedAt: undefined,
  observation: undefined,
}

const aUser = ({ id, name, accessString }: ModelUser, generation: number): UserRow => ({
  ...common,
  arn: `${arn}:user:${id}` as Arn,
  kind: 'user',
  name: id,
  generation,
  desired: {
    id,
    name,
    engine: 'valkey',
    accessString,
    authentication: 'password',
    passwordCount: 1,
    passwordVersion: generation,
  },
})

const aUserGroup = (userIds: readonly string[], generation: number): UserGroupRow => ({
  ...common,
  arn: `${arn}:usergroup:users` as Arn,
  kind: 'user-group',
  name: 'users',
  generation,
  desired: { id: 'users', engine: 'valkey', userIds },
})

/** As much of a store as one group needs, with no disk under it. */
function aStore(row: ReplicationGroupRow): {
  store: Store
  row(): ReplicationGroupRow | undefined
  change(change: (desired: ReplicationGroupDesired) => ReplicationGroupDesired): Promise<unknown>
  setPending(pending: Partial<ReplicationGroupDesired>): void
  readonly events: readonly EventRecord[]
  remove(): void
  /** Users and the group that has them all; the cache is modified, as services do it. */
  setUsers(users: readonly ModelUser[]): Promise<unknown>
} {
  let current: ReplicationGroupRow | undefined = row
  const secrets = new Map<string, string>()
  const events: EventRecord[] = []
  let users: readonly UserRow[] = []
  let running: Promise<unknown> = Promise.resolve()
  let group = aUserGroup([], 0)
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
    repository: (kind: string) => ({
      list: async () => users,
      find: async () => (kind === 'user-group' ? group : undefined),
    }),
    observations: {
      get: async () => current?.observation,
      put: async (_: Arn, observation: Observation<ReplicationGroupObserved>) => {
        // Through JSON, as a database would.
        if (current) current = { ...current, observation: structuredClone(observation) }
      },
    },
    secrets: {
      get: async (of: Arn, name: string) => (name === 'passwords' ? passwordHash(of) : secrets.get(name)),
      put: async (_: Arn, name: string, secret: string) => void secrets.set(name, secret),
    },
    events: { append: async (_: unknown, event: EventRecord) => void events.push(event) },
    // One after the other, as in a database.
    transaction: (work: (store: unknown) => Promise<unknown>) => {
      const done = running.then(() => work(part))
      running = done.catch(() => {})
      return done
    },
  }
  return {
    store: part as unknown as Store,
    row: () => current,
    setPending: pending => void part.replicationGroups.setPending(arn, pending),
    events,
    change: change => part.replicationGroups.change(arn, change),
    setUsers: async given => {
      group = aUserGroup(
        given.map(user => user.id),
        group.generation + 1,
      )
      users = given.map(user => aUser(user, group.generation))
      return part.replicationGroups.change(arn, desired => ({
        ...desired,
        userGroupIds: [group.desired.id],
        userAccessVersion: group.generation,
      }))
    },
    remove: () => {
      if (current) current = { ...current, generation: current.generation + 1, deleteRequestedAt: new Date(1) }
    },
  }
}

class Crash extends Error {}

export function aWorld(shape: Shape) {
  const engines = fakeEngines()
  const machine = fakeMachine(engines, () => new Date(clock))
  let provider = machine.open()
  const endpoints = fakeEndpoints().open()
  const stored = aStore(aRow(shape))
  let clock = 0
  let effectsLeft = Number.POSITIVE_INFINITY
  let crashes = 0
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
  const planMs: number[] = []
  let observations = 0

  /** One turn; true when nothing was to do. A crash loses everything the controller had in memory. */
  async function turn(): Promise<boolean> {
    const desired = await reconciler.load(arn)
    if (!desired) return true
    const observed = await reconciler.observe(desired)
    observations += [...observed.nodes.values()].filter(node => node.running).length
    const began = performance.now()
    const step = reconciler.plan(desired, observed)
    planMs.push(performance.now() - began)
    await reconciler.report(desired, observed, step, { repeats: 0, trouble: undefined })
    clock += 100
    engines.beat()
    if (!step) return true
    if (step.do === 'wait') return false
    try {
      await reconciler.perform(step, desired, observed)
    } catch (error) {
      if (error instanceof Crash) {
        crashes += 1
        effectsLeft = Number.POSITIVE_INFINITY
        provider = machine.open()
        reconciler = controller()
      }
    }
    return false
  }

  /** Another controller looks and decides; what it returns does the deed, later, on a world that went on meanwhile. */
  async function rival(): Promise<() => Promise<void>> {
    const other = controller()
    const desired = await other.load(arn)
    if (!desired) return async () => {}
    const observed = await other.observe(desired)
    const step = other.plan(desired, observed)
    if (!step || step.do === 'wait') return async () => {}
    return () => other.perform(step, desired, observed).catch(() => {})
  }

  return {
    engines,
    rival,
    /** How long each plan took, and how many nodes were asked in all. */
    planMs,
    observations: () => observations,
    machine,
    stored,
    turn,
    crashAfter: (effects: number) => (effectsLeft = effects),
    crashes: () => crashes,
    nodes: () => machine.open().everything(),
    /** Turns until nothing is to do, or the bound. */
    async converge(turns: number): Promise<number> {
      for (let i = 1; i <= turns; i++) if (await turn()) return i
      return Number.POSITIVE_INFINITY
    },
  }
}

export type World = ReturnType<typeof aWorld>
