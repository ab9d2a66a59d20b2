/** Writes down how far a snapshot is, while it changes; the outcome itself is written by the step that brings it about. */
import {
  type Arn,
  type Clock,
  type Condition,
  digestOf,
  type ShardId,
  type SnapshotObserved,
  type SnapshotPart,
  type Store,
} from '@hotshelf/domain'
import type { Progress } from '../runtime/reconciler.ts'
import type { SnapshotContext } from './context.ts'
import type { SnapshotLook } from './observe.ts'
import type { SnapshotStep } from './steps.ts'

export interface ReportOptions {
  readonly store: Store
  readonly clock: Clock
}

/** Coarse: every byte that is stored would be a write of the observation. */
const told = 4 << 20

const nothing: SnapshotObserved = { state: 'working', parts: {}, bytesUnderWay: 0, failure: undefined }

export function snapshotReporter({ store, clock }: ReportOptions) {
  const written = new Map<Arn, string>()
  return async (
    { row }: SnapshotContext,
    look: SnapshotLook,
    next: SnapshotStep | undefined,
    progress: Progress,
  ): Promise<void> => {
    if (row.deleteRequestedAt || !next) return void written.delete(row.arn)
    const bytesUnderWay = look.job?.running ? Math.floor(look.job.bytes / told) * told : 0
    const failure = look.job?.trouble ?? progress.trouble
    const digest = digestOf([next.do, Object.keys(look.memory?.parts ?? {}), bytesUnderWay, failure])
    if (written.get(row.arn) === digest) return
    await write(store, row.arn, clock.now(), { bytesUnderWay, failure }, next.why)
    written.set(row.arn, digest)
  }
}

/** Over what is there: parts are added by the work under way, and must not be lost here. */
async function write(
  store: Store,
  arn: Arn,
  at: Date,
  changes: Partial<SnapshotObserved>,
  message: string,
): Promise<void> {
  await store.transaction(async inside => {
    const last = await inside.observations.get<SnapshotObserved>(arn)
    const observed = { ...(last?.observed ?? nothing), ...changes }
    const conditions: readonly Condition[] =
      observed.state === 'working'
        ? [{ type: 'Progressing', ok: true, reason: 'Storing', message, since: at }]
        : [{ type: 'Ready', ok: observed.state === 'available', reason: 'Done', message, since: at }]
    await inside.observations.put(arn, { generation: 1, observed, conditions, seenAt: at })
  })
}

export async function notePart(store: Store, arn: Arn, at: Date, shard: ShardId, part: SnapshotPart): Promise<void> {
  await store.transaction(async inside => {
    const last = await inside.observations.get<SnapshotObserved>(arn)
    const parts = { ...last?.observed.parts, [shard]: part }
    await write(inside, arn, at, { parts, bytesUnderWay: 0, failure: undefined }, `stored shard ${shard}`)
  })
}

export const noteOutcome = (
  store: Store,
  arn: Arn,
  at: Date,
  outcome: Pick<SnapshotObserved, 'state' | 'failure'> & Partial<SnapshotObserved>,
): Promise<void> => write(store, arn, at, { bytesUnderWay: 0, ...outcome }, outcome.failure ?? 'every part is stored')
