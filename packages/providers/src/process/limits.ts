/**
 * What the system allows us to say about a node's share of the machine. Wishes, not promises: what is not permitted
 * (raising priority, /proc elsewhere than on Linux) is left as it is.
 */
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

export interface Limits {
  /** -20 (first) to 19 (last). */
  readonly nice?: number
  /** -1000 (never) to 1000 (first) to be ended by the kernel when memory runs out. */
  readonly oomScoreAdjust?: number
}

export function applyLimits(pid: number, limits: Limits): void {
  // A core file would hold everything that the node holds in memory; without this it holds registers and names.
  attempt(() => writeFileSync(`/proc/${pid}/coredump_filter`, '0'))
  if (limits.nice !== undefined) attempt(() => setPriority(pid, limits.nice ?? 0))
  if (limits.oomScoreAdjust !== undefined)
    attempt(() => writeFileSync(`/proc/${pid}/oom_score_adj`, String(limits.oomScoreAdjust)))
}

function attempt(change: () => void): void {
  try {
    change()
  } catch {
    // Not permitted, or the process is gone already, which its exit tells better.
  }
}
