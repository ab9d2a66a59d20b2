/**
 * Control as the composition root sees it: start, look once, keep desired true, stop.
 * Stopping leaves every node running; the next start finds and adopts them.
 */
import { randomBytes } from 'node:crypto'
import type {
  Arn,
  Buckets,
  CacheEngine,
  Clock,
  Condition,
  DataFormat,
  Doorbell,
  EndpointProvider,
  InstalledEngine,
  MemcachedEngine,
  NodeProvider,
  NodeRef,
  ShardId,
  SnapshotRow,
  SnapshotStorage,
  Store,
  UserDesired,
} from '@hotshelf/domain'
import { heartbeat } from './failure-detector/heartbeat.ts'
import { snapshotKeeper } from './maintenance/snapshot-keeper.ts'
import { defaultPatience, type Patience } from './failure-detector/verdict.ts'
import { iamAdmission } from './access/iam-admission.ts'
import { userReconciler, type UserStep } from './access/user-reconciler.ts'
import { clustersIn } from './cache-cluster/load.ts'
import { memcachedClusterReconciler } from './cache-cluster/reconciler.ts'
import type { ClusterStep } from './cache-cluster/steps.ts'
import { groupRestores } from './replication-group/restoring.ts'
import { type GroupReconciler, replicationGroupReconciler } from './replication-group/reconciler.ts'
import type { GroupStep } from './replication-group/steps.ts'
import { eitherReconciler } from './runtime/either.ts'
import type { Reconciler } from './runtime/reconciler.ts'
import { activeSnapshots } from './snapshot/active.ts'
import { snapshotsIn } from './snapshot/find-group.ts'
import { openStored, storedAt } from './snapshot/stored-parts.ts'
import { snapshotReconciler } from './snapshot/reconciler.ts'
import type { SnapshotStep } from './snapshot/steps.ts'
import { createWorker, type WorkerLog } from './runtime/worker.ts'

export interface ControlOptions {
  readonly store: Store
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly engine: CacheEngine
  /** Left out where no Memcached is to be run. */
  readonly memcached?: MemcachedEngine
  readonly engines: readonly InstalledEngine[]
  readonly snapshots: SnapshotOptions
  readonly doorbell: Doorbell
  readonly clock: Clock
  readonly log: WorkerLog
  readonly onEffect?: (name: string) => void
  /** When a node that does not answer counts as lost. */
  readonly patience?: Patience
  /**
   * Who takes leases. The same for every run on one data directory, of which only one runs at a time: a server that was
   * killed goes on at once when it comes back, instead of waiting for its own lease to run out.
   */
  readonly holder: string
}

export interface SnapshotOptions {
  readonly storage: SnapshotStorage
  readonly format: DataFormat
  /** Left out where no bucket can be reached. */
  readonly buckets?: Buckets
  /** Opens a customer's file, `s3://bucket/key` or `file:///path`. */
  readonly openSeed?: (uri: string) => Promise<AsyncIterable<Uint8Array>>
}

export interface PlannedStep {
  readonly arn: Arn
  /** Undefined when nothing is to do. */
  readonly next: AnyStep | undefined
  readonly conditions: readonly Condition[]
}

export interface Control {
  start(): Promise<void>
  /** Resolves when every resource that existed at the start was looked at once. */
  firstLook(): Promise<void>
  /** What would be done next and why; changes nothing. Undefined when there is no such group. */
  planOf(arn: Arn): Promise<PlannedStep | undefined>
  /** Its stored parts, as plain bytes that were held to their checksums. Undefined when there is no such snapshot. */
  readSnapshot(arn: Arn): Promise<StoredSnapshot | undefined>
  stop(): Promise<void>
}

export interface StoredSnapshot {
  readonly row: SnapshotRow
  open(shard: ShardId): Promise<AsyncIterable<Uint8Array>>
}

/** Whichever kind of resource an ARN is of. `load` tells what was looked at; nobody else looks inside. */
type AnyReconciler = Pick<Reconciler<unknown, unknown, AnyStep>, 'load' | 'observe' | 'plan'>

type AnyStep = GroupStep | ClusterStep | SnapshotStep | UserStep

