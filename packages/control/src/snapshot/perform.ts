/** Carries a snapshot's steps out. Order: parts, then the manifest, then the word to customers; for the end, files before row. */
import {
  type Clock,
  type Doorbell,
  manifestKey,
  type Observation,
  type ReplicationGroupObserved,
  type SnapshotRow,
  type Store,
} from '@hotshelf/domain'
import type { ActiveSnapshots } from './active.ts'
import type { SnapshotContext } from './context.ts'
import { failed, succeeded, tellSnapshot } from './events.ts'
import { snapshotsIn } from './find-group.ts'
import type { JobHandle, Jobs } from './jobs.ts'
import type { SnapshotLook } from './observe.ts'
import { missingParts } from './plan.ts'
import { noteOutcome, notePart } from './report.ts'
import type { SnapshotStep } from './steps.ts'
import { type PartOptions, storePart } from './store-part.ts'

export interface PerformOptions extends PartOptions {
  readonly jobs: Jobs
  readonly active: ActiveSnapshots
  readonly clock: Clock
  readonly doorbell: Doorbell
  /** Lets one shard at a time be read. */
  readonly turnstile: <T>(work: () => Promise<T>) => Promise<T>
  readonly onEffect: (name: string) => void
}

export function snapshotPerformer(options: PerformOptions) {
  const { jobs, store, clock, onEffect } = options
  return async (step: SnapshotStep, context: SnapshotContext, look: SnapshotLook): Promise<void> => {
    const { row } = context
    switch (step.do) {
      case 'wait':
        return
      case 'store-parts': {
        const done = (): void => options.doorbell.ring(row.arn)
        return jobs.begin(row.arn, handle => storeParts(options, context, look, handle), done)
      }
      case 'stop-work':
        return jobs.stop(row.arn)
      case 'finish':
        return finish(options, row)
      case 'give-up':
        await removeFiles(options, row)
        await store.transaction(async inside => {
          await noteOutcome(inside, row.arn, clock.now(), { state: 'failed', failure: step.trouble, parts: {} })
          await tellSnapshot(inside, row, failed(row, step.trouble), clock.now())
          await letGroupGo(options, inside, row)
        })
        onEffect('snapshot:failed')
        return jobs.forget(row.arn)
      case 'remove-snapshot':
        await removeFiles(options, row)
        await snapshotsIn(store).remove(row.arn)
        onEffect('row:removed')
        return jobs.forget(row.arn)
    }
  }
}

async function storeParts(
  options: PerformOptions,
  context: SnapshotContext,
  look: SnapshotLook,
  { signal, onBytes }: JobHandle,
): Promise<void> {
  const { row } = context
  for (const shard of missingParts(context, look)) {
    const part = await options.turnstile(async () => {
      signal.throwIfAborted()
      return storePart(options, { row, shard, signal, onBytes })
    })
    options.onEffect('snapshot:part-stored')
    await notePart(options.store, row.arn, options.clock.now(), shard.id, part)
    options.onEffect('snapshot:part-noted')
    onBytes(0)
  }
}

async function finish(options: PerformOptions, row: SnapshotRow): Promise<void> {
  const { store, clock, jobs, storage, onEffect } = options
  const { desired } = row
  if (desired.work.do !== 'export') {
    await storage.put(manifestKey(desired), manifestOf(row))
    onEffect('snapshot:manifest-stored')
  }
  await store.transaction(async inside => {
    await tellSnapshot(inside, row, succeeded(row), clock.now())
    if (desired.work.do === 'export') await snapshotsIn(inside).remove(row.arn)
    else await noteOutcome(inside, row.arn, clock.now(), { state: 'available', failure: undefined })
    await letGroupGo(options, inside, row)
  })
  onEffect('snapshot:finished')
  jobs.forget(row.arn)
}

/**
 * In the transaction that tells customers of the outcome: who reads that the snapshot is there finds its group available, and
 * may ask for the next thing at once.
 */
async function letGroupGo({ active }: PerformOptions, inside: Store, { arn, desired }: SnapshotRow): Promise<void> {
  if (desired.work.do !== 'take') return
  const { group } = desired.work
  active.clear(arn)
  const seen: Observation<ReplicationGroupObserved> | undefined = await inside.observations.get(group)
  if (!seen?.observed.snapshotting || active.nodesOf(group).length > 0) return
  const { snapshotting: _, ...observed } = seen.observed
  await inside.observations.put(group, { ...seen, observed })
}

/** Enough to make the snapshot known again where the database is lost; no secret is in it. */
async function* manifestOf({ desired, arn, observation }: SnapshotRow): AsyncGenerator<Uint8Array> {
  const { source, shards, sealed, origin } = desired
  const text = {
    edition: 1,
    arn,
    name: desired.name,
    origin,
    source,
    sealed,
    shards,
    parts: observation?.observed.parts,
  }
  yield new TextEncoder().encode(`${JSON.stringify(text, undefined, 2)}\n`)
}

/** Of an export nothing is taken back: the bucket is the customer's. */
async function removeFiles({ storage, onEffect }: PerformOptions, { desired }: SnapshotRow): Promise<void> {
  if (desired.work.do === 'export') return
  // The manifest first: what is left when this is cut must not look whole.
  await storage.remove(manifestKey(desired))
  for (const { key } of await storage.list(`${desired.place}/`)) await storage.remove(key)
  onEffect('snapshot:files-removed')
}
