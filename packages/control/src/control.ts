/**
 * Control as the composition root sees it: start, look once, keep desired true, stop.
 * Stopping leaves every node running; the next start finds and adopts them.
 */
import { randomBytes } from 'node:crypto'
import type {
  Arn,
  CacheEngine,
  Clock,
  Condition,
  Doorbell,
  EndpointProvider,
  InstalledEngine,
  NodeProvider,
  NodeRef,
  Store,
} from '@hotshelf/domain'
import { heartbeat } from './failure-detector/heartbeat.ts'
import { defaultPatience, type Patience } from './failure-detector/verdict.ts'
import { type GroupReconciler, replicationGroupReconciler } from './replication-group/reconciler.ts'
import type { GroupStep } from './replication-group/steps.ts'
import { createWorker, type WorkerLog } from './runtime/worker.ts'

export interface ControlOptions {
  readonly store: Store
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly engine: CacheEngine
  readonly engines: readonly InstalledEngine[]
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

export interface PlannedStep {
  readonly arn: Arn
  /** Undefined when nothing is to do. */
  readonly next: GroupStep | undefined
  readonly conditions: readonly Condition[]
}

export interface Control {
  start(): Promise<void>
  /** Resolves when every resource that existed at the start was looked at once. */
  firstLook(): Promise<void>
  /** What would be done next and why; changes nothing. Undefined when there is no such group. */
  planOf(arn: Arn): Promise<PlannedStep | undefined>
  stop(): Promise<void>
}

export function createControl(options: ControlOptions): Control {
  const { engine, provider, patience = defaultPatience } = options
  const now = (): number => performance.now()
  const pulse = heartbeat({ engine, provider, patience, now, ring: group => options.doorbell.ring(group) })
  const reconciler: GroupReconciler = replicationGroupReconciler({
    ...options,
    patience,
    heartbeat: pulse,
    onEffect: options.onEffect ?? (() => {}),
    now,
    newPassword: () => randomBytes(24).toString('base64url'),
  })
  const list = async (): Promise<readonly Arn[]> =>
    (await options.store.replicationGroups.listEverywhere()).map(row => row.arn)
  const { doorbell, holder, log } = options
  const worker = createWorker({ reconciler, leases: options.store.leases, doorbell, holder, log, list })
  const unsubscribe: (() => void)[] = []
  return {
    async start() {
      await nameStrays(options)
      unsubscribe.push(options.provider.onExit(node => doorbell.ring(node.group)))
      unsubscribe.push(options.engine.onLost(place => doorbell.ring(place.group)))
      await worker.start()
    },
    firstLook: () => worker.firstLook(),
    async planOf(arn) {
      const desired = await reconciler.load(arn)
      if (!desired) return undefined
      const next = reconciler.plan(desired, await reconciler.observe(desired))
      return { arn, next, conditions: desired.row.observation?.conditions ?? [] }
    },
    async stop() {
      for (const off of unsubscribe) off()
      pulse.stop()
      await worker.stop()
    },
  }
}

/**
 * Nodes whose group is not known here. A deletion that was cut cannot leave any (the row goes last), a lost database can:
 * then they may hold the only copy of somebody's data, so they are named and left alone.
 */
async function nameStrays(options: ControlOptions): Promise<void> {
  const known = new Set<string>((await options.store.replicationGroups.listEverywhere()).map(row => row.arn))
  const strays: readonly NodeRef[] = (await options.provider.everything()).filter(node => !known.has(node.group))
  for (const stray of strays) {
    options.log.warn(`${stray.node} belongs to no group that is known here; leaving it untouched (${stray.group})`)
  }
}