export function createControl(options: ControlOptions): Control {
  const { engine, provider, memcached, patience = defaultPatience } = options
  const now = (): number => performance.now()
  const onEffect = options.onEffect ?? (() => {})
  const pulse = heartbeat({ engine, provider, patience, now, ring: group => options.doorbell.ring(group) })
  const active = activeSnapshots(options.doorbell)
  const snapshots = snapshotReconciler({ ...options, ...bucketsOf(options), active, onEffect, now })
  const restores = groupRestores({ ...options, ...bucketsOf(options), onEffect, now })
  const groups: GroupReconciler = replicationGroupReconciler({
    ...options,
    restore: restores.restore,
    restoreJob: restores.look,
    snapshotting: active.nodesOf,
    patience,
    heartbeat: pulse,
    onEffect,
    now,
    newPassword: () => randomBytes(24).toString('base64url'),
  })
  const { doorbell, holder, log } = options
  const list = (): Promise<readonly Arn[]> => everyArn(options.store)
  const common = { leases: options.store.leases, doorbell, holder, log, list }
  const clusters = memcached && {
    ...options,
    memcached,
    patience,
    onEffect,
    now,
    mostConnections: memcached.mostConnections,
  }
  const beside = eitherReconciler(snapshots.reconciler, userReconciler({ store: options.store, onEffect }))
  const groupsAndBeside = eitherReconciler(groups, beside)
  const every = clusters && eitherReconciler(groupsAndBeside, memcachedClusterReconciler(clusters))
  const worker = every
    ? createWorker({ ...common, reconciler: every })
    : createWorker({ ...common, reconciler: groupsAndBeside })
  const reconciler = (every ?? groupsAndBeside) as AnyReconciler
  const admission = iamAdmission(options)
  const keeper = snapshotKeeper(options)
  const unsubscribe: (() => void)[] = []
  return {
    async start() {
      await nameStrays(options)
      unsubscribe.push(options.provider.onExit(node => doorbell.ring(node.group)))
      unsubscribe.push(options.engine.onLost(place => doorbell.ring(place.group)))
      if (memcached) unsubscribe.push(memcached.onLost(place => doorbell.ring(place.group)))
      await worker.start()
      admission.start()
      keeper.start()
    },
    firstLook: () => worker.firstLook(),
    async planOf(arn) {
      const desired = await reconciler.load(arn)
      if (!desired) return undefined
      const next = reconciler.plan(desired, await reconciler.observe(desired))
      const seen = await options.store.observations.get(arn)
      return { arn, next, conditions: seen?.conditions ?? [] }
    },
    async readSnapshot(arn) {
      const row = await snapshotsIn(options.store).get(arn)
      const places = { store: options.store, storage: options.snapshots.storage, clock: options.clock }
      return row && { row, open: shard => openStored(places, storedAt(row, shard)) }
    },
    async stop() {
      for (const off of unsubscribe) off()
      keeper.stop()
      pulse.stop()
      await admission.stop()
      await worker.stop()
      await Promise.all([snapshots.jobs.stopAll(), restores.jobs.stopAll()])
    },
  }
}

const bucketsOf = ({ snapshots }: ControlOptions) => ({
  storage: snapshots.storage,
  format: snapshots.format,
  buckets: snapshots.buckets,
  openSeed: snapshots.openSeed,
})

async function everyArn(store: Store): Promise<readonly Arn[]> {
  const [groups, clusters, snapshots, users] = await Promise.all([
    store.replicationGroups.listEverywhere(),
    clustersIn(store).listEverywhere(),
    snapshotsIn(store).listEverywhere(),
    store.repository<UserDesired>('user').listEverywhere(),
  ])
  // Of users only their end is control's business.
  return [...groups, ...clusters, ...snapshots, ...users.filter(user => user.deleteRequestedAt)].map(row => row.arn)
}

/**
 * Nodes whose group is not known here. A deletion that was cut cannot leave any (the row goes last), a lost database can:
 * then they may hold the only copy of somebody's data, so they are named and left alone.
 */
async function nameStrays(options: ControlOptions): Promise<void> {
  const known = new Set<string>(await everyArn(options.store))
  const strays: readonly NodeRef[] = (await options.provider.everything()).filter(node => !known.has(node.group))
  for (const stray of strays) {
    options.log.warn(`${stray.node} belongs to no group that is known here; leaving it untouched (${stray.group})`)
  }
}
