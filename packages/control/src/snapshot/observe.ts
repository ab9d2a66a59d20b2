/** How far a snapshot is: what is stored, by our own notes, and the work under way. */
import type { SnapshotObserved } from '@hotshelf/domain'
import type { SnapshotContext } from './context.ts'
import type { JobLook, Jobs } from './jobs.ts'

export interface SnapshotLook {
  readonly memory: SnapshotObserved | undefined
  readonly job: JobLook | undefined
}

export const snapshotObserver =
  (jobs: Jobs) =>
  async ({ row }: SnapshotContext): Promise<SnapshotLook> => ({
    memory: row.observation?.observed,
    job: jobs.look(row.arn),
  })
