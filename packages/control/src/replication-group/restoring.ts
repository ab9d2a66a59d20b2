/** The bringing of first data to groups, as their turns see it: begun, looked at, and what was taken away again. */
import { type Arn, BadData, type Doorbell, NoSuchFile } from '@hotshelf/domain'
import { createJobs, type Jobs } from '../snapshot/jobs.ts'
import { type BringOptions, bringData } from './bring-data.ts'
import type { Restoring } from './performers/turn.ts'

export interface GroupRestores {
  readonly restore: Restoring
  readonly jobs: Jobs
  dataIsDiscarded(group: Arn): boolean
}

export function groupRestores(
  options: BringOptions & { readonly doorbell: Doorbell; readonly now: () => number },
): GroupRestores {
  const isHopeless = (error: unknown): boolean => error instanceof BadData || error instanceof NoSuchFile
  const jobs = createJobs({ now: options.now, isHopeless })
  const discarded = new Set<Arn>()
  return {
    jobs,
    dataIsDiscarded: group => discarded.has(group),
    restore: {
      begin(group, nodes) {
        discarded.delete(group.arn)
        jobs.begin(
          group.arn,
          handle => bringData(options, group, nodes, handle),
          () => options.doorbell.ring(group.arn),
        )
      },
      discarded: group => void discarded.add(group),
    },
  }
}
