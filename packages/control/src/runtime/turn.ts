/**
 * One turn: look, decide, write down what was seen, do one bounded thing. The only loop body in the system.
 * The report comes before the deed, so that a crash never hides what was about to happen; but for an urgent step that is
 * tried for the first time, whose outcome the next turn's report tells.
 */
import type { Arn } from '@hotshelf/domain'
import type { Progress, Reconciler, Step, Wait } from './reconciler.ts'
import type { StuckWatch } from './stuck.ts'

/** A converged world is looked at again after this long even when every ring of the doorbell was lost. */
export const resyncMs = 30_000

export interface Turn {
  /** What was performed or waited for; undefined when nothing was. */
  readonly step: Step | undefined
  readonly requeueInMs: number
}

export interface TurnHooks {
  /** Last check before the world is changed: still our lease? */
  mayPerform(): Promise<boolean>
  /** Milliseconds of a steady clock. */
  now(): number
  readonly stuck: StuckWatch
}

const isWait = (step: Step): step is Wait => step.do === 'wait'

export async function turn<D, O, S extends Step>(
  reconciler: Reconciler<D, O, S>,
  arn: Arn,
  hooks: TurnHooks,
): Promise<Turn> {
  const desired = await reconciler.load(arn)
  if (!desired) return { step: undefined, requeueInMs: Number.POSITIVE_INFINITY }
  const began = hooks.now()
  const observed = await reconciler.observe(desired)
  const lookMs = hooks.now() - began
  const step = reconciler.plan(desired, observed)
  const progress = hooks.stuck.see(arn, step, () => reconciler.digest(observed))
  const first = step && (isWait(step) || progress.repeats <= 1) && progress.trouble === undefined
  if (!first || !reconciler.isUrgent?.(step)) await reconciler.report(desired, observed, step, progress)
  if (!step) return { step, requeueInMs: resyncMs }
  if (isWait(step)) {
    const rest = reconciler.isUrgent?.(step) ? 0 : Math.min(lookMs, longestRestMs)
    return { step, requeueInMs: Math.max(rest, slowed(step.retryInMs, progress)) }
  }
  if (progress.holdMs > 0) return { step: undefined, requeueInMs: progress.holdMs }
  if (!(await hooks.mayPerform())) return { step: undefined, requeueInMs: resyncMs }
  await reconciler.perform(step, desired, observed)
  return { step, requeueInMs: 0 }
}

/**
 * A look at ninety nodes is work for them too: one after the other, looks would slow down what is waited for. Half of the
 * time is theirs.
 */
const longestRestMs = 1000

/** Waiting on a world that does not move costs less and less, up to a second between looks. */
const slowed = (ms: number, progress: Progress): number =>
  progress.repeats < 200 ? ms : Math.max(ms, Math.min(1000, ms * (progress.repeats / 100)))
