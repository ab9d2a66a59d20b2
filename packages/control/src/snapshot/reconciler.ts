/** The reconciler of snapshots, put together from its parts. */
import { type Arn, digestOf, isUnderWay, type NodeId, NoSuchBucket } from '@hotshelf/domain'
import type { Reconciler } from '../runtime/reconciler.ts'
import { type ActiveSnapshots } from './active.ts'
import type { SnapshotContext } from './context.ts'
import { findGroup, snapshotsIn } from './find-group.ts'
import { createJobs, type Jobs, turnstile } from './jobs.ts'
import { type SnapshotLook, snapshotObserver } from './observe.ts'
import { type PerformOptions, snapshotPerformer } from './perform.ts'
import { planSnapshot } from './plan.ts'
import { snapshotReporter } from './report.ts'
import { sourceNodes } from './source-node.ts'
import type { SnapshotStep } from './steps.ts'

export type SnapshotReconciler = Reconciler<SnapshotContext, SnapshotLook, SnapshotStep>

export interface SnapshotReconcilerOptions extends Omit<PerformOptions, 'jobs' | 'turnstile'> {
  readonly now: () => number
}

export function snapshotReconciler(options: SnapshotReconcilerOptions): {
  readonly reconciler: SnapshotReconciler
  readonly jobs: Jobs
} {
  const jobs = createJobs({ now: options.now, isHopeless: error => error instanceof NoSuchBucket })
  const perform = snapshotPerformer({ ...options, jobs, turnstile: turnstile(1) })
  const reconciler: SnapshotReconciler = {
    async load(arn) {
      const context = await loadSnapshot(arn, options)
      tellActive(options.active, arn, context)
      return context
    },
    observe: snapshotObserver(jobs),
    plan: planSnapshot,
    digest: look => digestOf([look.job?.failures, look.memory?.state, Object.keys(look.memory?.parts ?? {})]),
    report: snapshotReporter(options),
    perform: async (step, context, look) => {
      await perform(step, context, look)
      const { work } = context.row.desired
      // A group that waits for its last snapshot is looked at again as soon as that is there.
      if (work.do === 'take' && (step.do === 'finish' || step.do === 'remove-snapshot'))
        options.doorbell.ring(work.group)
    },
  }
  return { reconciler, jobs }
}

async function loadSnapshot(arn: Arn, { store }: SnapshotReconcilerOptions): Promise<SnapshotContext | undefined> {
  const row = await snapshotsIn(store).get(arn)
  if (!row) return undefined
  const { work } = row.desired
  if (work.do !== 'take')
    return { row, group: undefined, sourceIsThere: (await snapshotsIn(store).get(work.from)) !== undefined }
  const group = await findGroup(store, work.group)
  return { row, group, sourceIsThere: group !== undefined }
}

function tellActive(active: ActiveSnapshots, arn: Arn, context: SnapshotContext | undefined): void {
  const { row, group } = context ?? {}
  if (!row || !group || !isUnderWay(row)) return active.clear(arn)
  const nodes = row.desired.shards
    .map(shard => sourceNodes(group, shard)[0])
    .filter((node): node is NodeId => node !== undefined)
  active.set(arn, group.arn, nodes)
}
