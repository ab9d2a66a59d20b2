/** The feeding of first data to groups, as their turns see it: begun, and looked at. */
import { type Arn, BadData, type Doorbell, type NodeId, NoSuchFile } from '@hotshelf/domain'
import { createJobs, type JobLook, type Jobs } from '../snapshot/jobs.ts'
import { type BringOptions, bringData } from './bring-data.ts'
import type { Restoring } from './performers/turn.ts'

export interface RestoreLook extends JobLook {
  /** Nodes that were given everything; they may not have loaded it yet. */
  readonly fed: ReadonlySet<NodeId>
}

export interface GroupRestores {
  readonly restore: Restoring
  readonly jobs: Pick<Jobs, 'stopAll'>
  look(group: Arn): RestoreLook | undefined
}

export function groupRestores(
  options: BringOptions & { readonly doorbell: Doorbell; readonly now: () => number },
): GroupRestores {
  const isHopeless = (error: unknown): boolean => error instanceof BadData || error instanceof NoSuchFile
  const jobs = createJobs({ now: options.now, isHopeless })
  const fed = new Map<Arn, Set<NodeId>>()
  return {
    jobs,
    look(group) {
      const job = jobs.look(group)
      return job && { ...job, fed: fed.get(group) ?? new Set() }
    },
    restore: {
      begin(group, nodes) {
        const done = fed.get(group.arn) ?? new Set()
        fed.set(group.arn, done)
        for (const node of nodes) done.delete(node)
        jobs.begin(
          group.arn,
          handle => bringData(options, group, nodes, { ...handle, onFed: node => void done.add(node) }),
          () => options.doorbell.ring(group.arn),
        )
      },
    },
  }
}
